#include "base/clock.h"

#include <algorithm>
#include <ctime>

namespace sosie {
namespace {

using std::chrono::duration_cast;
using std::chrono::steady_clock;

constexpr auto longest_nap = std::chrono::seconds(1);  // a clock that is set backward is noticed

}  // namespace

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

void SystemClock::sleep(Timestamp until, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    const Duration left = until - now();
    if (left <= Duration::zero()) return;
    never.wait_for(lock, stop, std::min<Duration>(left, longest_nap), [] { return false; });
  }
}

ScaledClock::ScaledClock(Timestamp start, double speed)
    : origin_(start), since_(steady_clock::now()), speed_(speed) {}

Timestamp ScaledClock::now_locked() const {
  const std::chrono::duration<double, std::micro> passed = steady_clock::now() - since_;
  return origin_ + Duration(static_cast<Duration::rep>(passed.count() * speed_));
}

Timestamp ScaledClock::now() const {
  const std::scoped_lock lock(mutex_);
  return now_locked();
}

void ScaledClock::sleep(Timestamp until, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Duration left = until - now_locked();
    if (left <= Duration::zero()) return;
    Duration nap = longest_nap;
    if (speed_ > 0) {
      const auto real_us = static_cast<double>(left.count()) / speed_ + 1;
      nap = std::min<Duration>(nap, Duration(static_cast<Duration::rep>(std::min(real_us, 1e6))));
    }
    // Another speed, or a leap: how long there is to sleep has to be asked anew.
    turned_.wait_for(lock, stop, nap, [&, since = since_] { return since_ != since; });
  }
}

double ScaledClock::speed() const {
  const std::scoped_lock lock(mutex_);
  return speed_;
}

void ScaledClock::set_speed(double speed) {
  const std::scoped_lock lock(mutex_);
  origin_ = now_locked();
  since_ = steady_clock::now();
  speed_ = speed;
  turned_.notify_all();
}

void ScaledClock::advance(Timestamp to) {
  const std::scoped_lock lock(mutex_);
  if (to <= now_locked()) return;
  origin_ = to;
  since_ = steady_clock::now();
  turned_.notify_all();
}

Timestamp ManualClock::now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

void ManualClock::sleep(Timestamp until, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  turned_.wait(lock, stop, [&] { return now_ >= until; });
}

void ManualClock::set(Timestamp now) {
  const std::scoped_lock lock(mutex_);
  now_ = now;
  turned_.notify_all();
}

double thread_cpu_s() {
  std::timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

}  // namespace sosie
