#include "engine/notifier_runner.h"

#include <condition_variable>
#include <mutex>

#include "base/log.h"

namespace sosie {
namespace {

constexpr std::size_t steps_at_once = 100;
constexpr auto look_every = std::chrono::milliseconds(500);
constexpr auto after_failure = std::chrono::seconds(5);

}  // namespace

void NotifierRunner::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void NotifierRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void NotifierRunner::say(std::string error) {
  error_.with([&](std::string& now) {
    if (!error.empty() && error != now) log::warning(named_.name, "{}; trying again", error);
    now = std::move(error);
  });
}

bool NotifierRunner::tell(const LoggedAlarmEvent& logged) {
  if (!logged.event.alarm.shelved_until) {
    if (const auto told = named_.notifier->tell(logged.event, series_); !told) {
      say(told.error().what);
      return false;
    }
  }
  if (const auto kept = store_.set_cursor("notifier/" + named_.name, logged.number); !kept) {
    say(kept.error().what);
    return false;
  }
  say("");
  return true;
}

void NotifierRunner::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(look_every);
  while (!stop.stop_requested()) {
    pause = look_every;
    const auto cursor = store_.cursor("notifier/" + named_.name);
    const auto steps = cursor ? store_.alarm_events_after(*cursor, steps_at_once)
                              : Result<std::vector<LoggedAlarmEvent>>(cursor.error());
    if (!steps) {
      say(steps.error().what);
      pause = after_failure;
    } else {
      lag_ = steps->size();
      for (const auto& step : *steps) {
        if (stop.stop_requested()) return;
        if (!tell(step)) {
          pause = after_failure;
          break;
        }
        --lag_;
      }
    }
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, pause, [] { return false; });
  }
}

NotifierStatus NotifierRunner::status() const {
  return {named_.name, lag_.load(), error_.with([](const std::string& now) { return now; })};
}

}  // namespace sosie
