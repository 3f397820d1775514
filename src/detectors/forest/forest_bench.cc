// Percentiles of single calls and the JSON come from measure.h; bench/run prints them beside
// scikit-learn's. Here the means, as google-benchmark takes them.

#include <vector>

#include <benchmark/benchmark.h>

#include "detectors/forest/isolation_forest.h"
#include "detectors/forest/measure.h"
#include "detectors/forest/tree_shap.h"

namespace sosie::forest {
namespace {

constexpr std::size_t features = 254;  // of 127 sensors
constexpr std::size_t rows = 4096;

const std::vector<float>& cells() {
  static const std::vector<float> made = [] {
    Random random(1);
    std::vector<float> cells;
    for (std::size_t i = 0; i < rows; ++i) {
      const double driver = random.normal();
      for (std::size_t j = 0; j < features; ++j) {
        cells.push_back(static_cast<float>(driver + random.normal()));
      }
    }
    return cells;
  }();
  return made;
}

Table table() {
  return {.cells = cells(), .width = features};
}

IsolationForest trained() {
  return IsolationForest::train(table(), {}, Random(1)).value();
}

void score(benchmark::State& state) {
  const auto forest = trained();
  std::size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(forest.score_samples(table().row(i++ % 256)));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(score);

void score_and_explain(benchmark::State& state) {
  const auto forest = trained();
  TreeShap shap(forest);
  std::vector<double> parts(features);
  std::size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto row = table().row(i++ % 256);
    benchmark::DoNotOptimize(forest.score_samples(row));
    shap.explain(row, parts);
    benchmark::DoNotOptimize(parts.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(score_and_explain);

void train(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(trained());
}
BENCHMARK(train)->Unit(benchmark::kMillisecond);

/// The detector as it stands in a scenario; its figures are percentiles of single calls.
void detector(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    const auto times = time_forest(127, 20'000);
    if (!times) {
      state.SkipWithError("time_forest failed");
      return;
    }
    state.counters["score_p95_us"] = times->row.score.p95_us;
    state.counters["explained_p95_us"] = times->row.explained.p95_us;
    state.counters["look_p95_us"] = times->look.p95_us;
    state.counters["look_and_tell_p95_us"] = times->look_and_tell.p95_us;
    state.counters["train_p50_us"] = times->train.p50_us;
  }
}
BENCHMARK(detector)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sosie::forest
