#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/alarm.h"
#include "core/notifier.h"
#include "core/series.h"

namespace sosie::web {

/// Passes received alerts on by one notifier, on a thread of its own: in order, each step until it
/// was heard. Where it fails it tries again after 1 s, 2 s, 4 s … up to a minute. Of 10,000 that
/// wait the oldest give way.
///
/// Threads: any but the constructor, `start` and `stop`.
class AlertCourier {
 public:
  struct Due {
    std::uint64_t number = 0;  ///< growing
    AlarmEvent event;
  };
  /// A step was told. Called on the courier's thread.
  using Report = std::function<void(const Due& due)>;

  struct Status {
    std::string name;
    std::uint64_t told = 0;     ///< since the start
    std::uint64_t dropped = 0;  ///< gave way
    std::size_t waiting = 0;
    std::string error;  ///< why the first of them still waits; empty: it does not, or was not tried
  };

  AlertCourier(std::string name, Notifier& notifier, const SeriesTable& series, Report report)
      : name_(std::move(name)), notifier_(notifier), series_(series), report_(std::move(report)) {}

  void start();
  /// Ends after the attempt that is under way; what waits stays with the store.
  void stop();
  /// Returns the step that gave way for it.
  std::optional<Due> add(Due due);

  const std::string& name() const { return name_; }
  bool wants(const AlarmEvent& event) const { return notifier_.wants(event); }
  Status status() const;

 private:
  void run(const std::stop_token& stop);
  bool tell(const Due& due);

  const std::string name_;
  Notifier& notifier_;
  const SeriesTable& series_;
  const Report report_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Due> waiting_;  ///< the first is under way
  std::string error_;
  std::atomic<std::uint64_t> told_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::jthread thread_;
};

}  // namespace sosie::web
