#include "detectors/forest/measure.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "core/catalog.h"
#include "core/detector.h"
#include "detectors/forest/made_up.h"
#include "detectors/forest/model.h"
#include "detectors/forest/tree_shap.h"

namespace sosie {
void register_detectors_forest(Catalog& catalog);
}

namespace sosie::forest {
namespace {

constexpr int learned_frames = 4320;  // a day and a half, a frame each 30 s
constexpr int trainings = 10;

template <class F>
double time_us(F&& call) {
  const auto start = stopwatch();
  call();
  return std::chrono::duration<double, std::micro>(stopwatch() - start).count();
}

CallTimes summed_up(std::vector<double> us) {
  if (us.empty()) return {};
  std::sort(us.begin(), us.end());
  const auto at = [&](double q) {
    return us[static_cast<std::size_t>(q * static_cast<double>(us.size() - 1))];
  };
  const double sum = std::accumulate(us.begin(), us.end(), 0.0);
  return {.calls = us.size(),
          .mean_us = sum / static_cast<double>(us.size()),
          .p50_us = at(0.5),
          .p95_us = at(0.95),
          .p99_us = at(0.99)};
}

class LastReport final : public SymptomSink {
 public:
  void report(const Symptom& symptom) override { began = symptom.active; }
  bool began = false;
};

/// An asset of made-up sensors and its frames.
class Stage {
 public:
  explicit Stage(std::uint32_t sensors)
      : asset_(sensors, 1, period), values_(sensors), times_(sensors), fresh_(sensors, 1) {
    infos_.resize(sensors);
    for (std::uint32_t i = 0; i < sensors; ++i) {
      infos_[i].entity = fmt::format("S{}", i);
      infos_[i].attribute = "value";
      columns_.series.push_back({i});
      columns_.info.push_back(&infos_[i]);
    }
    columns_.period = period;
  }

  const AssetColumns& columns() const { return columns_; }

  /// `upset`: twenty sensors are far off, to one side and the next time to the other.
  Frame next(bool upset = false) {
    asset_.step(values_);
    if (upset) {
      side_ = -side_;
      const std::size_t off = std::min<std::size_t>(20, values_.size());
      for (std::size_t i = 0; i < off; ++i) values_[i] += side_ * 20 * asset_.spread(i);
    }
    at_ += period;
    std::fill(times_.begin(), times_.end(), at_);
    return {at_, values_, times_, fresh_};
  }

