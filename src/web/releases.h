#pragma once

// Only server.cc includes this, as connection.h.

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "web/connection.h"

namespace sosie::web {

/// Answers that wait until a number is reached: that of the commit they tell of.
///
/// Threads: that of the io_context.
class Releases {
 public:
  /// True as soon as `number` was let go; false when it was not in time, which `sweep` finds out.
  Task<bool> is_released(std::uint64_t number, std::chrono::milliseconds patience) {
    if (number <= reached_) co_return true;
    auto wait = [this, number, until = stopwatch() + patience](Resume resume) {
      waiting_.emplace(number, Waiter{until, std::move(resume)});
    };
    co_return co_await asio::async_initiate<const Token, void(bool)>(wait, Token());
  }

  void let_go(std::uint64_t number) {
    reached_ = std::max(reached_, number);
    // Who goes on may come back with a new wait, so each is taken out first.
    while (!waiting_.empty() && waiting_.begin()->first <= reached_) {
      take(waiting_.begin()).resume(true);
    }
  }

  /// Whose patience is over at `now` waits no longer.
  void sweep(Instant now) {
    const auto is_over = [&](const auto& entry) { return entry.second.until <= now; };
    for (;;) {
      const auto over = std::ranges::find_if(waiting_, is_over);
      if (over == waiting_.end()) return;
      take(over).resume(false);
    }
  }

 private:
  using Token = asio::use_awaitable_t<Executor>;
  using Resume = asio::async_result<Token, void(bool)>::handler_type;
  struct Waiter {
    Instant until;
    Resume resume;
  };
  using Waiting = std::multimap<std::uint64_t, Waiter>;  ///< by the number they wait for

  Waiter take(Waiting::iterator place) {
    auto waiter = std::move(place->second);
    waiting_.erase(place);
    return waiter;
  }

  std::uint64_t reached_ = 0;
  Waiting waiting_;
};

}  // namespace sosie::web
