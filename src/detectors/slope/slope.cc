#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "core/catalog.h"
#include "core/detector.h"
#include "statistics/block_means.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"
#include "statistics/sketch.h"

namespace sosie::slope {
namespace {

constexpr std::string_view kind_name = "slope";
constexpr std::uint32_t model_version = 2;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t horizons = 2;

struct Config {
  Duration sample = std::chrono::minutes(1);
  std::array<Duration, horizons> over{std::chrono::minutes(5), std::chrono::minutes(15)};
  double margin = 1.15;  ///< times the change that ordinary life hardly ever reaches
  Duration on_delay = std::chrono::minutes(1);
  Duration hold = std::chrono::minutes(10);
};

/// The largest ordinary change of each column over one horizon, up and down.
struct Learned {
  std::vector<double> up;
  std::vector<double> down;
};

struct Seen {
  std::array<Sketch, horizons> up;
  std::array<Sketch, horizons> down;
  double blocks = 0;
  double news = 0;   ///< of them, those that differ from the one before
  double moved = 0;  ///< sum of the sizes of these differences
};

/// Finds what rises or falls over minutes faster than it ever did: a screen that clogs between two
/// rakings, a load that comes within a quarter of an hour. What creeps is `residual`'s, what jumps
/// from one value to the next `rate`'s.
///
/// Where a fifth of all columns do so at once, that is the weather's doing or a cause that others
/// tell of, and each must be half as far off again. Where a quarter of ten or more go from one mean
/// to the next by twice what they did on average (until it is less than an eighth), somebody shakes
/// them all, and what that adds makes the limits wider.
class Slope final : public Detector {
 public:
  explicit Slope(Config config)
      : config_(config),
        latches_({.release = 0.7, .on_delay = config.on_delay, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    period_ = columns.period;
    blocks_.begin(n);
    for (auto& learned : learned_) {
      learned.up.resize(n, infinity);
      learned.down.resize(n, infinity);
    }
    seen_.resize(n);
    usual_.resize(n, 0.0);
    moves_.resize(n, 0.0);
    latches_.resize(n);
    levels_.resize(n);
    is_state_.clear();
    for (const auto* info : columns.info) is_state_.push_back(is_state(*info) ? 1 : 0);
    for (std::size_t h = 0; h < horizons; ++h) {
      const auto sample = std::max(config_.sample, period_);
      rows_over_.at(h) = static_cast<std::size_t>(std::max<Duration::rep>(
          1, config_.over.at(h).count() / std::max<Duration::rep>(1, sample.count())));
    }
    ring_.assign((rows_over_.back() + 1) * n, nan);
    next_ = 0;
    take_loaded();
  }

  void learn(const Frame& frame) override {
    if (!take(frame)) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      seen_[i].blocks += 1;
      seen_[i].news += is_news(i) ? 1 : 0;
      const double moved = std::abs(row(0)[i] - row(1)[i]);
      seen_[i].moved += std::isnan(moved) ? 0 : moved;
      for (std::size_t h = 0; h < horizons && is_state_[i] == 0; ++h) {
        const double change = change_of(i, h);
        if (std::isnan(change)) continue;
        (change > 0 ? seen_[i].up : seen_[i].down).at(h).add(std::abs(change));
      }
    }
  }

