// forest_export FILE GAPS [CALLS]: trains a forest here and writes it, with what it says of some
// rows, for another program to check (tests/forest_agreement.sh). With CALLS, FILE.json gets the
// times of so many calls on the same forest and rows (bench/run).

#include <cstdlib>
#include <fstream>
#include <vector>

#include "base/text.h"
#include "detectors/forest/golden/forest_text.h"
#include "detectors/forest/isolation_forest.h"
#include "detectors/forest/made_up.h"
#include "detectors/forest/measure.h"
#include "detectors/forest/tree_shap.h"

namespace sosie::forest {
namespace {

constexpr std::size_t sensors = 127;
constexpr std::size_t learned = 4096;
constexpr std::size_t judged = 300;

/// Values and, beside each, its change from the row before: as many features as a plant's.
std::vector<float> made_up_rows(std::size_t rows) {
  MadeUpAsset asset(sensors, 5, std::chrono::minutes(1));
  std::vector<double> values(sensors);
  std::vector<double> before(sensors);
  std::vector<float> cells;
  asset.step(before);
  for (std::size_t i = 0; i < rows; ++i) {
    asset.step(values);
    for (std::size_t j = 0; j < sensors; ++j) {
      cells.push_back(static_cast<float>(values[j]));
      cells.push_back(static_cast<float>(values[j] - before[j]));
    }
    before = values;
  }
  return cells;
}

bool write(const std::string& path, double gaps, std::uint64_t calls) {
  const std::vector<float> cells = made_up_rows(learned + judged);
  const Table all{.cells = cells, .width = 2 * sensors};
  const Table first{.cells = all.cells.first(learned * all.width), .width = all.width};
  const Table rest{.cells = all.cells.subspan(learned * all.width), .width = all.width};
  const auto forest = IsolationForest::train(first, {.gaps = gaps}, Random(1));
  if (!forest) return false;
  TreeShap shap(*forest);
  std::ofstream out(path);
  out << to_text(*forest);
  for (std::size_t i = 0; i < rest.rows(); ++i) {
    const auto values = rest.row(i);
    ForestText::Row row{.score = forest->score_samples(values),
                        .values = {values.begin(), values.end()},
                        .parts = std::vector<double>(values.size())};
    shap.explain(values, row.parts);
    out << to_text(row);
  }
  if (calls == 0) return out.good();
  const auto detector = time_forest(sensors, calls);
  if (!detector) return false;
  std::ofstream(path + ".json") << fmt::format("{{\"same_forest\": {{{}}}, \"detector\": {}}}\n",
                                               to_json(time_rows(*forest, rest, calls)),
                                               to_json(*detector));
  return out.good();
}

}  // namespace
}  // namespace sosie::forest

int main(int count, char** words) {
  if (count < 3) return EXIT_FAILURE;
  const auto gaps = sosie::to_number(words[2]);
  const auto calls = count > 3 ? sosie::to_number(words[3]) : 0;
  if (!gaps || !calls) return EXIT_FAILURE;
  const bool done = sosie::forest::write(words[1], *gaps, static_cast<std::uint64_t>(*calls));
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
