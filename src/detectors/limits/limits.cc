#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "base/log.h"
#include "core/adjustable.h"
#include "core/catalog.h"
#include "core/detector.h"
#include "detectors/limits/rule.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"

namespace sosie::limits {
namespace {

constexpr std::string_view kind_name = "limits";
constexpr std::uint32_t model_version = 1;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Config {
  std::vector<Rule> rules;
  bool range = true;
  Duration range_delay = std::chrono::seconds(30);
};

/// One limit of one column.
struct Check {
  std::uint32_t column = 0;
  std::string_view name;
  double limit = 0;
  double sign = 1;  ///< 1: beyond is above; -1: below
  double deadband = 0;
  Duration on_delay{};
  Duration off_delay{};
  Priority priority = Priority::medium;
  double score = 0;
};

Priority more_urgent(Priority priority) {
  return priority == Priority::critical
             ? priority
             : static_cast<Priority>(static_cast<std::uint8_t>(priority) - 1);
}

/// What is ordinary at the two ends of a sensor's range.
struct Ends {
  double low = -infinity;  ///< reported at or below; beyond the end where resting at it is ordinary
  double high = infinity;
  bool operator==(const Ends&) const = default;
};

/// How a column behaved near one end of its range while learning.
struct Visits {
  std::uint32_t frames = 0;  ///< at the end
  std::uint32_t visits = 0;  ///< times it came there
  std::uint32_t near = 0;    ///< frames close to the end, but not at it
  bool is_there = false;
};

/// Limits that people set, and the ends of what a sensor can measure. A sensor that in learning
/// rested at its end, came there often or lives close to it (a dosing pump that stands still) is
/// reported only where it is clearly beyond.
class Limits final : public Detector, public Adjustable {
 public:
  explicit Limits(Config config)
      : config_(std::move(config)),
        range_latches_({.on_delay = config_.range_delay, .off_delay = std::chrono::seconds(60)}) {}

  void begin(const AssetColumns& columns) override {
    const auto known = names_.size();
    names_.begin(columns);
    for (auto i = known; i < columns.size(); ++i)
      add(static_cast<std::uint32_t>(i), *columns.info[i]);
    range_latches_.resize(columns.size());
    take_loaded();
    for (std::size_t i = 0; known == 0 && i < config_.rules.size(); ++i) {
      const auto fits = [&](const SeriesInfo* info) { return config_.rules[i].fits(*info); };
      if (std::ranges::none_of(columns.info, fits)) {
        log::warning("detectors", "limits: no series of {} is named {}", columns.asset,
                     fmt::join(config_.rules[i].on, ", "));
      }
    }
  }

  void learn(const Frame& frame) override {
    ++learned_frames_;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double value = frame.values[i];
      if (std::isnan(value) || std::isinf(span_[i])) continue;
      count(low_visits_[i], value - range_[i].low, span_[i]);
      count(high_visits_[i], range_[i].high - value, span_[i]);
    }
  }

  Result<void> settle() override {
    if (learned_frames_ == 0) return {};
    for (std::size_t i = 0; i < names_.size(); ++i) {
      ends_[i] = range_[i];
      if (is_ordinary(low_visits_[i])) ends_[i].low -= beyond * span_[i];
      if (is_ordinary(high_visits_[i])) ends_[i].high += beyond * span_[i];
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    for (std::size_t i = 0; i < checks_.size(); ++i) look_limit(i, frame, out);
    if (!config_.range) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double value = frame.values[i];
      if (std::isnan(value)) continue;
      follow_tremble(i, value);
      const double level = level_of(i, value);
      if (level == 0) ordinary_[i] = value;
      const auto step = range_latches_.step(i, frame.at, level);
      if (step != Latches::Step::none) {
        out.report({.detector = kind_name,
                    .kind = SymptomKind::out_of_range,
                    .active = step != Latches::Step::ended,
                    .at = frame.at,
                    .since = range_latches_.since(i),
                    .until = range_latches_.last_over(i),
                    .column = static_cast<std::uint32_t>(i),
                    .score = range_latches_.peak(i) < 2 ? at_end_score : 0.95,
                    .value = value,
                    .expected = ordinary_[i],
                    .low = range_[i].low,
                    .high = range_[i].high});
      }
    }
  }

  std::vector<Limit> limits() const override {
    std::vector<Limit> all;
    all.reserve(checks_.size());
    for (const auto& c : checks_) {
      all.push_back({.column = c.column, .name = c.name, .value = c.limit, .priority = c.priority});
    }
    return all;
  }

