#include "app/bench.h"
#include "app/plant_of.h"
#include "base/random.h"
#include "detectors/forest/isolation_forest.h"
#include "detectors/forest/tree_shap.h"

namespace sosie::app {
namespace {

constexpr std::size_t training_rows = 4096;
constexpr std::size_t tested_rows = 2000;
constexpr std::size_t steps_per_row = 30;  ///< 2.5 minutes apart: a week of training

/// `rows` rows of the plant's values, each with its fast deviation beside it.
std::vector<float> rows_of(Plant& plant, std::size_t rows) {
  std::vector<PlantValue> values(plant.sensor_count());
  std::vector<double> slow(values.size());
  std::vector<float> cells;
  cells.reserve(rows * values.size() * 2);
  Deaf deaf;
  for (std::size_t step = 0; step < rows * steps_per_row; ++step) {
    plant.step(values, deaf);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (step == 0) slow[i] = values[i].value;
      slow[i] += (values[i].value - slow[i]) / 720;  // an hour
    }
    if (step % steps_per_row != 0) continue;
    for (std::size_t i = 0; i < values.size(); ++i) {
      cells.push_back(static_cast<float>(values[i].value));
      cells.push_back(static_cast<float>(values[i].value - slow[i]));
    }
  }
  return cells;
}

}  // namespace

Result<void> bench_forest(const std::string& scenario, const Catalog& catalog,
                          std::vector<Measured>& lines) {
  auto plant = TRY(make_plant(scenario, catalog));
  plant->start(Timestamp(std::chrono::seconds(1'767'225'600)), 42);
  const std::size_t width = plant->sensor_count() * 2;
  const auto training = rows_of(*plant, training_rows);
  const auto tested = rows_of(*plant, tested_rows);
  const auto forest = TRY(forest::IsolationForest::train({training, width}, {}, Random(42), {}));
  const forest::Table rows{tested, width};

  volatile double kept = 0;  // so that no call is left out
  const auto score = time_each(20 * tested_rows, [&](std::size_t i) {
    kept = forest.decision_function(rows.row(i % tested_rows));
  });
  forest::TreeShap shap(forest);
  std::vector<double> shares(width);
  const auto explained = time_each(2 * tested_rows, [&](std::size_t i) {
    kept = forest.decision_function(rows.row(i % tested_rows));
    shap.explain(rows.row(i % tested_rows), shares);
  });
  lines.push_back({"forest, 50 trees, 127 sensors: score, P95", score.p95_s * 1e6, "us", 10, 1});
  lines.push_back({"forest: score + exact TreeSHAP, P95", explained.p95_s * 1e6, "us", 100, 50});
  return {};
}

}  // namespace sosie::app
