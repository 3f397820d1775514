#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.h"

namespace sosie::mqtt {

/// What a socket may be waited for.
struct Readiness {
  bool readable = false;
  bool writable = false;
};

/// One wait on a socket with an end: a deadline, or a stop request, which wakes it at once.
class SocketWait {
 public:
  SocketWait(Duration patience, const std::stop_token& stop);
  ~SocketWait();
  SocketWait(const SocketWait&) = delete;
  SocketWait& operator=(const SocketWait&) = delete;

  /// Until the socket is ready, the deadline, or the stop. Wakes up each second anyway, for what
  /// must be done from time to time.
  Readiness wait(int socket, bool for_writing) const;

  bool is_stopped() const { return stop_.stop_requested(); }
  bool is_over() const { return is_stopped() || left() <= Duration::zero(); }

 private:
  Duration left() const;

  std::stop_token stop_;
  std::chrono::steady_clock::time_point deadline_;
  int wake_ = -1;  ///< an eventfd; -1: nothing to wake up from
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace sosie::mqtt
