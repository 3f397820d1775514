#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "core/catalog.h"
#include "core/cross_checking.h"
#include "core/detector.h"
#include "core/parallel_model.h"
#include "detectors/mechanistic/calibrated.h"
#include "statistics/block_means.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_bytes.h"

namespace sosie::mechanistic {
namespace {

constexpr std::string_view kind_name = "mechanistic";
constexpr std::uint32_t model_version = 1;
constexpr int long_absence = 4;  // looks
constexpr Duration returns_in = std::chrono::hours(1);
constexpr double quickly = 50;       // times as fast as it adapts: where an offset is found anew
constexpr double least_sizes = 0.5;  // of a limit, in the residual's ordinary sizes
constexpr Duration part_time = std::chrono::hours(2);

struct Config {
  Duration sample = std::chrono::minutes(2);
  Duration recent = std::chrono::minutes(10);
  Duration drift = std::chrono::minutes(40);
  Duration adapt = std::chrono::hours(3);
  Duration warm_up = std::chrono::hours(24);
  std::int64_t rows = 15000;
  double skill = 0.3;
  double margin = 2;
  double accuracy = 0.02;
  Duration on_delay = std::chrono::minutes(4);
  Duration hold = std::chrono::minutes(10);
};

double share_of(Duration step, Duration age) {
  const double x = std::chrono::duration<double>(step) / std::chrono::duration<double>(age);
  return -std::expm1(-x);
}

/// The plant against a model of it that runs beside it. What the model says of a column is
/// calibrated in learning; a column that it says less of than the column's own slow mean does is
/// left alone.
class Mechanistic final : public Detector, public CrossChecking {
 public:
  Mechanistic(const Config& config, std::unique_ptr<ParallelModel> model)
      : config_(config),
        model_(std::move(model)),
        fast_({.release = 0.8, .on_delay = config.on_delay, .off_delay = config.hold}),
        slow_({.release = 0.8, .on_delay = config.on_delay, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    if (names_.size() == columns.size()) return;
    period_ = std::max(config_.sample, columns.period);
    names_.begin(columns);
    model_->begin(columns);
    const std::size_t n = columns.size();
    expected_.resize(n);
    measured_blocks_.begin(n);
    said_blocks_.begin(n);
    const auto nothing = std::vector<float>(rows_, std::nanf(""));
    courses_.resize(n, {nothing, nothing});
    is_state_.clear();
    least_.clear();
    for (const auto* info : columns.info) {
      is_state_.push_back(is_state(*info) ? 1 : 0);
      const bool has_range = info->low && info->high;
      least_.push_back(has_range ? config_.accuracy * (*info->high - *info->low) : 0);
    }
    if (model_->known() == 0) {
      log::warning("detectors", "mechanistic: the model knows no series of {}", columns.asset);
    }
    adopt();
  }

  void learn(const Frame& frame) override {
    if (!step(frame)) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      courses_[i].measured.push_back(static_cast<float>(measured_blocks_.mean()[i]));
      courses_[i].said.push_back(static_cast<float>(said_blocks_.mean()[i]));
    }
    if (++rows_ >= static_cast<std::size_t>(config_.rows)) forget_half();
  }

  Result<void> settle() override;
  void look(const Frame& frame, SymptomSink& out) override;
  std::string save() const override;
  Result<void> load(std::string_view model) override;

 private:
  /// True when a block is complete.
  bool step(const Frame& frame) {
    if (!model_->step(frame, expected_)) settled_at_ = frame.at + model_->settling_time();
    const Frame said{frame.at, expected_, frame.measured_at, frame.fresh};
    const bool is_complete = measured_blocks_.add(frame, period_, 1);
    said_blocks_.add(said, period_, 1);
    return is_complete;
  }

  Paces paces() const {
    return {.fast = share_of(period_, config_.recent),
            .slow = share_of(period_, config_.drift),
            .adapt = share_of(period_, config_.adapt)};
  }

  void forget_half() {
    const auto half = static_cast<std::ptrdiff_t>(rows_ / 2);
    for (auto& course : courses_) {
      course.measured.erase(course.measured.begin(), course.measured.begin() + half);
      course.said.erase(course.said.begin(), course.said.begin() + half);
    }
    rows_ -= static_cast<std::size_t>(half);
  }

