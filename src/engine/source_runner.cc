#include "engine/source_runner.h"

#include <algorithm>

#include "base/log.h"
#include "engine/news.h"

namespace sosie {
namespace {

constexpr auto shortest_pause = std::chrono::seconds(1);
constexpr auto longest_pause = std::chrono::seconds(30);

}  // namespace

void SourceRunner::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void SourceRunner::join() {
  if (thread_.joinable()) thread_.join();
}

void SourceRunner::say(std::string state, std::string error) {
  said_.with([&](Said& said) { said = {std::move(state), std::move(error)}; });
}

void SourceRunner::run(const std::stop_token& stop) {
  auto pause = std::chrono::duration_cast<std::chrono::seconds>(shortest_pause);
  while (!stop.stop_requested()) {
    say("running", "");
    const auto before = door_.taken();
    const auto ended = named_.source->run(door_, stop);
    if (ended) break;
    log::warning(named_.name, "{}; trying again in {} s", ended.error().what, pause.count());
    troubles_.fetch_add(1, std::memory_order_relaxed);
    say("waiting", ended.error().what);
    if (door_.taken() != before) pause = shortest_pause;  // it did work for a while
    rest(stop, pause);
    pause = std::min<std::chrono::seconds>(pause * 2, longest_pause);
  }
  say("ended", "");
  ended_.store(true, std::memory_order_release);
}

SourceStatus SourceRunner::status() const {
  auto said = said_.with([](const Said& now) { return now; });
  auto own = named_.source->state();
  if (said.state == "running" && !own.trouble.empty()) said = {"waiting", std::move(own.trouble)};
  return {.name = named_.name,
          .kind = named_.kind,
          .state = std::move(said.state),
          .readings = door_.taken(),
          .refused = door_.refused(),
          .error = std::move(said.error),
          .lag = own.lag,
          .dead_letters = own.dead_letters,
          .troubles = own.troubles + troubles_.load(std::memory_order_relaxed),
          .contested = own.contested};
}

}  // namespace sosie
