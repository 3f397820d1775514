#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "core/catalog.h"
#include "core/detector.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"
#include "statistics/sketch.h"

namespace sosie::stuck {
namespace {

constexpr std::string_view kind_name = "stuck";
constexpr std::uint32_t model_version = 1;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Config {
  double margin = 2.5;  ///< times the longest plausible run of training
  Duration least = std::chrono::minutes(1);
};

struct Learned {
  double limit_s = infinity;
  double rest = nan;  ///< a value it may keep for ever (a pump that stands: 0); NaN: none
};

/// The run of equal values a column is in.
struct Run {
  double value = nan;
  Timestamp since;
  Timestamp last;  ///< when that value last came
  double seconds() const { return static_cast<double>((last - since).count()) * 1e-6; }
};

/// What is seen of a column while learning.
struct Seen {
  Sketch runs_s;
  double total_s = 0;
  double rest = nan;  ///< the value that has kept it longest, by majority vote over time
  double rest_lead_s = 0;
  double rest_s = 0;  ///< time at `rest` since it was voted in
  std::array<double, 8> values{};
  std::size_t distinct = 0;  ///< of its values; values.size() + 1: more than that
};

/// Finds a sensor that gives the same value for longer than it ever plausibly did. Runs are timed
/// by when the values were measured, so it fits any cadence. States, columns with few values in
/// training, and the value at which a column rests by itself are left alone.
class Stuck final : public Detector {
 public:
  explicit Stuck(Config config) : config_(config), latches_({.release = 1}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    period_s_ = static_cast<double>(columns.period.count()) * 1e-6;
    learned_.resize(n);
    seen_.resize(n);
    runs_.resize(n);
    latches_.resize(n);
    is_state_.clear();
    ends_.clear();
    for (const auto* info : columns.info) {
      is_state_.push_back(is_state(*info) ? 1 : 0);
      ends_.push_back({info->low.value_or(-infinity), info->high.value_or(infinity)});
    }
    take_loaded();
  }

