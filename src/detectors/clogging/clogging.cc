#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "core/catalog.h"
#include "core/detector.h"
#include "statistics/block_means.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"

namespace sosie::clogging {
namespace {

constexpr std::string_view kind_name = "clogging";
constexpr std::uint32_t model_version = 2;  ///< 2: with how little it clogs at times
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Config {
  Duration sample = std::chrono::minutes(1);
  Duration smooth = std::chrono::minutes(10);  ///< the resistance is averaged over so long
  Duration over = std::chrono::minutes(60);    ///< and may rise so much in that
  double margin = 1.5;  ///< times what three in four quarters of a day stay below
  Duration on_delay = std::chrono::minutes(3);
  Duration hold = std::chrono::minutes(15);
};

/// What is ordinary of a pressure: its resistance P / Q^p to the flow of its stage.
struct Learned {
  double power = 1;         ///< p: 1 where the flow creeps through (a filter), 2 where it shoots
  double least_flow = 0;    ///< below it nothing is said
  double level = infinity;  ///< of the resistance
  double climb = infinity;  ///< of its rise
  double low = 0;           ///< of the resistance: one in ten is less
};

/// A screen, a filter, a pipe that clogs faster than it ever did, or further.
///
/// The pressure alone does not say so: it follows the flow, and grows from one washing to the next.
/// The resistance to the flow, P / Q (Darcy) or P / Q^2 (Borda, Carnot), whichever was steadier in
/// learning, does: it grows slowly, and falls when something is washed or raked.
class Clogging final : public Detector {
 public:
  explicit Clogging(Config config)
      : config_(config),
        latches_({.release = 0.8, .on_delay = config.on_delay, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    sample_ = std::max(config_.sample, columns.period);
    blocks_.begin(n);
    latches_.resize(n);
    learned_.resize(n);
    rows_over_ = static_cast<std::size_t>(
        std::max<Duration::rep>(1, config_.over.count() / sample_.count()));
    period_ = columns.period;
    pairs_.clear();
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto flow = is_pressure(*columns.info[i]) ? flow_beside(columns, i) : std::nullopt;
      if (flow) pairs_.push_back({.pressure = i, .flow = *flow});
    }
    for (auto& pair : pairs_) pair.past.assign(rows_over_, nan);
    take_loaded();
  }

  void learn(const Frame& frame) override {
    if (!take(frame)) return;
    for (auto& pair : pairs_) {
      const double pressure = blocks_.mean()[pair.pressure];
      const double flow = blocks_.mean()[pair.flow];
      if (pair.seen.size() < most_seen) pair.seen.push_back({pressure, flow});
    }
  }

  Result<void> settle() override {
    for (const auto& pair : pairs_) {
      if (const auto made = learn_pair(pair)) learned_[pair.pressure] = *made;
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    if (!take(frame)) return;
    for (auto& pair : pairs_) {
      const auto& l = learned_[pair.pressure];
      if (std::isinf(l.level)) continue;
      const double now = follow(pair, l, blocks_.mean()[pair.pressure], blocks_.mean()[pair.flow]);
      const double before = pair.past[pair.next];
      pair.past[pair.next] = now;
      pair.next = (pair.next + 1) % pair.past.size();
      double level = std::isnan(now) ? 0 : now / l.level;
      if (!std::isnan(now - before)) level = std::max(level, rise(now, before, l) / l.climb);
      const auto step = latches_.step(pair.pressure, frame.at, level);
      if (step != Latches::Step::none) {
        report(step != Latches::Step::ended, frame, pair, now, before, out);
      }
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = learned_[i];
      return std::isinf(l.level) ? std::vector<double>{}
                                 : std::vector{l.power, l.least_flow, l.level, l.climb, l.low};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 5));
    take_loaded();
    return {};
  }

