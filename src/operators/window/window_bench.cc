#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "operators/window/fixed.h"
#include "operators/window/rolling.h"

namespace sosie::window {
namespace {

constexpr Micros second = 1'000'000;
constexpr std::uint32_t ahead = 12;  ///< updates that are asked of the memory before

class Nobody final : public Results {
 public:
  void put(std::uint32_t, std::size_t, Micros, double value) override {
    benchmark::DoNotOptimize(value);
    ++told;
  }
  std::uint64_t told = 0;
};

Shape shape_of(Micros length, Micros every) {
  Shape shape;
  shape.length = length;
  shape.every = every;
  for (const auto* const text : {"mean", "min", "max"}) {
    shape.aggregates.push_back(*Aggregate::of_text(text));
  }
  return shape;
}

/// Series in an order that no prefetcher knows, and values that wander.
class Feed {
 public:
  explicit Feed(std::uint32_t series) : order_(series) {
    for (std::uint32_t i = 0; i < series; ++i) order_[i] = i;
    std::uint64_t chance = 88172645463325252ULL;
    for (std::uint32_t i = series - 1; i > 0; --i) {
      chance ^= chance << 13U;
      chance ^= chance >> 7U;
      chance ^= chance << 17U;
      std::swap(order_[i], order_[chance % (i + 1)]);
    }
  }
  std::uint32_t next() {
    if (++at_ == order_.size()) {
      at_ = 0;
      now += second;
    }
    return order_[at_];
  }
  std::uint32_t later(std::size_t updates) const {
    const std::size_t at = at_ + updates;
    return order_[at < order_.size() ? at : at - order_.size()];
  }
  double value() {
    chance_ = (chance_ * 6364136223846793005ULL) + 1442695040888963407ULL;
    return static_cast<double>(chance_ >> 40U) * 1e-5;
  }
  Micros now = 1'700'000'000LL * second;

 private:
  std::vector<std::uint32_t> order_;
  std::size_t at_ = 0;
  std::uint64_t chance_ = 1;
};

/// Exact mean, min and max of the last 64 values of each series, told of at each.
void exact_64(benchmark::State& state) {
  const auto series = static_cast<std::uint32_t>(state.range(0));
  Shape shape = shape_of(64 * second, 0);
  RollingWindows windows(shape);
  for (std::uint32_t i = 0; i < series; ++i) windows.add_key();
  Feed feed(series);
  for (std::uint64_t i = 0; i < std::uint64_t{66} * series; ++i) {
    windows.push(feed.next(), {feed.now, feed.value()});
  }
  for ([[maybe_unused]] auto _ : state) {
    const std::uint32_t key = feed.next();
    windows.prefetch(feed.later(2 * ahead));
    windows.prefetch_points(feed.later(ahead));
    benchmark::DoNotOptimize(windows.push(key, {feed.now, feed.value()}));
  }
}
BENCHMARK(exact_64)->Arg(1000)->Arg(100'000);

/// The same with all that an operator does besides: late or not, told of as three readings.
void exact_64_told(benchmark::State& state) {
  const auto series = static_cast<std::uint32_t>(state.range(0));
  RollingWindows windows(shape_of(64 * second, 0));
  for (std::uint32_t i = 0; i < series; ++i) windows.add_key();
  Feed feed(series);
  Nobody nobody;
  for (std::uint64_t i = 0; i < std::uint64_t{66} * series; ++i) {
    windows.push(feed.next(), {feed.now, feed.value()});
  }
  for ([[maybe_unused]] auto _ : state) {
    const std::uint32_t key = feed.next();
    windows.prefetch(feed.later(2 * ahead));
    windows.prefetch_points(feed.later(ahead));
    windows.take(key, {feed.now, feed.value()}, nobody);
  }
}
BENCHMARK(exact_64_told)->Arg(1000)->Arg(100'000);

/// Ten panes a window, as `method = "panes"` (`knows_copies` false) or as `auto` has them.
Shape ten_panes_shape(bool knows_copies) {
  Shape shape = shape_of(100 * second, 10 * second);
  shape.knows_copies = knows_copies;
  return shape;
}

/// The update alone.
void ten_panes(benchmark::State& state, bool knows_copies) {
  const auto series = static_cast<std::uint32_t>(state.range(0));
  const Shape shape = ten_panes_shape(knows_copies);
  PaneStore store(shape);
  for (std::uint32_t i = 0; i < series; ++i) store.add_key();
  Feed feed(series);
  for ([[maybe_unused]] auto _ : state) {
    const std::uint32_t key = feed.next();
    const std::int64_t pane = feed.now / shape.every;
    store.prefetch(feed.later(ahead), pane);
    benchmark::DoNotOptimize(store.add(key, pane, {feed.now, feed.value()}));
  }
}
BENCHMARK_CAPTURE(ten_panes, plain, false)->Arg(1000)->Arg(100'000);
BENCHMARK_CAPTURE(ten_panes, that_know_copies, true)->Arg(1000)->Arg(100'000);

/// The same with all that an operator does: event time, lateness, and results at each pane's end.
void ten_panes_told(benchmark::State& state, bool knows_copies) {
  const auto series = static_cast<std::uint32_t>(state.range(0));
  FixedWindows<PaneStore> windows(ten_panes_shape(knows_copies));
  for (std::uint32_t i = 0; i < series; ++i) windows.add_key();
  Feed feed(series);
  Nobody nobody;
  for ([[maybe_unused]] auto _ : state) {
    windows.take(feed.next(), {feed.now, feed.value()}, nobody);
  }
  state.counters["told"] = static_cast<double>(nobody.told);
}
BENCHMARK_CAPTURE(ten_panes_told, plain, false)->Arg(1000)->Arg(100'000);
BENCHMARK_CAPTURE(ten_panes_told, that_know_copies, true)->Arg(1000)->Arg(100'000);

/// The naive peer: a deque each, all of it looked at for each value.
void naive_64(benchmark::State& state) {
  const auto series = static_cast<std::uint32_t>(state.range(0));
  std::vector<std::deque<Point>> deques(series);
  Feed feed(series);
  const auto push = [&] {
    auto& deque = deques[feed.next()];
    deque.push_back({feed.now, feed.value()});
    while (deque.front().at <= feed.now - (64 * second)) deque.pop_front();
    double sum = 0;
    double low = deque.front().value;
    double high = low;
    for (const Point& point : deque) {
      sum += point.value;
      low = std::min(low, point.value);
      high = std::max(high, point.value);
    }
    benchmark::DoNotOptimize(sum);
    benchmark::DoNotOptimize(low);
    benchmark::DoNotOptimize(high);
  };
  for (std::uint64_t i = 0; i < std::uint64_t{66} * series; ++i) push();
  for ([[maybe_unused]] auto _ : state) push();
}
BENCHMARK(naive_64)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace sosie::window
