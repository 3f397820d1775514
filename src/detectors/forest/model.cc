#include "detectors/forest/model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "detectors/forest/bytes.h"
#include "statistics/model_bytes.h"

namespace sosie::forest {
namespace {

constexpr int blocks = 20;  ///< of learning time, dealt to `folds` in turn
constexpr int folds = 5;

Band band_of(std::vector<float>& values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double q) {
    const auto last = static_cast<double>(values.size() - 1);
    return static_cast<double>(values[static_cast<std::size_t>(std::lround(q * last))]);
  };
  return {.low = quantile(0.005), .median = quantile(0.5), .high = quantile(0.995)};
}

/// Of the cells that have a value.
Band band_of(const Table& rows, std::size_t cell) {
  std::vector<float> present;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const float value = rows.row(i)[cell];
    if (!std::isnan(value)) present.push_back(value);
  }
  return band_of(present);
}

/// A sensor that stood still in learning has no width; what moves it by a millionth is odd.
double least_width(const Band& band) {
  return 1e-6 * std::max(1.0, std::abs(band.median));
}
double width_above(const Band& band) {
  return std::max(least_width(band), band.high - band.median);
}
double width_below(const Band& band) {
  return std::max(least_width(band), band.median - band.low);
}

float oddness_of(double x, double median, double above, double below) {
  constexpr double most = 1e6;
  const double distance = x - median;
  const double ratio = std::abs(distance) / (distance > 0 ? above : below);
  const auto odd = static_cast<float>(ratio < most ? ratio : most);
  return std::isnan(x) ? 0.0F : odd;
}

/// The oddness of each cell.
std::vector<float> oddness_of(const Table& rows, const std::vector<ModelColumn>& columns) {
  std::vector<float> cells(rows.cells.begin(), rows.cells.end());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t cell = i % rows.width;
    const ModelColumn& column = columns[cell / cells_per_column];
    const Band& band = cell % cells_per_column == 0 ? column.value : column.deviation;
    cells[i] = band.oddness(cells[i]);
  }
  return cells;
}

/// The cells the trees may split.
std::vector<std::uint16_t> allowed(Features features, std::size_t width) {
  std::vector<std::uint16_t> cells;
  for (std::size_t cell = 0; cell < width; ++cell) {
    const auto kind = cell % cells_per_column == 0 ? Features::value : Features::deviation;
    if (features == Features::both || features == kind) {
      cells.push_back(static_cast<std::uint16_t>(cell));
    }
  }
  return cells;
}

/// Appends the made-up rows.
void add_outliers(std::vector<float>& cells, std::size_t width, const Reach& reach, Random random) {
  const std::size_t real = cells.size() / width;
  const auto made_up = static_cast<std::size_t>(reach.rows * static_cast<double>(real));
  cells.reserve(cells.size() + made_up * width);
  for (std::size_t i = 0; i < made_up; ++i) {
    const std::size_t from = random.below(real) * width;
    for (std::size_t j = 0; j < width; ++j) {
      const bool move = random.uniform() < reach.cells;
      cells.push_back(move ? static_cast<float>(random.uniform(reach.near, reach.far))
                           : cells[from + j]);
    }
  }
}

/// Scores each row by a forest that saw nothing of its block of time. Rows a few seconds apart are
/// near copies: left in, they would make all scores look more ordinary than a new day's are.
Result<std::vector<double>> honest_scores(const Table& rows, std::span<const Timestamp> times,
                                          const ModelPlan& plan,
                                          std::span<const std::uint16_t> cells) {
  const auto [first, last] = std::minmax_element(times.begin(), times.end());
  const auto block = std::max<Duration>((*last - *first) / blocks, Duration(1));
  std::vector<double> scores;
  scores.reserve(rows.rows());
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<float> seen;
    std::vector<std::size_t> unseen;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      if ((times[i] - *first) / block % folds == fold) {
        unseen.push_back(i);
      } else {
        seen.insert(seen.end(), rows.row(i).begin(), rows.row(i).end());
      }
    }
    const Random random = Random(plan.seed).fork(static_cast<std::uint64_t>(fold) + 1);
    add_outliers(seen, rows.width, plan.reach, random.fork(1));
    const auto forest = TRY(
        IsolationForest::train({.cells = seen, .width = rows.width}, plan.forest, random, cells));
    for (const std::size_t i : unseen) scores.push_back(forest.score_samples(rows.row(i)));
  }
  return scores;
}

void put(const Band& band, ByteWriter& out) {
  out.put(band.low);
  out.put(band.median);
  out.put(band.high);
}

Band get_band(ByteReader& in) {
  Band band;
  band.low = in.get<double>();
  band.median = in.get<double>();
  band.high = in.get<double>();
  return band;
}

void put(const ModelColumn& column, ByteWriter& out) {
  out.put_text(column.name);
  put(column.value, out);
  put(column.deviation, out);
}

ModelColumn get_column(ByteReader& in) {
  ModelColumn column;
  column.name = in.get_text();
  column.value = get_band(in);
  column.deviation = get_band(in);
  return column;
}