  /// Finds the learned columns' places among those that are there.
  void adopt() {
    place_.clear();
    place_.reserve(columns_.size());
    for (const auto& column : columns_)
      place_.push_back(names_.find(column.name).value_or(no_column));
    ratios_.reserve(columns_.size());
    absent_.resize(columns_.size());
    judged_from_.resize(names_.size());
    fast_.resize(names_.size());
    slow_.resize(names_.size());
  }

  void narrow(std::vector<Fitted>& fitted);
  void tell_learned(std::span<const double> skills) const;
  void follow(std::size_t m, const Paces& paces, Timestamp at);
  double strained();
  void judge(std::size_t m, double wider, const Frame& frame, SymptomSink& out);
  void report(std::size_t m, Latches::Step step, bool is_slow, double magnitude, double level,
              const Frame& frame, SymptomSink& out) const;

  Config config_;
  std::unique_ptr<ParallelModel> model_;
  Duration period_{};
  ColumnNames names_;
  std::vector<std::uint8_t> is_state_;
  std::vector<double> least_;  ///< of a limit, in the column's unit: less is the instrument's error
  std::vector<Timestamp> judged_from_;
  std::vector<double> expected_;
  BlockMeans measured_blocks_;
  BlockMeans said_blocks_;
  Timestamp settled_at_;

  // Of learning.
  std::vector<Course> courses_;
  std::size_t rows_ = 0;

  // Of what was learned.
  std::vector<Calibrated> columns_;
  std::vector<std::uint32_t> place_;
  std::vector<Track> tracks_;
  std::vector<int> absent_;  ///< looks, of each learned column
  std::vector<double> ratios_;
  Latches fast_;
  Latches slow_;
};

Result<void> Mechanistic::settle() {
  const auto warm_up = static_cast<std::size_t>(config_.warm_up / period_);
  const std::size_t first = std::min(warm_up, rows_ / 4);
  columns_.clear();
  tracks_.clear();
  std::vector<Fitted> fitted;
  std::vector<double> skills(names_.size(), 0.0);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (is_state_[i] != 0) continue;
    auto made = calibrate(courses_[i], first, paces());
    skills[i] = made.column.skill;
    if (made.column.skill < config_.skill) continue;
    made.column.name = names_[i];
    columns_.push_back(made.column);
    tracks_.emplace_back();
    tracks_.back().begin(made.column.offset);
    fitted.push_back(std::move(made));
  }
  adopt();
  narrow(fitted);
  const auto part = static_cast<std::size_t>(std::max<std::int64_t>(part_time / period_, 1));
  for (std::size_t m = 0; m < fitted.size(); ++m) {
    const double least = std::max(least_[place_[m]], columns_[m].scale * least_sizes);
    columns_[m].fast_limit = std::max(limit_of(fitted[m].fast, part, config_.margin), least);
    columns_[m].slow_limit = std::max(limit_of(fitted[m].slow, part, config_.margin), least);
  }
  tell_learned(skills);
  return {};
}

/// Divides what was seen in learning by how wide the bands would have been.
void Mechanistic::narrow(std::vector<Fitted>& fitted) {
  if (fitted.empty()) return;
  for (std::size_t t = 0; t < fitted.front().fast.size(); ++t) {
    ratios_.clear();
    for (const auto& one : fitted) {
      const auto fast = static_cast<double>(one.fast[t]);
      if (!std::isnan(fast)) ratios_.push_back(fast / one.column.usual);
    }
    const auto wider = static_cast<float>(widening(ratios_));
    for (auto& one : fitted) {
      one.fast[t] /= wider;
      one.slow[t] /= wider;
    }
  }
}

/// What takes part, and what the model says too little of.
void Mechanistic::tell_learned(std::span<const double> skills) const {
  std::vector<std::string> left;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (skills[i] < config_.skill) left.push_back(names_[i]);
  }
  log::info("detectors",
            "mechanistic: {} of {} series are said better by the model than by their own slow mean "
            "and are judged by it; left alone are {}",
            columns_.size(), names_.size(), fmt::join(left, ", "));
}

