#include "app/service.h"

#include "base/clock.h"

namespace sosie::app {

Result<Service> Service::create(Section scenario, const Catalog& catalog, const Options& options) {
  web::Site::Options site_options;
  site_options.version = SOSIE_VERSION;
  site_options.started = SystemClock().now();
  site_options.port = options.port;
  site_options.attempts = options.attempts;
  site_options.insecure = options.insecure;
  site_options.listeners = options.listeners;
  site_options.on_alert = options.on_alert;
  auto site = TRY(web::Site::create(scenario, catalog, site_options));
  auto engine = TRY(Engine::create(scenario, catalog, options.engine));
  TRY(scenario.finish());
  return Service(std::move(engine), std::move(site));
}

Result<void> Service::start() {
  TRY(site_->open(*engine_));
  TRY(engine_->start());
  return site_->start();
}

void Service::stop() {
  site_->stop();
  engine_->stop();
}

bool Service::wait_for_history(const std::stop_token& stop) const {
  const Simulator* simulator = engine_->simulator();
  SystemClock clock;
  while (simulator != nullptr && simulator->status().catching_up && !stop.stop_requested()) {
    clock.sleep(clock.now() + std::chrono::milliseconds(20), stop);
  }
  return !stop.stop_requested();
}

}  // namespace sosie::app