 private:
  static constexpr std::size_t most_seen = 100'000;
  static constexpr std::size_t least_seen = 1000;
  static constexpr double seldom_less = 0.1;
  static constexpr double usual_share = 0.99;
  static constexpr double usual_peaks = 0.75;
  static constexpr std::size_t least_peaks = 8;
  static constexpr double least_following = 0.3;
  static constexpr double largest_change = 0.7;  ///< of a logarithm: what is more is a washing
  static constexpr double steeper = 4.0 / 3;     ///< a rise varies more than a level
  static constexpr double faint_flow = 0.3;      ///< of the median

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      learned_[i] = {
          .power = row[0], .least_flow = row[1], .level = row[2], .climb = row[3], .low = row[4]};
    });
  }

  struct Seen {
    double pressure = 0;
    double flow = 0;
  };
  struct Pair {
    std::uint32_t pressure = 0;
    std::uint32_t flow = 0;
    double smooth = nan;  ///< resistance
    std::vector<double> past{};
    std::size_t next = 0;  ///< in `past`: the oldest
    std::vector<Seen> seen{};
  };

  static bool is_pressure(const SeriesInfo& info) {
    const std::string_view unit = info.unit;
    return unit == "mbar" || unit == "bar" || unit == "Pa" || unit == "kPa" || unit == "hPa";
  }

  /// The first flow of its stage; none: there is none.
  static std::optional<std::uint32_t> flow_beside(const AssetColumns& columns, std::uint32_t i) {
    for (std::uint32_t k = 0; k < columns.size(); ++k) {
      const std::string_view unit = columns.info[k]->unit;
      const bool is_flow = unit == "m3/h" || unit == "L/s" || unit == "m3/s";
      if (is_flow && columns.info[k]->stage == columns.info[i]->stage) return k;
    }
    return std::nullopt;
  }

  bool take(const Frame& frame) {
    return !pairs_.empty() && blocks_.add(frame, sample_ - period_ / 2, 1);
  }

  double pace() const {
    return std::min(
        1.0, static_cast<double>(sample_.count()) / static_cast<double>(config_.smooth.count()));
  }

  /// The smoothed resistance now; NaN: not known, or the flow is too faint.
  double follow(Pair& pair, const Learned& l, double pressure, double flow) const {
    if (std::isnan(pressure) || !(flow >= l.least_flow)) {
      pair.smooth = nan;
      return nan;
    }
    const double resistance = pressure / std::pow(flow, l.power);
    if (std::isnan(pair.smooth)) pair.smooth = resistance;
    pair.smooth += pace() * (resistance - pair.smooth);
    return pair.smooth;
  }

  /// What it has clogged by. In a storm a second screen opens and a pump of more stands by; that it
  /// closes again brings back what is usual, and clogs nothing.
  static double rise(double now, double before, const Learned& l) {
    return now - std::max(before, l.low);
  }

  static double quantile(std::vector<double>& values, double p) {
    const auto at =
        values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, at);
    return *at;
  }

  /// How much the logarithm of P / Q^p varies.
  static double spread(const std::vector<Seen>& seen, double power, double least_flow) {
    double sum = 0;
    double squares = 0;
    double count = 0;
    for (const auto& s : seen) {
      if (!(s.flow >= least_flow) || !(s.pressure > 0)) continue;
      const double x = std::log(s.pressure) - power * std::log(s.flow);
      sum += x;
      squares += x * x;
      ++count;
    }
    return count > 0 ? squares / count - (sum / count) * (sum / count) : infinity;
  }

  /// How much of a change of the flow over three hours the pressure makes, too: about p where the
  /// flow makes the pressure, about 0 where they have nothing to do with each other. In logarithms,
  /// of means of an hour, so that what is raked twice an hour is as steady as what is not.
  double follows(const std::vector<Seen>& seen, double least_flow) const {
    const auto hour = static_cast<std::size_t>(
        std::max<Duration::rep>(1, Duration(std::chrono::hours(1)).count() / sample_.count()));
    std::vector<Seen> means;
    means.reserve(seen.size() / hour + 1);
    for (std::size_t from = 0; from + hour <= seen.size(); from += hour) {
      Seen sum;
      double count = 0;
      for (auto i = from; i < from + hour; ++i) {
        if (!(seen[i].flow >= least_flow) || !(seen[i].pressure > 0)) continue;
        sum.pressure += std::log(seen[i].pressure);
        sum.flow += std::log(seen[i].flow);
        ++count;
      }
      means.push_back(count > 0 ? Seen{sum.pressure / count, sum.flow / count} : Seen{nan, nan});
    }
    double products = 0;
    double squares = 1e-9;
    for (std::size_t i = 3; i < means.size(); ++i) {
      const double pressure = means[i].pressure - means[i - 3].pressure;
      const double flow = means[i].flow - means[i - 3].flow;
      if (std::isnan(pressure) || std::isnan(flow) || std::abs(pressure) > largest_change) continue;
      products += pressure * flow;
      squares += flow * flow;
    }
    return products / squares;
  }

  static std::size_t known(const std::vector<double>& values) {
    return static_cast<std::size_t>(
        std::ranges::count_if(values, [](double value) { return !std::isnan(value); }));
  }

  /// What three quarters of a day's quarters stay below: a fault that nobody labelled is in a few
  /// of them, though it may be more than a hundredth of the time. Of too few, a quantile of all.
  double usual_peak(const std::vector<double>& values) const {
    const auto rows = static_cast<std::size_t>(
        std::max<Duration::rep>(1, Duration(std::chrono::hours(6)).count() / sample_.count()));
    std::vector<double> peaks;
    peaks.reserve(values.size() / rows + 1);
    std::vector<double> all;
    all.reserve(values.size());
    for (std::size_t r = 0; r < values.size(); ++r) {
      if (r % rows == 0) peaks.push_back(0);
      if (std::isnan(values[r])) continue;
      all.push_back(values[r]);
      peaks.back() = std::max(peaks.back(), values[r]);
    }
    std::erase(peaks, 0.0);
    return peaks.size() < least_peaks ? quantile(all, usual_share) : quantile(peaks, usual_peaks);
  }

  std::optional<Learned> learn_pair(Pair pair) const {
    std::vector<double> flows;
    flows.reserve(pair.seen.size());
    for (const auto& s : pair.seen) {
      if (s.flow > 0 && s.pressure > 0) flows.push_back(s.flow);
    }
    if (flows.size() < least_seen || 2 * flows.size() < pair.seen.size()) return std::nullopt;
    Learned l;
    l.least_flow = faint_flow * quantile(flows, 0.5);
    if (follows(pair.seen, l.least_flow) < least_following) return std::nullopt;
    l.power = spread(pair.seen, 1, l.least_flow) <= spread(pair.seen, 2, l.least_flow) ? 1 : 2;
    std::vector<double> levels;  // NaN: not known, here and below
    levels.reserve(pair.seen.size());
    pair.smooth = nan;
    for (const auto& s : pair.seen) levels.push_back(follow(pair, l, s.pressure, s.flow));
    auto sorted = levels;
    std::erase_if(sorted, [](double level) { return std::isnan(level); });
    if (sorted.empty()) return std::nullopt;
    l.low = quantile(sorted, seldom_less);
    std::vector<double> climbs;
    climbs.reserve(levels.size());
    for (std::size_t r = 0; r < levels.size(); ++r) {
      const double before = r >= rows_over_ ? levels[r - rows_over_] : nan;
      climbs.push_back(levels[r] > before ? rise(levels[r], before, l) : nan);
    }
    if (known(levels) < least_seen || known(climbs) < least_seen / 10) return std::nullopt;
    l.level = config_.margin * usual_peak(levels);
    l.climb = steeper * config_.margin * usual_peak(climbs);
    if (!(l.level > 0) || !(l.climb > 0)) return std::nullopt;
    return l;
  }

  void report(bool active, const Frame& frame, const Pair& pair, double now, double before,
              SymptomSink& out) const {
    const auto i = pair.pressure;
    const auto& l = learned_[i];
    const double value = std::isnan(frame.values[i]) ? 0 : frame.values[i];
    const double from = std::max(before, l.low);
    const double allowed = std::isnan(before) ? l.level : std::min(l.level, from + l.climb);
    const double expected = now > 0 ? value * std::min(1.0, allowed / now) : value;
    out.report({.detector = kind_name,
                .kind = SymptomKind::deviation,
                .active = active,
                .at = frame.at,
                .since = latches_.since(i),
                .until = latches_.last_over(i),
                .column = i,
                .score = 0.5 + score_of(latches_.peak(i)) / 2,
                .value = value,
                .expected = expected,
                .low = 0,
                .high = expected,
                .anomaly = latches_.peak(i)});
  }

  Config config_;
  Duration sample_{};
  Duration period_{};
  ModelRows loaded_;
  ColumnNames names_;
  BlockMeans blocks_;
  std::size_t rows_over_ = 1;
  std::vector<Pair> pairs_;
  std::vector<Learned> learned_;
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  for (const auto& [key, span] :
       {std::pair("sample", &config.sample), std::pair("smooth", &config.smooth),
        std::pair("over", &config.over)}) {
    *span = TRY(section.duration(key, *span));
    if (*span <= Duration{}) return section.wrong(key, "expected a duration above 0");
  }
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin < 1) return section.wrong("margin", "expected 1 or more");
  config.on_delay = TRY(section.duration("on_delay", config.on_delay));
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Clogging>(config);
}

}  // namespace
}  // namespace sosie::clogging

namespace sosie {
void register_detectors_clogging(Catalog& catalog);
void register_detectors_clogging(Catalog& catalog) {
  catalog.add<Detector>("clogging", clogging::make);
}
}  // namespace sosie
