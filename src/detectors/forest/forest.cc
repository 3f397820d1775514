#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "core/catalog.h"
#include "core/detector.h"
#include "core/explaining.h"
#include "detectors/forest/deviations.h"
#include "detectors/forest/model.h"
#include "detectors/forest/reservoir.h"
#include "detectors/forest/tree_shap.h"
#include "statistics/columns.h"
#include "statistics/latch.h"

namespace sosie {
namespace {

using namespace forest;  // NOLINT(google-build-using-namespace): this file is its detector

constexpr std::string_view name = "forest";
constexpr std::array<std::string_view, 3> feature_names = {"both", "value", "deviation"};
constexpr std::size_t most_shares = 12;

struct Config {
  ModelPlan plan;
  std::size_t reservoir = 4096;
  double threshold = -0.1;  ///< on decision_function
  double confidence = 0.75;
  double prior = 0.001;  ///< the share of frames taken to be abnormal
  Latches::Rule latch;
  Duration tell_again{};  ///< not more often, while an episode lasts
};

/// An isolation forest over all columns of an asset: how odd each one's value and fast deviation
/// are.
///
/// An episode begins when a frame's score passes `threshold`, or when it is so rare that
/// `confidence` is reached; exact TreeSHAP says which columns drive it.
class Forest final : public Detector, public Explaining {
 public:
  explicit Forest(const Config& config)
      : config_(config),
        log_least_rarity_(std::log(Calibration::rarity_at(config.confidence, config.prior))),
        sample_(config.reservoir, Random(config.plan.seed).fork(0)),
        deviations_(config.plan.average),
        latch_(config.latch) {
    latch_.resize(1);
  }

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    deviations_.resize(names_.size());
    sample_.widen(names_.size() * cells_per_column);
    find_columns();
  }

  void learn(const Frame& frame) override {
    deviations_.update(frame);
    const auto row = sample_.place(frame.at);
    if (row.empty()) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double value = frame.values[i];
      row[i * cells_per_column] = to_float(value);
      row[i * cells_per_column + 1] =
          to_float(std::isnan(value) ? value : deviations_.deviation(i));
    }
  }

  Result<void> settle() override {
    auto trained = Model::train(sample_, names_, config_.plan);
    if (!trained) return std::move(trained).error().in(name);
    take_over(std::move(*trained));
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    deviations_.update(frame);
    if (model_.forest.empty()) return;
    fill_row(frame);
    const double score = model_.forest.score_samples(row_);
    last_score_ = score;
    const double rarity = model_.calibration.rarity(score);
    switch (latch_.step(0, frame.at, level_of(score, rarity))) {
      case Latches::Step::none:
        if (latch_.is_active(0)) tell_if_other(frame, score, out);
        return;
      case Latches::Step::began:
      case Latches::Step::grew:
        explain_row();
        tell(frame, score, out);
        return;
      case Latches::Step::ended:
        shares_.clear();
        tell(frame, score, out);
        return;
    }
  }

  std::optional<double> explain(std::span<double> by_column) override {
    if (!last_score_) return std::nullopt;
    shap_.explain(row_, parts_);
    std::ranges::fill(by_column, 0.0);
    for (std::size_t i = 0; i < here_.size(); ++i) {
      if (here_[i] < by_column.size()) by_column[here_[i]] = part_of(i);
    }
    return *last_score_ + 0.5;
  }

  std::string save() const override {
    return model_.forest.empty() ? std::string() : model_.to_bytes();
  }

  Result<void> load(std::string_view bytes) override {
    auto read = Model::from_bytes(bytes);
    if (!read) return std::move(read).error().in(name);
    if (read->plan != config_.plan) {
      return Error{
          Errc::unsupported,
          fmt::format("{}: the model was trained with {}; the scenario says {}: train anew", name,
                      text_of(read->plan), text_of(config_.plan))};
    }
    take_over(std::move(*read));
    return {};
  }

 private:
  static std::string text_of(const ModelPlan& plan) {
    return fmt::format(
        "{} trees of {} samples, gaps {}, made_up {}, reach {}, features {}, seed {}, "
        "average {} s",
        plan.forest.trees, plan.forest.samples, plan.forest.gaps, plan.reach.rows, plan.reach.far,
        feature_names[static_cast<std::size_t>(plan.features)], plan.seed,
        std::chrono::duration<double>(plan.average).count());
  }