void put(const ModelPlan& plan, ByteWriter& out) {
  out.put(plan.forest.trees);
  out.put(plan.forest.samples);
  out.put(plan.forest.gaps);
  out.put(static_cast<std::uint8_t>(plan.features));
  out.put(plan.reach.rows);
  out.put(plan.reach.cells);
  out.put(plan.reach.near);
  out.put(plan.reach.far);
  out.put(plan.seed);
  out.put(plan.average.count());
}

ModelPlan get_plan(ByteReader& in) {
  ModelPlan plan;
  plan.forest.trees = in.get<std::uint32_t>();
  plan.forest.samples = in.get<std::uint32_t>();
  plan.forest.gaps = in.get<double>();
  plan.features = static_cast<Features>(std::min<std::uint8_t>(in.get<std::uint8_t>(), 2));
  plan.reach.rows = in.get<double>();
  plan.reach.cells = in.get<double>();
  plan.reach.near = in.get<double>();
  plan.reach.far = in.get<double>();
  plan.seed = in.get<std::uint64_t>();
  plan.average = Duration(in.get<Duration::rep>());
  return plan;
}

Timestamp get_time(ByteReader& in) {
  return Timestamp(Duration(in.get<Duration::rep>()));
}
void put(Timestamp at, ByteWriter& out) {
  out.put(at.time_since_epoch().count());
}

Error damaged_model(std::string_view what) {
  return Error{Errc::corrupt, fmt::format("forest model: {}", what)};
}

}  // namespace

float Band::oddness(double x) const {
  return oddness_of(x, median, width_above(*this), width_below(*this));
}

void Bands::push_back(const Band& band) {
  median_.push_back(band.median);
  above_.push_back(width_above(band));
  below_.push_back(width_below(band));
}

void Bands::oddness(std::span<const double> x, std::span<float> odd) const {
  for (std::size_t i = 0; i < x.size(); ++i) {
    odd[i] = oddness_of(x[i], median_[i], above_[i], below_[i]);
  }
}

Result<Model> Model::train(const Reservoir& sample, const ColumnNames& names,
                           const ModelPlan& plan) {
  if (sample.rows() < Calibration::least) {
    return Error{Errc::invalid, fmt::format("{} frames to learn from, expected at least {}",
                                            sample.rows(), Calibration::least)};
  }
  Model model;
  model.plan = plan;
  model.frames = sample.offered();
  model.from = sample.from();
  model.to = sample.to();
  const Table raw = sample.table();
  for (std::size_t i = 0; i < names.size(); ++i) {
    model.columns.push_back({.name = names[i],
                             .value = band_of(raw, i * cells_per_column),
                             .deviation = band_of(raw, i * cells_per_column + 1)});
  }
  auto cells = oddness_of(raw, model.columns);
  const std::size_t real = cells.size();
  add_outliers(cells, raw.width, plan.reach, Random(plan.seed).fork(99));
  const Table all{.cells = cells, .width = raw.width};
  const Table rows{.cells = std::span(cells).first(real), .width = raw.width};
  const auto may_split = allowed(plan.features, rows.width);
  model.forest = TRY(IsolationForest::train(all, plan.forest, Random(plan.seed), may_split));
  auto scores = TRY(honest_scores(rows, sample.times(), plan, may_split));
  model.calibration = Calibration(std::move(scores));
  return model;
}

std::string Model::to_bytes() const {
  ByteWriter content;
  put(plan, content);
  content.put(frames);
  put(from, content);
  put(to, content);
  content.put(static_cast<std::uint32_t>(columns.size()));
  for (const ModelColumn& column : columns) put(column, content);
  calibration.put(content);
  content.put_text(forest.to_bytes());
  ModelWriter file(model_name, model_version);
  file.text(std::move(content).take());
  return std::move(file).finish();
}

Result<Model> Model::from_bytes(std::string_view bytes) {
  auto file = TRY(ModelReader::open(bytes, model_name, model_version));
  const auto content = TRY(file.text());
  ByteReader in(content);
  Model model;
  model.plan = get_plan(in);
  model.frames = in.get<std::uint64_t>();
  model.from = get_time(in);
  model.to = get_time(in);
  const auto columns = in.get<std::uint32_t>();
  if (columns > max_features / cells_per_column) {
    return damaged_model(
        fmt::format("{} columns, expected at most {}", columns, max_features / cells_per_column));
  }
  for (std::uint32_t i = 0; i < columns && in.ok(); ++i) model.columns.push_back(get_column(in));
  model.calibration = TRY(Calibration::get(in));
  const auto forest = in.get_text();
  if (!in.ok()) return damaged_model("cut short");
  if (in.left() != 0) return damaged_model(fmt::format("{} bytes too many", in.left()));
  model.forest = TRY(IsolationForest::from_bytes(forest));
  if (model.forest.features() != model.columns.size() * cells_per_column) {
    return damaged_model(fmt::format("a forest of {} features over {} columns",
                                     model.forest.features(), model.columns.size()));
  }
  return model;
}

}  // namespace sosie::forest