  bool set_limit(std::uint32_t column, std::string_view name, double value) override {
    bool found = false;
    for (auto& check : checks_) {
      if (check.column != column || check.name != name) continue;
      check.limit = value;
      found = true;
    }
    return found;
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const bool is_told = ends_[i] == range_[i];  // what the sensor's own description says
      return is_told ? std::vector<double>{} : std::vector{ends_[i].low, ends_[i].high};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 2));
    take_loaded();
    return {};
  }

 private:
  static constexpr double beyond = 0.01;  ///< of the range: clearly outside
  /// The process may have driven it there (a first flush): no reason for an alarm on its own.
  static constexpr double at_end_score = 0.45;
  static constexpr double close = 0.02;  ///< of the range: lives near its end
  static constexpr double tremble_pace = 1.0 / 64;
  static constexpr double clip = 4;
  static constexpr double unlikely =
      4;  ///< mean sizes of a change: 4.5 deviations of a normal value

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      ends_[i] = {.low = row[0], .high = row[1]};
    });
  }

  /// The mean size of its changes; a jump counts as four times that.
  void follow_tremble(std::size_t i, double value) {
    const double change = std::abs(value - last_[i]);
    const double most = tremble_[i] > 0 ? clip * tremble_[i] : change;
    tremble_[i] += std::isnan(change) ? 0 : tremble_pace * (std::min(change, most) - tremble_[i]);
    last_[i] = value;
  }

  /// 0: inside; 1: at the very end; 2: clearly beyond what the sensor can measure, and further than
  /// its trembling brings it.
  double level_of(std::size_t i, double value) const {
    if (value > ends_[i].low && value < ends_[i].high) return 0;
    const double tremble = unlikely * tremble_[i];
    const double slack = std::isinf(span_[i]) ? 0 : std::max(beyond * span_[i], tremble);
    return value > range_[i].low - slack && value < range_[i].high + slack ? 1 : 2;
  }

  void add(std::uint32_t column, const SeriesInfo& info) {
    Ends range;
    if (!is_state(info)) range = {info.low.value_or(-infinity), info.high.value_or(infinity)};
    range_.push_back(range);
    ends_.push_back(range);
    span_.push_back(range.high - range.low);
    low_visits_.emplace_back();
    high_visits_.emplace_back();
    ordinary_.push_back(info.low.value_or(0));
    last_.push_back(std::numeric_limits<double>::quiet_NaN());
    tremble_.push_back(0);
    for (const auto& rule : config_.rules) {
      if (rule.fits(info)) add(column, rule);
    }
  }

  void add(std::uint32_t column, const Rule& rule) {
    const auto check = [&](const std::optional<double>& limit, std::string_view name, double sign,
                           bool is_outer) {
      if (!limit) return;
      checks_.push_back({.column = column,
                         .name = name,
                         .limit = *limit,
                         .sign = sign,
                         .deadband = rule.deadband,
                         .on_delay = rule.on_delay,
                         .off_delay = rule.off_delay,
                         .priority = is_outer ? more_urgent(rule.priority) : rule.priority,
                         .score = is_outer ? 0.9 : 0.7});
      latches_.push_back(
          Latches({.release = 0.5, .on_delay = rule.on_delay, .off_delay = rule.off_delay}));
      latches_.back().resize(1);
    };
    check(rule.high_high, "high_high", 1, true);
    check(rule.high, "high", 1, false);
    check(rule.low, "low", -1, false);
    check(rule.low_low, "low_low", -1, true);
  }

  void look_limit(std::size_t i, const Frame& frame, SymptomSink& out) {
    const Check& check = checks_[i];
    const double value = frame.values[check.column];
    if (std::isnan(value)) return;  // what is not known neither begins nor ends
    const double over = (value - check.limit) * check.sign;
    double level = 0;
    if (over > 0) {
      level = 1;
    } else if (over > -check.deadband) {
      level = 0.5;
    }
    const auto step = latches_[i].step(0, frame.at, level);
    if (step != Latches::Step::began && step != Latches::Step::ended) return;
    out.report({.detector = kind_name,
                .kind = SymptomKind::limit,
                .active = step == Latches::Step::began,
                .at = frame.at,
                .since = latches_[i].since(0),
                .until = latches_[i].last_over(0),
                .column = check.column,
                .score = check.score,
                .value = value,
                .expected = check.limit,
                .low = check.sign < 0 ? check.limit : -infinity,
                .high = check.sign > 0 ? check.limit : infinity,
                .rule = check.name,
                .priority = check.priority});
  }

  static void count(Visits& visits, double distance, double span) {
    const bool is_there = distance <= 0;
    visits.frames += is_there ? 1 : 0;
    visits.visits += is_there && !visits.is_there ? 1 : 0;
    visits.near += !is_there && distance < close * span ? 1 : 0;
    visits.is_there = is_there;
  }

  bool is_ordinary(const Visits& visits) const {
    return visits.visits >= 3 || visits.frames * 2 >= learned_frames_ ||
           (visits.frames > 0 && visits.near * 100 >= learned_frames_);
  }

  Config config_;
  ModelRows loaded_;
  ColumnNames names_;
  std::vector<Check> checks_;
  std::vector<Latches> latches_;  ///< of each check, since each has delays of its own
  Latches range_latches_;
  std::vector<double> last_;     ///< value
  std::vector<double> tremble_;  ///< mean size of its changes, lately
  std::vector<Ends> range_;      ///< as the sensor's description says
  std::vector<Ends> ends_;       ///< as learned
  std::vector<double> span_;
  std::vector<double> ordinary_;  ///< the last value that was in range
  std::vector<Visits> low_visits_;
  std::vector<Visits> high_visits_;
  std::uint32_t learned_frames_ = 0;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.range = TRY(section.flag("range", config.range));
  config.range_delay = TRY(section.duration("range_delay", config.range_delay));
  auto rules = TRY(section.tables("rule"));
  for (auto& part : rules) {
    auto rule = TRY(read_rule(part));
    config.rules.push_back(std::move(rule));
  }
  return std::make_unique<Limits>(std::move(config));
}

}  // namespace
}  // namespace sosie::limits

namespace sosie {
void register_detectors_limits(Catalog& catalog);
void register_detectors_limits(Catalog& catalog) {
  catalog.add<Detector>("limits", limits::make);
}
}  // namespace sosie
