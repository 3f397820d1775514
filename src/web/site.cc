#include "web/site.h"

#include "base/log.h"
#include "web/access.h"
#include "web/alert_desk.h"
#include "web/api.h"
#include "web/describe.h"
#include "web/ngsi_twin.h"
#include "web/pages.h"
#include "web/posted.h"
#include "web/server.h"
#include "web/session.h"

namespace sosie::web {
namespace {

using Endpoints = std::vector<std::unique_ptr<Endpoint>>;

void log_alert(const alerts::Alert& alert, alerts::Step step) {
  if (step == alerts::Step::repeated) return;
  log::info("alerts", "{} ({}): {}", to_text(alert.notice.priority), to_text(step),
            alert.sentence().en);
}

/// What belongs to one engine, from `start` to `stop`.
class Running {
 public:
  Running(Engine& engine, const Site::Options& options, std::span<const Listener> listeners,
          const Endpoints& endpoints, const NgsiOptions& ngsi, const AlertOptions& alerts,
          const MapFile& map)
      : figures_(engine),
        alerts_(alerts, engine, options.on_alert ? options.on_alert : AlertListener(log_alert)),
        devices_(engine.series(), engine.latest(),
                 static_cast<std::uint64_t>(to_ms(options.started))),
        feed_(engine, pulse_, [this] { return alerts_.version(); }),
        api_{engine,
             pulse_,
             feed_,
             figures_,
             alerts_,
             devices_,
             map,
             options.version,
             options.started,
             ngsi.broker.multiservice,
             ngsi.tokens.are_needed()},
        twin_(ngsi, engine),
        server_(
            {[this](Request& request) { return router_.answer(request); },
             [this](const Request& request) { return router_.is_quick(request); }, &twin_.guest()},
            {}) {
    api_.twin = &twin_;
    add_plant_routes(router_, api_);
    add_device_routes(router_, api_);
    add_zone_routes(router_, api_);
    add_limit_routes(router_, api_);
    add_rule_routes(router_, api_);
    add_history_routes(router_, api_);
    add_findings_routes(router_, api_);
    add_case_routes(router_, api_);
    add_model_routes(router_, api_);
    add_alarm_routes(router_, api_);
    add_alert_routes(router_, api_);
    add_score_routes(router_, api_);
    add_compliance_routes(router_, api_);
    add_simulator_routes(router_, api_);
    add_what_if_routes(router_, api_);
    add_system_routes(router_, api_);
    add_live_routes(router_, api_);
    add_metrics_routes(router_, api_);
    add_session_routes(router_, listeners);
    add_endpoint_routes(router_, endpoints, engine.intake());
    router_.otherwise([origin = map.tiles_origin()](Request& request) {
      auto served = serve_page(embedded_pages(), request);
      if (!origin.empty()) served.headers.push_back(policy_with_pictures(origin));
      return served;
    });
  }

  Server& server() { return server_; }

  Result<void> restore() {
    TRY(alerts_.restore());
    return twin_.restore();
  }
  Result<void> start() {
    feed_.start();
    const auto sown = twin_.start([this](std::uint64_t number) { server_.release(number); });
    alerts_.start();
    server_.start();
    api_.serving_after_us = (SystemClock().now() - api_.started).count();
    return sown;
  }
  void stop() {
    feed_.stop();  // first: its pages' connections end with it
    twin_.let_watchers_go();
    server_.stop();
    alerts_.stop();
    twin_.stop();
  }

 private:
  Pulse pulse_;
  Figures figures_;
  AlertDesk alerts_;
  Guarded<DeviceBoard> devices_;
  LiveFeed feed_;
  Api api_;
  Router router_;
  NgsiTwin twin_;
  Server server_;
};

class EngineSite final : public Site {
 public:
  EngineSite(std::vector<Listener> listeners, Endpoints endpoints, NgsiOptions ngsi,
             AlertOptions alerts, MapFile map, Options options)
      : listeners_(std::move(listeners)),
        endpoints_(std::move(endpoints)),
        ngsi_(std::move(ngsi)),
        alerts_(std::move(alerts)),
        map_(std::move(map)),
        options_(std::move(options)) {}
  ~EngineSite() override { stop(); }
  EngineSite(const EngineSite&) = delete;
  EngineSite& operator=(const EngineSite&) = delete;

  Result<void> open(Engine& engine) override {
    auto running =
        std::make_unique<Running>(engine, options_, listeners_, endpoints_, ngsi_, alerts_, map_);
    addresses_.clear();
    for (const auto& listener : listeners_) {
      const auto port = TRY(running->server().listen(listener, options_.attempts));
      if (listener.port != 0 && port != listener.port) {
        log::warning("web", "port {} is taken by another program; {} is used instead",
                     listener.port, port);
        engine.listener_moved(listener.port, port);
      }
      addresses_.push_back(listener.url(port));
    }
    running_ = std::move(running);
    return {};
  }

  Result<void> start() override {
    TRY(running_->restore());
    is_serving_ = true;
    return running_->start();
  }

  void stop() override {
    if (is_serving_) running_->stop();
    is_serving_ = false;
    running_.reset();
  }

  std::vector<std::string> addresses() const override { return addresses_; }

 private:
  const std::vector<Listener> listeners_;
  const Endpoints endpoints_;
  const NgsiOptions ngsi_;
  const AlertOptions alerts_;
  const MapFile map_;
  const Options options_;
  std::vector<std::string> addresses_;
  std::unique_ptr<Running> running_;
  bool is_serving_ = false;
};

}  // namespace

Result<std::unique_ptr<Site>> Site::create(Section& scenario, const Catalog& catalog,
                                           Options options) {
  auto listeners = TRY(read_listeners(scenario));
  if (!options.listeners.empty()) listeners = options.listeners;
  auto endpoints = TRY(read_endpoints(scenario, catalog));
  auto ngsi = TRY(read_ngsi_options(scenario));
  ngsi.broker.version = options.version;
  auto alerts = TRY(read_alert_options(scenario, catalog));
  auto map = TRY(read_map_file(scenario));
  if (options.port && !listeners.empty()) listeners.front().port = *options.port;
  for (auto& listener : listeners) {
    listener.insecure = listener.insecure || options.insecure;
    TRY(listener.check());
    if (listener.takes_alerts && !alerts.is_wanted) {
      return scenario.wrong("listener", "of kind \"alerts\" needs a table [alerts]");
    }
  }
  return std::make_unique<EngineSite>(std::move(listeners), std::move(endpoints), std::move(ngsi),
                                      std::move(alerts), std::move(map), std::move(options));
}

}  // namespace sosie::web
