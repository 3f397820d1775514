#pragma once

// Only server.cc includes this, as connection.h.

#include <algorithm>
#include <cstdint>
#include <map>

#include "web/connection.h"

namespace sosie::web {

/// Answers that wait until a number is reached: that of the commit they tell of.
///
/// Threads: that of `io`.
class Releases {
 public:
  explicit Releases(asio::io_context& io) : io_(io) {}

  /// True as soon as `number` was let go; false when it was not in time.
  Task<bool> is_released(std::uint64_t number, std::chrono::milliseconds patience) {
    if (number <= reached_) co_return true;
    Timer bell(io_, stopwatch() + patience);
    const auto place = waiting_.emplace(number, &bell);
    co_await bell.async_wait(as_result);
    if (number <= reached_) co_return true;  // and let_go has taken it out
    waiting_.erase(place);
    co_return false;
  }

  void let_go(std::uint64_t number) {
    reached_ = std::max(reached_, number);
    const auto end = waiting_.upper_bound(reached_);
    for (auto it = waiting_.begin(); it != end; it = waiting_.erase(it)) it->second->cancel();
  }

  /// Nobody waits any longer.
  void give_up() {
    for (const auto& [number, bell] : waiting_) bell->cancel();
  }

 private:
  asio::io_context& io_;
  std::uint64_t reached_ = 0;
  std::multimap<std::uint64_t, Timer*> waiting_;  ///< by the number they wait for
};

}  // namespace sosie::web