  /// No value may become infinite by that.
  static float to_float(double value) {
    constexpr double most = std::numeric_limits<float>::max();
    return static_cast<float>(std::isnan(value) ? value : std::clamp(value, -most, most));
  }

  void take_over(Model model) {
    model_ = std::move(model);
    shap_ = TreeShap(model_.forest);
    last_score_.reset();
    row_.resize(model_.forest.features());
    seen_.resize(model_.forest.features());
    bands_.clear();
    for (const ModelColumn& column : model_.columns) {
      bands_.push_back(column.value);
      bands_.push_back(column.deviation);
    }
    parts_.resize(model_.forest.features());
    order_.resize(model_.columns.size());
    shares_.reserve(most_shares);
    find_columns();
  }

  /// A model goes by names: its columns may stand elsewhere here, or be missing.
  void find_columns() {
    here_.clear();
    for (const ModelColumn& column : model_.columns) {
      here_.push_back(names_.find(column.name).value_or(no_column));
    }
  }

  void fill_row(const Frame& frame) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < here_.size(); ++i) {
      const std::uint32_t column = here_[i];
      const double value = column == no_column ? nan : frame.values[column];
      const bool is_missing = std::isnan(value);
      seen_[i * cells_per_column] = value;
      seen_[i * cells_per_column + 1] = is_missing ? nan : deviations_.deviation(column);
    }
    bands_.oddness(seen_, row_);
  }

  /// How far from ordinary to abnormal, 1 being there: on the score's way from its median to
  /// `threshold`, or on the rarity's to the one that `confidence` asks for, whichever is further.
  double level_of(double score, double rarity) const {
    const double median = model_.calibration.median();
    const double way = median - (config_.threshold - 0.5);
    const double gone = median - score;
    const double by_score = way > 0 ? gone / way : (gone > way ? 1 : 0);
    const double by_rarity = std::log(rarity) / log_least_rarity_;
    return std::max({0.0, by_score, by_rarity});
  }

  /// What the model's i-th column has in the last explanation, by its value and its deviation.
  double part_of(std::size_t i) const {
    return parts_[i * cells_per_column] + parts_[i * cells_per_column + 1];
  }

  /// Fills shares_: the columns that shorten the path, the strongest first.
  void explain_row() {
    shap_.explain(row_, parts_);
    const auto part = [&](std::size_t i) { return part_of(i); };
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    const auto some =
        order_.begin() + static_cast<std::ptrdiff_t>(std::min(most_shares, order_.size()));
    std::partial_sort(order_.begin(), some, order_.end(),
                      [&](std::size_t a, std::size_t b) { return part(a) < part(b); });
    double whole = 0;
    for (const std::size_t i : order_) whole += std::min(0.0, part(i));
    shares_.clear();
    for (auto i = order_.begin(); i != some && part(*i) < 0; ++i) {
      if (here_[*i] == no_column) continue;
      if (shares_.empty()) top_ = *i;
      shares_.push_back({.column = here_[*i], .share = part(*i) / whole, .contribution = part(*i)});
    }
  }

  void tell_if_other(const Frame& frame, double score, SymptomSink& out) {
    if (frame.at - told_at_ < config_.tell_again) return;
    told_at_ = frame.at;
    const std::size_t before = top_;
    explain_row();
    if (top_ != before) tell(frame, score, out);
  }

  void tell(const Frame& frame, double score, SymptomSink& out) {
    told_at_ = frame.at;
    Symptom symptom{.detector = name,
                    .kind = SymptomKind::multivariate,
                    .active = latch_.is_active(0),
                    .at = frame.at,
                    .since = latch_.since(0),
                    .until = latch_.last_over(0),
                    .score = model_.calibration.confidence(score, config_.prior),
                    .shares = shares_,
                    .anomaly = score + 0.5};
    describe_top(frame, symptom);
    out.report(symptom);
  }

  /// What was expected of the column that drives the anomaly most: of its value, or of its
  /// deviation, if that one drives it more.
  void describe_top(const Frame& frame, Symptom& symptom) const {
    if (here_[top_] == no_column) return;
    const ModelColumn& column = model_.columns[top_];
    symptom.value = frame.values[here_[top_]];
    if (std::isnan(symptom.value)) symptom.value = column.value.median;
    const double* part = &parts_[top_ * cells_per_column];
    const bool by_value = part[0] <= part[1];
    const double origin = by_value ? 0 : deviations_.expected(here_[top_]);
    const Band& band = by_value ? column.value : column.deviation;
    symptom.expected = origin + (by_value ? band.median : 0);
    symptom.low = origin + band.low;
    symptom.high = origin + band.high;
  }

  const Config config_;
  const double log_least_rarity_;  ///< of what `confidence` asks for
  ColumnNames names_;
  Reservoir sample_;
  Deviations deviations_;
  Latches latch_;

  // Of the model in use.
  Model model_;  ///< its forest is empty until something was learned
  Bands bands_;  ///< of its columns, of their values and deviations in turn
  TreeShap shap_;
  std::vector<std::uint32_t> here_;  ///< the asset's column of each of the model's, or no_column

  // Of the frame at hand and the last explanation.
  std::vector<double> seen_;  ///< of the row's cells, NaN where there is nothing
  std::vector<float> row_;
  std::optional<double> last_score_;
  std::vector<double> parts_;
  std::vector<std::size_t> order_;
  std::vector<Share> shares_;
  std::size_t top_ = 0;  ///< the model's column that came first
  Timestamp told_at_;
};

