#include "engine/notifier_runner.h"

#include <algorithm>

#include "base/log.h"

namespace sosie {
namespace {

constexpr std::size_t steps_at_once = 100;
constexpr auto look_every = std::chrono::seconds(5);  ///< should no commit have told
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

void NotifierRunner::committed(std::span<const Parcel> parcels) {
  const auto has_steps = [](const Parcel& parcel) { return !parcel.alarms.empty(); };
  if (std::ranges::any_of(parcels, has_steps)) news_.tell();
}

/// False: something failed.
bool NotifierRunner::walk(const std::stop_token& stop) {
  if (!may_tell_()) return true;
  const auto cursor = store_.cursor("notifier/" + named_.name);
  const auto steps =
      cursor ? store_.alarm_events_after(*cursor, steps_at_once, Steps::of_ours_and_given_up)
             : Result<std::vector<LoggedAlarmEvent>>(cursor.error());
  if (!steps) {
    say(steps.error().what);
    return false;
  }
  lag_ = steps->size();
  for (const auto& step : *steps) {
    if (stop.stop_requested()) return true;
    if (!tell(step)) return false;
    --lag_;
  }
  if (steps->size() == steps_at_once) news_.tell();  // there may be more
  return true;
}

void NotifierRunner::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (walk(stop)) {
      news_.wait(stop, look_every);
    } else {
      rest(stop, after_failure);
    }
  }
}

NotifierStatus NotifierRunner::status() const {
  return {named_.name, lag_.load(), error_.with([](const std::string& now) { return now; })};
}

}  // namespace sosie
