#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace sosie {

/// Microseconds since the epoch, UTC. Every instant in Sosie is one of these.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// The only place time comes from. Tests and replays turn a ManualClock by hand, so an hour of
/// plant runs in a second and ends the same way every time.
///
/// Threads: all functions may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;

  /// Returns when now() >= `until`, or earlier when `stop` is requested.
  virtual void sleep(Timestamp until, std::stop_token stop) = 0;
};

/// The computer's clock.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  void sleep(Timestamp until, std::stop_token stop) override;
};

/// The computer's clock, moved and run at another speed: a plant lived 60 times faster.
/// Speed 0 stands still and is moved by `advance` alone ("as fast as possible").
class ScaledClock final : public Clock {
 public:
  ScaledClock(Timestamp start, double speed);

  Timestamp now() const override;
  void sleep(Timestamp until, std::stop_token stop) override;

  double speed() const;
  void set_speed(double speed);

  /// Moves forward to `to`; a time that has passed changes nothing.
  void advance(Timestamp to);

 private:
  Timestamp now_locked() const;

  mutable std::mutex mutex_;
  std::condition_variable_any turned_;
  Timestamp origin_;
  std::chrono::steady_clock::time_point since_;
  double speed_;
};

/// A clock that moves only when told to. `sleep` returns once `set` has gone far enough.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = {}) : now_(start) {}

  Timestamp now() const override;
  void sleep(Timestamp until, std::stop_token stop) override;
  void set(Timestamp now);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any turned_;
  Timestamp now_;
};

/// CPU and wall measurement of our own work (latency figures); never event time.
inline std::chrono::steady_clock::time_point stopwatch() {
  return std::chrono::steady_clock::now();
}

inline double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(stopwatch() - began).count();
}

/// CPU time that the calling thread has used so far, in seconds.
double thread_cpu_s();

}  // namespace sosie
