#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "base/guarded.h"
#include "engine/commit_listener.h"
#include "engine/news.h"
#include "engine/plan.h"
#include "engine/statistics.h"
#include "store/store.h"

namespace sosie {

/// Walks one notifier along the alarm log with a durable cursor: in order, each step told until it
/// was heard. Steps that only concern shelved alarms are passed over.
class NotifierRunner final : public CommitListener {
 public:
  /// Whether alarms may go out yet. Any thread.
  using MayTell = std::function<bool()>;

  NotifierRunner(
      NamedNotifier named, Store& store, const SeriesTable& series,
      MayTell may_tell = [] { return true; })
      : named_(std::move(named)), store_(store), series_(series), may_tell_(std::move(may_tell)) {}

  void start();
  void stop();
  NotifierStatus status() const;
  void committed(std::span<const Parcel> parcels) override;

 private:
  void run(const std::stop_token& stop);
  bool walk(const std::stop_token& stop);
  /// False: the step was not heard.
  bool tell(const LoggedAlarmEvent& logged);
  void say(std::string error);

  NamedNotifier named_;
  Store& store_;
  const SeriesTable& series_;
  const MayTell may_tell_;
  mutable Guarded<std::string> error_;
  std::atomic<std::uint64_t> lag_{0};
  News news_;
  std::jthread thread_;
};

}  // namespace sosie