void Mechanistic::follow(std::size_t m, const Paces& paces, Timestamp at) {
  const auto i = place_[m];
  const Calibrated& c = columns_[m];
  const double leftover = measured_blocks_.mean()[i] - c.gain * said_blocks_.mean()[i];
  if (std::isnan(leftover)) {
    if (!std::isnan(said_blocks_.mean()[i])) ++absent_[m];
    return;
  }
  // What was looked after, or away, may not be what it was.
  if (absent_[m] >= long_absence) judged_from_[i] = at + returns_in;
  absent_[m] = 0;
  if (at >= settled_at_ && at >= judged_from_[i]) {
    tracks_[m].step(leftover, c.scale, paces);
  } else {
    tracks_[m].find(leftover, quickly * paces.adapt);
  }
}

/// How far the model as a whole is beyond what it said in learning: a sixth of the columns more.
double Mechanistic::strained() {
  ratios_.clear();
  for (std::size_t m = 0; m < columns_.size(); ++m) {
    if (place_[m] == no_column) continue;
    const double said = said_blocks_.mean()[place_[m]];
    if (!std::isnan(said)) ratios_.push_back(strain(columns_[m], said));
  }
  if (ratios_.empty()) return 1;
  const auto at = ratios_.begin() + static_cast<std::ptrdiff_t>(ratios_.size() * 5 / 6);
  std::ranges::nth_element(ratios_, at);
  return *at;
}

void Mechanistic::judge(std::size_t m, double wider, const Frame& frame, SymptomSink& out) {
  const auto i = place_[m];
  const Calibrated& c = columns_[m];
  const bool is_known = !std::isnan(measured_blocks_.mean()[i]) && frame.at >= judged_from_[i];
  wider = std::max(wider, strain(c, said_blocks_.mean()[i]));
  for (const bool is_slow : {false, true}) {
    const double magnitude = std::abs(is_slow ? tracks_[m].slow() : tracks_[m].fast()) / wider;
    const double level = is_known ? magnitude / (is_slow ? c.slow_limit : c.fast_limit) : 0;
    auto& latches = is_slow ? slow_ : fast_;
    const auto step = latches.step(i, frame.at, level);
    if (step != Latches::Step::none) report(m, step, is_slow, magnitude, level, frame, out);
  }
}

void Mechanistic::look(const Frame& frame, SymptomSink& out) {
  if (!step(frame) || columns_.empty()) return;
  const Paces now = paces();
  ratios_.clear();
  for (std::size_t m = 0; m < columns_.size(); ++m) {
    if (place_[m] == no_column) continue;
    follow(m, now, frame.at);
    if (!std::isnan(measured_blocks_.mean()[place_[m]])) {
      ratios_.push_back(std::abs(tracks_[m].fast()) / columns_[m].usual);
    }
  }
  if (frame.at < settled_at_) return;
  const double wider = std::max(widening(ratios_), strained());
  for (std::size_t m = 0; m < columns_.size(); ++m) {
    if (place_[m] != no_column) judge(m, wider, frame, out);
  }
}

void Mechanistic::report(std::size_t m, Latches::Step step, bool is_slow, double magnitude,
                         double level, const Frame& frame, SymptomSink& out) const {
  const auto i = place_[m];
  const Calibrated& c = columns_[m];
  const auto& latches = is_slow ? slow_ : fast_;
  const double expected = tracks_[m].offset() + c.gain * said_blocks_.mean()[i];
  const double band = level > 0 ? magnitude / level : c.scale;
  out.report({.detector = kind_name,
              .kind = is_slow ? SymptomKind::drift : SymptomKind::residual,
              .active = step != Latches::Step::ended,
              .at = frame.at,
              .since = latches.since(i),
              .until = latches.last_over(i),
              .column = i,
              .score = score_of(latches.peak(i)),
              .value = measured_blocks_.mean()[i],
              .expected = expected,
              .low = expected - band,
              .high = expected + band,
              .anomaly = magnitude / c.scale});
}

std::string Mechanistic::save() const {
  if (columns_.empty()) return {};
  ModelWriter writer(kind_name, model_version);
  writer.text(model_->save());
  writer.integer(columns_.size());
  for (std::size_t m = 0; m < columns_.size(); ++m) {
    const Calibrated& c = columns_[m];
    writer.text(c.name);
    writer.numbers(std::vector{c.gain, c.scale, c.skill, tracks_[m].offset(), c.usual, c.fast_limit,
                               c.slow_limit, c.middle, c.reach});
  }
  return std::move(writer).finish();
}

