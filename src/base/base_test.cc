#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include <doctest/doctest.h>

#include "base/clock.h"
#include "base/queue.h"
#include "base/random.h"
#include "base/result.h"

namespace sosie {
namespace {

using std::chrono::seconds;

Timestamp at(int s) {
  return Timestamp(seconds(s));
}

TEST_CASE("a manual clock wakes its sleepers when it is turned far enough") {
  ManualClock clock(at(10));
  std::jthread sleeper([&](const std::stop_token& stop) {
    clock.sleep(at(20), stop);
    clock.set(at(100));
  });
  clock.set(at(15));
  clock.set(at(20));
  sleeper.join();
  CHECK(clock.now() == at(100));
}

TEST_CASE("a scaled clock that stands still moves only forward, and only when advanced") {
  ScaledClock clock(at(10), 0);
  clock.advance(at(50));
  clock.advance(at(20));
  CHECK(clock.now() == at(50));
  clock.set_speed(1e6);
  clock.sleep(at(60), {});
  CHECK(clock.now() >= at(60));
  CHECK(clock.speed() == 1e6);
}

TEST_CASE("a scaled clock that is given another speed wakes who sleeps by the old one") {
  // Within a nap of a second it would be hours late at such a speed. Best of a few: a busy machine
  // may well be late once.
  constexpr double fast = 36'000;
  Duration least_late = Duration::max();
  for (int round = 0; round < 5; ++round) {
    ScaledClock clock(at(0), 1);
    std::atomic<bool> is_going = false;
    std::jthread sleeper([&] {
      is_going = true;
      clock.sleep(at(3600), {});
      least_late = std::min(least_late, clock.now() - at(3600));
    });
    while (!is_going || clock.now() < Timestamp(std::chrono::milliseconds(20))) {
      std::this_thread::yield();
    }
    clock.set_speed(fast);
    sleeper.join();
  }
  CHECK(least_late < std::chrono::hours(4));
}

TEST_CASE("a stop request ends every sleep") {
  std::stop_source stop;
  stop.request_stop();
  SystemClock().sleep(Timestamp::max(), stop.get_token());
  ScaledClock(at(0), 1).sleep(Timestamp::max(), stop.get_token());
  ManualClock().sleep(Timestamp::max(), stop.get_token());
}

TEST_CASE("a bounded queue: order, limits, places, end") {
  BoundedQueue<int> queue(2);
  int a = 1;
  int b = 2;
  int c = 3;
  CHECK(queue.put(a, {}) == 1);
  CHECK(queue.try_put(b) == 2);
  CHECK(queue.try_put(c) == 0);
  CHECK(c == 3);
  std::stop_source stop;
  stop.request_stop();
  CHECK(queue.put(c, stop.get_token()) == 0);
  CHECK(queue.take() == 1);
  CHECK(queue.put(c, {}) == 3);
  queue.close();
  CHECK(queue.put(a, {}) == 0);
  CHECK(queue.take() == 2);
  CHECK(queue.take() == 3);
  CHECK_FALSE(queue.take().has_value());
}

TEST_CASE("a full queue holds its producer back until there is room") {
  BoundedQueue<int> queue(1);
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) queue.put(i, {});
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.take()) CHECK(*item == expected++);
  CHECK(expected == 1000);
}

TEST_CASE("the same seed gives the same numbers for ever; forks are apart") {
  Random random(42);
  CHECK(random.bits() == 0xd0764d4f4476689fU);
  Random a(7);
  Random b(7);
  Random fork = a.fork(1);
  for (int i = 0; i < 100; ++i) CHECK(a.normal() == b.normal());
  CHECK(fork.bits() != Random(7).fork(2).bits());
}

TEST_CASE("normal and exponential have the moments they promise") {
  Random random(1);
  double sum = 0;
  double squares = 0;
  double waits = 0;
  constexpr int n = 200'000;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    waits += random.exponential();
  }
  CHECK(std::abs(sum / n) < 0.01);
  CHECK(squares / n == doctest::Approx(1).epsilon(0.02));
  CHECK(waits / n == doctest::Approx(1).epsilon(0.02));
}

Result<int> half(int x) {
  if (x % 2 != 0) return Error{Errc::invalid, "odd"};
  return x / 2;
}
Result<int> quarter(int x) {
  const int h = TRY(half(x));
  return half(h);
}

TEST_CASE("TRY hands errors up") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().what == "odd");
  CHECK(std::move(quarter(3)).error().in("math").what == "math: odd");
}

}  // namespace
}  // namespace sosie