  void learn(const Frame& frame) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!speaks(frame, i)) continue;
      const Run ended = runs_[i];
      if (advance(frame, i) && !std::isnan(ended.value))
        count(seen_[i], ended, frame.measured_at[i]);
    }
  }

  Result<void> settle() override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto& seen = seen_[i];
      if (seen.runs_s.count() < least_runs) continue;
      learned_[i] = {};
      if (is_state_[i] != 0 || seen.distinct <= seen.values.size()) continue;
      learned_[i].limit_s = limit_s(seen.runs_s);
      if (seen.rest_s > 0.2 * seen.total_s) learned_[i].rest = seen.rest;
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!speaks(frame, i)) continue;
      const Run ended = runs_[i];
      const bool has_begun = advance(frame, i);
      // Nearly always: no division is needed to know that its level is below 1.
      if (latches_.is_quiet(i) && (has_begun || runs_[i].seconds() < learned_[i].limit_s)) continue;
      switch (latches_.step(i, frame.at, level_of(i))) {
        case Latches::Step::none:
          break;
        case Latches::Step::began:
        case Latches::Step::grew:
          report(true, runs_[i], frame, i, out);
          break;
        case Latches::Step::ended:
          report(false, ended, frame, i, out);
          break;
      }
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = learned_[i];
      if (std::isinf(l.limit_s)) return std::vector<double>{};
      const bool has_rest = !std::isnan(l.rest);
      return std::vector{l.limit_s, has_rest ? 1.0 : 0.0, has_rest ? l.rest : 0.0};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 3));
    take_loaded();
    return {};
  }

 private:
  static constexpr std::uint64_t least_runs = 8;
  static constexpr double common_runs = 8;     ///< as long make a habit
  static constexpr double beyond_habit = 1.5;  ///< times as long is none
  /// At the end of its range a sensor shows one value though it lives: a first flush goes by.
  static constexpr double least_at_end_s = 7200;

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      learned_[i] = {.limit_s = row[0], .rest = row[1] > 0 ? row[2] : nan};
    });
  }

  /// False: it has no value to judge. One that is there and says nothing (maintenance) is in no
  /// run: what it held before and what it says after have not been one.
  bool speaks(const Frame& frame, std::size_t i) {
    if (frame.fresh[i] == 0) return false;
    if (!std::isnan(frame.values[i])) return true;
    runs_[i] = {};
    return false;
  }

  double level_of(std::size_t i) const {
    const Run& run = runs_[i];
    if (run.value == learned_[i].rest) return 0;
    const bool is_at_end = run.value <= ends_[i].low || run.value >= ends_[i].high;
    return run.seconds() / std::max(learned_[i].limit_s, is_at_end ? least_at_end_s : 0);
  }

  /// Takes the column's value into its run. True when that began a new one.
  bool advance(const Frame& frame, std::size_t i) {
    Run& run = runs_[i];
    const auto at = frame.measured_at[i];
    if (frame.values[i] == run.value) {
      run.last = at;
      return false;
    }
    run = {.value = frame.values[i], .since = at, .last = at};
    return true;
  }

  static void count(Seen& seen, const Run& ended, Timestamp next) {
    const double lasted_s = static_cast<double>((next - ended.since).count()) * 1e-6;
    seen.runs_s.add(std::max(lasted_s, 0.0));
    seen.total_s += lasted_s;
    if (ended.value == seen.rest) {
      seen.rest_lead_s += lasted_s;
      seen.rest_s += lasted_s;
    } else if (lasted_s > seen.rest_lead_s) {
      seen.rest = ended.value;
      seen.rest_s = lasted_s;
      seen.rest_lead_s = lasted_s - seen.rest_lead_s;
    } else {
      seen.rest_lead_s -= lasted_s;
    }
    const auto known = std::span(seen.values).first(std::min(seen.distinct, seen.values.size()));
    if (seen.distinct > seen.values.size() ||
        std::ranges::find(known, ended.value) != known.end()) {
      return;
    }
    if (seen.distinct < seen.values.size()) seen.values.at(seen.distinct) = ended.value;
    ++seen.distinct;
  }

  /// Runs of a value that changes by chance are geometric: ten million to one is 7 / 1 of the way
  /// to q(90 %). One unlabelled stuck spell among few runs spoils q(99.9 %), so that is believed
  /// only where q(99 %) says the same. What it has done eight times it may do again, however
  /// seldom.
  double limit_s(const Sketch& runs_s) const {
    const double by_body = 7 * runs_s.quantile(0.9);
    const double by_tail = config_.margin * runs_s.quantile(0.999);
    const bool is_heavy = runs_s.quantile(0.99) * config_.margin > by_body;
    const double limit = is_heavy ? std::max(by_tail, by_body) : std::min(by_tail, by_body);
    const double common = 1 - common_runs / static_cast<double>(runs_s.count());
    const double by_habit = beyond_habit * runs_s.quantile(std::max(common, 0.5));
    const double least_s = static_cast<double>(config_.least.count()) * 1e-6;
    return std::max({limit, by_habit, 2.2 * runs_s.quantile(0.5), least_s, 6 * period_s_});
  }

  void report(bool active, const Run& run, const Frame& frame, std::size_t i,
              SymptomSink& out) const {
    out.report({.detector = kind_name,
                .kind = SymptomKind::stuck,
                .active = active,
                .at = frame.at,
                .since = run.since,
                .until = latches_.last_over(i),
                .column = static_cast<std::uint32_t>(i),
                .score = 0.5 + score_of(latches_.peak(i)) / 2,
                .value = run.value,
                .expected = run.value,
                .low = run.value,
                .high = run.value,
                .anomaly = run.seconds()});
  }

  Config config_;
  ModelRows loaded_;
  ColumnNames names_;
  double period_s_ = 0;
  std::vector<Learned> learned_;
  std::vector<Seen> seen_;
  std::vector<Run> runs_;
  std::vector<std::uint8_t> is_state_;
  struct Ends {
    double low = 0;
    double high = 0;
  };
  std::vector<Ends> ends_;  ///< of what each column's sensor can measure
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin <= 0) return section.wrong("margin", "expected a number above 0");
  config.least = TRY(section.duration("least", config.least));
  return std::make_unique<Stuck>(config);
}

}  // namespace
}  // namespace sosie::stuck

namespace sosie {
void register_detectors_stuck(Catalog& catalog);
void register_detectors_stuck(Catalog& catalog) {
  catalog.add<Detector>("stuck", stuck::make);
}
}  // namespace sosie