Result<Calibrated> column_from(ModelReader& reader) {
  Calibrated c;
  c.name = TRY(reader.text());
  const auto numbers = TRY(reader.numbers());
  if (numbers.size() != 9) {
    return Error{Errc::corrupt, fmt::format("mechanistic: {} numbers of {} where 9 were expected",
                                            numbers.size(), c.name)};
  }
  c.gain = numbers[0];
  c.scale = numbers[1];
  c.skill = numbers[2];
  c.offset = numbers[3];
  c.usual = numbers[4];
  c.fast_limit = numbers[5];
  c.slow_limit = numbers[6];
  c.middle = numbers[7];
  c.reach = numbers[8];
  if (!(c.scale > 0 && c.usual > 0 && c.fast_limit > 0 && c.slow_limit > 0 && c.reach > 0)) {
    return Error{Errc::corrupt, fmt::format("mechanistic: a size of {} is not above 0", c.name)};
  }
  return c;
}

Result<void> Mechanistic::load(std::string_view model) {
  auto reader = TRY(ModelReader::open(model, kind_name, model_version));
  const auto state = TRY(reader.text());
  const auto count = TRY(reader.count(8));
  std::vector<Calibrated> columns;
  columns.reserve(count);
  for (std::size_t m = 0; m < count; ++m) {
    auto column = TRY(column_from(reader));
    columns.push_back(std::move(column));
  }
  if (const auto went_on = model_->load(state); !went_on) {
    // What was learned beside another model is no yardstick for this one; beside the same one of
    // another build it is, and that one begins anew.
    if (went_on.error().code == Errc::unsupported) {
      return Error{Errc::unsupported,
                   fmt::format("mechanistic: {}: train anew", went_on.error().what)};
    }
    log::info("detectors", "mechanistic: {}; it begins anew", went_on.error().what);
  }
  columns_ = std::move(columns);
  tracks_.assign(columns_.size(), {});
  for (std::size_t m = 0; m < columns_.size(); ++m) tracks_[m].begin(columns_[m].offset);
  adopt();
  return {};
}

Result<Config> read(Section& section) {
  Config config;
  for (const auto& [key, span] :
       {std::pair("sample", &config.sample), std::pair("recent", &config.recent),
        std::pair("drift", &config.drift), std::pair("adapt", &config.adapt)}) {
    *span = TRY(section.duration(key, *span));
    if (*span <= Duration{}) return section.wrong(key, "expected a duration above 0");
  }
  config.warm_up = TRY(section.duration("warm_up", config.warm_up));
  config.on_delay = TRY(section.duration("on_delay", config.on_delay));
  config.hold = TRY(section.duration("hold", config.hold));
  config.rows = TRY(section.integer("rows", config.rows));
  if (config.rows < 800) return section.wrong("rows", "expected 800 or more");
  config.skill = TRY(section.number("skill", config.skill));
  if (!(config.skill > 0 && config.skill < 1)) {
    return section.wrong("skill", "expected a number above 0 and below 1");
  }
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin < 1) return section.wrong("margin", "expected 1 or more");
  config.accuracy = TRY(section.number("accuracy", config.accuracy));
  if (!(config.accuracy >= 0 && config.accuracy < 1)) {
    return section.wrong("accuracy", "expected a number from 0 to below 1");
  }
  return config;
}

/// `models`: of which the table [detector.model] names one.
Result<std::unique_ptr<Detector>> make(const Catalog& models, Section& section) {
  const auto config = TRY(read(section));
  if (!section.has("model")) {
    return section.wrong(
        "model", fmt::format("is missing: a table whose kind is one of the plants that have a "
                             "model to run beside them ({})",
                             fmt::join(models.kinds(typeid(ParallelModel)), ", ")));
  }
  auto table = TRY(section.table("model"));
  auto model = TRY(models.make<ParallelModel>(table));
  return std::make_unique<Mechanistic>(config, std::move(model));
}

}  // namespace
}  // namespace sosie::mechanistic

namespace sosie {
void register_detectors_mechanistic(Catalog& catalog);
/// The shelf of plants is before that of detectors (CMakeLists.txt): their models are there.
void register_detectors_mechanistic(Catalog& catalog) {
  catalog.add<Detector>("mechanistic", [models = Catalog(catalog)](Section& section) {
    return mechanistic::make(models, section);
  });
}
}  // namespace sosie
