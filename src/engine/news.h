#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.h"

namespace sosie {

/// Wakes a thread that waits for something new. Any thread may tell.
class News {
 public:
  void tell() {
    const std::scoped_lock lock(mutex_);
    has_come_ = true;
    came_.notify_one();
  }

  /// Until something was told since the last wait, `patience` is over, or `stop` is asked.
  void wait(const std::stop_token& stop, Duration patience) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, stop, patience, [this] { return has_come_; });
    has_come_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any came_;
  bool has_come_ = false;
};

/// For `pause`, or until `stop` is asked.
inline void rest(const std::stop_token& stop, Duration pause) {
  News().wait(stop, pause);
}

}  // namespace sosie