 private:
  static constexpr Duration period = std::chrono::seconds(30);
  MadeUpAsset asset_;
  std::vector<SeriesInfo> infos_;
  AssetColumns columns_;
  std::vector<double> values_;
  std::vector<Timestamp> times_;
  std::vector<std::uint8_t> fresh_;
  Timestamp at_{std::chrono::hours(24)};
  double side_ = 1;
};

Result<std::unique_ptr<Detector>> make_detector(const char* keys) {
  Catalog catalog;
  register_detectors_forest(catalog);
  auto section = TRY(Section::read_text(fmt::format("kind = \"forest\"\n{}", keys)));
  return catalog.make<Detector>(section);
}

/// Ordinary frames, one by one.
CallTimes time_quiet(Detector& detector, Stage& stage, std::uint64_t calls) {
  LastReport last;
  std::vector<double> us;
  us.reserve(calls);
  for (std::uint64_t i = 0; i < calls; ++i) {
    const Frame frame = stage.next();
    us.push_back(time_us([&] { detector.look(frame, last); }));
  }
  return summed_up(std::move(us));
}

/// Every other frame is an upset, and makes the detector say so; these are timed.
CallTimes time_telling(Detector& detector, Stage& stage, std::uint64_t calls) {
  std::vector<double> us;
  us.reserve(calls);
  for (std::uint64_t i = 0; i < 2 * calls; ++i) {
    LastReport last;
    const Frame frame = stage.next(i % 2 == 1);
    const double took = time_us([&] { detector.look(frame, last); });
    if (last.began) us.push_back(took);
  }
  return summed_up(std::move(us));
}

std::vector<float> odd_rows(const Model& model, Stage& stage, std::size_t rows) {
  std::vector<float> cells;
  for (std::size_t r = 0; r < rows; ++r) {
    const Frame frame = stage.next();
    for (std::size_t i = 0; i < model.columns.size(); ++i) {
      cells.push_back(model.columns[i].value.oddness(frame.values[i]));
      cells.push_back(model.columns[i].deviation.oddness(0));
    }
  }
  return cells;
}

std::string to_json(std::string_view name, const CallTimes& t) {
  return fmt::format(
      "\"{}\": {{\"calls\": {}, \"mean_us\": {:.3f}, \"p50_us\": {:.3f}, \"p95_us\": {:.3f}, "
      "\"p99_us\": {:.3f}}}",
      name, t.calls, t.mean_us, t.p50_us, t.p95_us, t.p99_us);
}

}  // namespace

RowTimes time_rows(const IsolationForest& forest, const Table& rows, std::uint64_t calls) {
  TreeShap shap(forest);
  std::vector<double> parts(forest.features());
  std::vector<double> score_us;
  std::vector<double> explained_us;
  double weight = 0;  // keeps the work from being left out
  for (std::uint64_t i = 0; i < calls; ++i) {
    const auto row = rows.row(i % rows.rows());
    score_us.push_back(time_us([&] { weight += forest.score_samples(row); }));
  }
  for (std::uint64_t i = 0; i < calls; ++i) {
    const auto row = rows.row(i % rows.rows());
    explained_us.push_back(time_us([&] {
      weight += forest.score_samples(row);
      shap.explain(row, parts);
      weight += parts[0];
    }));
  }
  if (weight == 0) return {};
  return {.score = summed_up(std::move(score_us)), .explained = summed_up(std::move(explained_us))};
}

Result<ForestTimes> time_forest(std::uint32_t sensors, std::uint64_t calls) {
  ForestTimes times{.sensors = sensors};
  Stage stage(sensors);
  auto quiet = TRY(make_detector("threshold = -0.5\nprior = 1e-9"));  // never passed
  auto loud = TRY(make_detector("on_delay = 0\noff_delay = 0"));
  quiet->begin(stage.columns());
  for (int i = 0; i < learned_frames; ++i) quiet->learn(stage.next());
  std::vector<double> train_us;
  for (int i = 0; i < trainings; ++i) {
    Result<void> settled;
    train_us.push_back(time_us([&] { settled = quiet->settle(); }));
    TRY(std::move(settled));
  }
  times.train = summed_up(std::move(train_us));

  const auto model = TRY(Model::from_bytes(quiet->save()));
  times.features = model.forest.features();
  times.trees = static_cast<std::uint32_t>(model.forest.trees().size());
  for (const Tree& tree : model.forest.trees()) times.splits += tree.size() / 2;
  const auto rows = odd_rows(model, stage, 256);
  times.row = time_rows(model.forest, {.cells = rows, .width = times.features}, calls);

  times.look = time_quiet(*quiet, stage, calls);
  loud->begin(stage.columns());
  TRY(loud->load(quiet->save()));
  times.look_and_tell = time_telling(*loud, stage, calls);
  return times;
}

std::string to_json(const RowTimes& times) {
  return to_json("score", times.score) + ", " + to_json("explained", times.explained);
}

std::string to_json(const ForestTimes& times) {
  return fmt::format(
      "{{\"sensors\": {}, \"features\": {}, \"trees\": {}, \"splits\": {}, {}, {}, {}, {}}}",
      times.sensors, times.features, times.trees, times.splits, to_json(times.row),
      to_json("look", times.look), to_json("look_and_tell", times.look_and_tell),
      to_json("train", times.train));
}

}  // namespace sosie::forest