  Result<void> settle() override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto& [up, down, blocks, news, moved] = seen_[i];
      const bool is_lively = 2 * news >= blocks;
      usual_[i] = is_lively && news > 0 && is_state_[i] == 0 ? moved / news : 0;
      for (std::size_t h = 0; h < horizons; ++h) {
        learned_.at(h).up[i] = is_lively ? limit(up.at(h), down.at(h)) : infinity;
        learned_.at(h).down[i] = is_lively ? limit(down.at(h), up.at(h)) : infinity;
      }
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    if (!take(frame)) return;
    follow_moves();
    if (is_shaken_) {
      see_levels_shaken();
    } else {
      see_levels();
    }
    const double common = is_any_common() ? std::max(1.0, beyond_common * common_level()) : 1;
    const auto over = std::ranges::count_if(levels_, [&](double level) { return level >= common; });
    if (over == 0 && latches_.busy() == 0) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto step = latches_.step(i, frame.at, levels_[i] / common);
      if (step != Latches::Step::none) report(step != Latches::Step::ended, frame, i, out);
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& [quick, slow] = learned_;
      if (std::isinf(quick.up[i])) return std::vector<double>{};
      return std::vector{quick.up[i], quick.down[i], slow.up[i], slow.down[i], usual_[i]};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 2 * horizons + 1));
    take_loaded();
    return {};
  }

 private:
  static constexpr std::uint64_t least_changes = 200;
  static constexpr double beyond_common = 1.5;
  static constexpr std::size_t least_columns = 20;  ///< of fewer, a fifth says nothing

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      for (std::size_t h = 0; h < horizons; ++h) {
        learned_.at(h).up[i] = row[2 * h];
        learned_.at(h).down[i] = row[2 * h + 1];
      }
      usual_[i] = row[2 * horizons];
    });
  }

  static constexpr double moves_blocks = 30;  ///< that the mean size of a move is taken over
  static constexpr double most_moved = 4;     ///< times that mean: what a move counts for in it
  static constexpr double shaken = 2;         ///< times the usual size
  static constexpr std::size_t least_judged = 10;
  /// Mean sizes of the difference of two independent normal values that such a difference is beyond
  /// once in two million times, which are 5 deviations: 5 sqrt(pi / 2).
  static constexpr double unlikely = 6.27;

  /// How far each goes from one block to the next, on average, and whether that is all over the
  /// asset more than it was.
  void follow_moves() {
    const double* const now = row(0);
    const double* const then = row(1);
    std::size_t judged = 0;
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      const double moved = std::abs(now[i] - then[i]);
      const double most = most_moved * std::max(moves_[i], usual_[i]);
      const double counted = moved < most ? moved : most;
      moves_[i] += std::isnan(moved) ? 0 : (counted - moves_[i]) / moves_blocks;
      judged += usual_[i] > 0 ? 1U : 0U;
      beyond += usual_[i] > 0 && moves_[i] > shaken * usual_[i] ? 1U : 0U;
    }
    is_shaken_ = judged >= least_judged && (is_shaken_ ? 8 : 4) * beyond >= judged;
  }

  /// What is added to the change of a column by who shakes them all, in the same way to a limit.
  double shaken_limit(std::size_t i, double limit) const {
    const double added = moves_[i] * moves_[i] - usual_[i] * usual_[i];
    return std::sqrt(limit * limit + unlikely * unlikely * std::max(added, 0.0));
  }

  void see_levels_shaken() {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      levels_[i] = 0;
      for (std::size_t h = 0; h < horizons; ++h) {
        const double change = change_of(i, h);
        const auto& l = learned_.at(h);
        const double level = std::abs(change) / shaken_limit(i, change > 0 ? l.up[i] : l.down[i]);
        if (level > levels_[i]) levels_[i] = level;
      }
    }
  }

  bool take(const Frame& frame) {
    const auto sample = std::max(config_.sample, period_);
    if (!blocks_.add(frame, sample - period_ / 2, 1)) return false;
    const auto n = names_.size();
    if (n == 0) return false;
    next_ = (next_ + 1) % (ring_.size() / n);
    std::ranges::copy(blocks_.mean(), ring_.begin() + static_cast<std::ptrdiff_t>(next_ * n));
    return true;
  }

  /// The block means of `age` blocks ago, 0 the latest. REQUIRES: the ring goes back so far.
  const double* row(std::size_t age) const {
    const auto n = names_.size();
    const auto rows = ring_.size() / n;
    return ring_.data() + (next_ + rows - age) % rows * n;
  }

  bool is_news(std::size_t i) const { return row(0)[i] != row(1)[i]; }

  /// NaN where it is not known.
  double change_of(std::size_t i, std::size_t horizon) const {
    return row(0)[i] - row(rows_over_.at(horizon))[i];
  }

  /// A side that was hardly ever seen is judged by the other.
  double limit(const Sketch& changes, const Sketch& others) const {
    if (changes.count() + others.count() < least_changes) return infinity;
    const auto& known = changes.count() < least_changes / 2 ? others : changes;
    const double furthest = std::max({known.unlikely(), changes.quantile(1), known.quantile(1)});
    return furthest > 0 ? config_.margin * furthest : infinity;
  }

  double level_of(std::size_t i, std::size_t horizon) const {
    const double change = change_of(i, horizon);
    const auto& l = learned_.at(horizon);
    const double level = std::abs(change) / (change > 0 ? l.up[i] : l.down[i]);
    return std::isnan(change) ? 0 : level;
  }

  /// The level of every column, over whichever horizon it is higher: `level_of` of all at once.
  void see_levels() {
    std::ranges::fill(levels_, 0.0);
    for (std::size_t h = 0; h < horizons; ++h) {
      const double* const now = row(0);
      const double* const then = row(rows_over_.at(h));
      const double* const up = learned_.at(h).up.data();
      const double* const down = learned_.at(h).down.data();
      double* const levels = levels_.data();
      for (std::size_t i = 0; i < levels_.size(); ++i) {
        const double change = now[i] - then[i];
        const double level = std::abs(change) / (change > 0 ? up[i] : down[i]);
        levels[i] = levels[i] < level ? level : levels[i];  // of what is not known nothing is so
      }
    }
  }

  /// Whether a fifth of the columns reach so much that it weighs. Counting is quicker than
  /// `common_level`, and nearly always says no.
  bool is_any_common() const {
    const auto n = levels_.size();
    const auto beyond =
        std::ranges::count_if(levels_, [](double level) { return beyond_common * level > 1; });
    return static_cast<std::size_t>(beyond) >= n - n * 4 / 5;
  }

  /// What a fifth of the columns reach.
  double common_level() {
    scratch_.assign(levels_.begin(), levels_.end());
    if (scratch_.size() < least_columns) return 0;
    const auto at = scratch_.begin() + static_cast<std::ptrdiff_t>(scratch_.size() * 4 / 5);
    std::ranges::nth_element(scratch_, at);
    return *at;
  }

  void report(bool active, const Frame& frame, std::size_t i, SymptomSink& out) const {
    const double now = ring_[next_ * names_.size() + i];
    std::size_t most = 0;
    for (std::size_t h = 1; h < horizons; ++h) most = level_of(i, h) > level_of(i, most) ? h : most;
    const double change = change_of(i, most);
    const double value = std::isnan(now) ? 0 : now;
    const double before = std::isnan(change) ? value : value - change;
    const auto& l = learned_.at(most);
    out.report({.detector = kind_name,
                .kind = SymptomKind::deviation,
                .active = active,
                .at = frame.at,
                .since = latches_.since(i),
                .until = latches_.last_over(i),
                .column = static_cast<std::uint32_t>(i),
                .score = score_of(latches_.peak(i)),
                .value = value,
                .expected = before,
                .low = before - l.down[i],
                .high = before + l.up[i],
                .anomaly = latches_.peak(i)});
  }

  Config config_;
  Duration period_{};
  ModelRows loaded_;
  ColumnNames names_;
  BlockMeans blocks_;
  std::vector<double> ring_;  ///< the last block means, row by row
  std::size_t next_ = 0;      ///< the latest row
  std::array<std::size_t, horizons> rows_over_{};
  std::vector<std::uint8_t> is_state_;
  std::array<Learned, horizons> learned_;
  std::vector<Seen> seen_;
  std::vector<double> usual_;  ///< mean size of a move of each column from one block to the next
  std::vector<double> moves_;  ///< the same, of late
  bool is_shaken_ = false;     ///< all over the asset the moves are larger than usual
  std::vector<double> levels_;
  std::vector<double> scratch_;
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.sample = TRY(section.duration("sample", config.sample));
  if (config.sample <= Duration{}) return section.wrong("sample", "expected a duration above 0");
  config.over[0] = TRY(section.duration("quick", config.over[0]));
  config.over[1] = TRY(section.duration("slow", config.over[1]));
  if (config.over[0] < config.sample) {
    return section.wrong("quick", "expected a duration of a sample or more");
  }
  if (config.over[1] <= config.over[0]) {
    return section.wrong("slow", "expected a duration longer than quick");
  }
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin <= 0) return section.wrong("margin", "expected a number above 0");
  config.on_delay = TRY(section.duration("on_delay", config.on_delay));
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Slope>(config);
}

}  // namespace
}  // namespace sosie::slope

namespace sosie {
void register_detectors_slope(Catalog& catalog);
void register_detectors_slope(Catalog& catalog) {
  catalog.add<Detector>("slope", slope::make);
}
}  // namespace sosie