/// A whole number within bounds, or an Error that names them.
Result<std::uint32_t> count(Section& section, std::string_view key, std::int64_t otherwise,
                            std::int64_t least, std::int64_t most) {
  const auto read = TRY(section.integer(key, otherwise));
  if (read < least || read > most) {
    return section.wrong(key, fmt::format("is {}, expected {} to {}", read, least, most));
  }
  return static_cast<std::uint32_t>(read);
}

Result<double> within(Section& section, std::string_view key, double otherwise, double low,
                      double high) {
  const auto read = TRY(section.number(key, otherwise));
  if (std::isnan(read) || read < low || read > high) {
    return section.wrong(key, fmt::format("is {}, expected {} to {}", read, low, high));
  }
  return read;
}

Result<ModelPlan> read_plan(Section& section) {
  ModelPlan plan;
  plan.forest.trees = TRY(count(section, "trees", 50, 1, max_trees));
  plan.forest.samples = TRY(count(section, "samples", 256, 2, max_samples));
  plan.forest.gaps = TRY(within(section, "gaps", 1, 0, 1));
  plan.reach.rows = TRY(within(section, "made_up", plan.reach.rows, 0, 10));
  plan.reach.far = TRY(within(section, "reach", plan.reach.far, plan.reach.near, 1000));
  plan.seed = TRY(count(section, "seed", 1, 0, 0xFFFFFFFF));
  plan.average = TRY(section.duration("average", std::chrono::hours(1)));
  if (plan.average <= Duration(0)) return section.wrong("average", "is expected to be above 0");
  const auto chosen = TRY(section.choice("features", feature_names[0], feature_names));
  const auto* const at = std::find(feature_names.begin(), feature_names.end(), chosen);
  plan.features = static_cast<Features>(at - feature_names.begin());
  return plan;
}

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.plan = TRY(read_plan(section));
  config.reservoir = TRY(count(section, "reservoir", 4096, Calibration::least, 1'000'000));
  config.threshold = TRY(within(section, "threshold", config.threshold, -0.5, 0.5));
  config.confidence = TRY(within(section, "confidence", config.confidence, 0.01, 0.9999));
  config.prior = TRY(within(section, "prior", config.prior, 1e-9, 0.5));
  if (config.confidence <= config.prior) {
    return section.wrong("confidence", fmt::format("is {}, expected more than 'prior', {}",
                                                   config.confidence, config.prior));
  }
  config.latch.release = TRY(within(section, "release", 0.8, 0.01, 1));
  config.latch.on_delay = TRY(section.duration("on_delay", std::chrono::seconds(15)));
  config.latch.off_delay = TRY(section.duration("off_delay", std::chrono::minutes(2)));
  config.tell_again = TRY(section.duration("tell_again", std::chrono::minutes(1)));
  return std::make_unique<Forest>(config);
}

}  // namespace

void register_detectors_forest(Catalog& catalog);
void register_detectors_forest(Catalog& catalog) {
  catalog.add<Detector>(std::string(name), make);
}

}  // namespace sosie
