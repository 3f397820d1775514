#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "base/guarded.h"
#include "engine/plan.h"
#include "engine/statistics.h"
#include "store/store.h"

namespace sosie {

/// Walks one notifier along the alarm log with a durable cursor: in order, each step told until it
/// was heard. Steps that only concern shelved alarms are passed over.
class NotifierRunner {
 public:
  NotifierRunner(NamedNotifier named, Store& store, const SeriesTable& series)
      : named_(std::move(named)), store_(store), series_(series) {}

  void start();
  void stop();
  NotifierStatus status() const;

 private:
  void run(const std::stop_token& stop);
  /// False: the step was not heard.
  bool tell(const LoggedAlarmEvent& logged);
  void say(std::string error);

  NamedNotifier named_;
  Store& store_;
  const SeriesTable& series_;
  mutable Guarded<std::string> error_;
  std::atomic<std::uint64_t> lag_{0};
  std::jthread thread_;
};

}  // namespace sosie
