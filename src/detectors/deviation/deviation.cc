#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "core/catalog.h"
#include "core/detector.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"
#include "statistics/sketch.h"

namespace sosie::deviation {
namespace {

constexpr std::string_view kind_name = "deviation";
constexpr std::uint32_t model_version = 1;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Config {
  Duration window = std::chrono::hours(12);  ///< the moving average has the age of such a window's
  double margin = 1.3;                       ///< times the furthest ordinary deviation
  Duration on_delay{};
  Duration hold = std::chrono::minutes(30);
};

/// The ordinary distance from the moving average, below and above.
struct Learned {
  double down = infinity;
  double up = infinity;
};

struct Seen {
  Sketch down;
  Sketch up;
};

/// Value against its own slow moving average: all there is to say about a sensor that has no
/// neighbours. The average does not follow a value that is beyond the limit, so a long event does
/// not become its own yardstick, but it gives in after `patience` windows.
class Deviation final : public Detector {
 public:
  explicit Deviation(Config config)
      : config_(config),
        latches_({.release = 0.7, .on_delay = config.on_delay, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    learned_.resize(n);
    seen_.resize(n);
    state_.resize(n);
    latches_.resize(n);
    is_state_.clear();
    for (const auto* info : columns.info) is_state_.push_back(is_state(*info) ? 1 : 0);
    take_loaded();
  }

  void learn(const Frame& frame) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double off = update(frame, i, infinity);
      if (std::isnan(off) || !is_warm(i)) continue;
      (off < 0 ? seen_[i].down : seen_[i].up).add(std::abs(off));
    }
  }

  Result<void> settle() override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto& seen = seen_[i];
      if (is_state_[i] != 0 || seen.up.count() + seen.down.count() < least_values) continue;
      const double down = limit(seen.down);
      const double up = limit(seen.up);
      if (!(down > 0) && !(up > 0)) continue;  // never moved: nothing to judge by
      // A side that was never visited is judged by the other.
      learned_[i] = {.down = std::max(down, 0.5 * up), .up = std::max(up, 0.5 * down)};
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto& l = learned_[i];
      const double off = update(frame, i, std::max(l.down, l.up));
      if (std::isnan(off)) continue;
      const double level = is_warm(i) ? std::abs(off) / (off < 0 ? l.down : l.up) : 0;
      const auto step = latches_.step(i, frame.at, level);
      if (step != Latches::Step::none) report(step != Latches::Step::ended, frame, i, out);
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = learned_[i];
      return std::isinf(l.up) ? std::vector<double>{} : std::vector{l.down, l.up};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 2));
    take_loaded();
    return {};
  }

 private:
  static constexpr std::uint64_t least_values = 100;
  static constexpr double patience = 4;  ///< windows

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      learned_[i] = {.down = row[0], .up = row[1]};
    });
  }

  struct State {
    double mean = nan;
    Timestamp first;
    Timestamp last;
  };

  static double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-6; }

  bool is_warm(std::size_t i) const {
    return state_[i].last - state_[i].first >= config_.window / 2;
  }

  double limit(const Sketch& distances) const {
    return std::max(distances.unlikely(), config_.margin * distances.quantile(0.999));
  }

  /// The value's distance from the average of what came before it, NaN without a new value. Then
  /// the value joins that average, by 1/patience of its weight where it is further off than
  /// `ordinary`.
  double update(const Frame& frame, std::size_t i, double ordinary) {
    State& s = state_[i];
    const double value = frame.values[i];
    if (frame.fresh[i] == 0 || std::isnan(value)) return nan;
    const auto at = frame.measured_at[i];
    if (std::isnan(s.mean)) {
      s = {.mean = value, .first = at, .last = at};
      return nan;
    }
    const double off = value - s.mean;
    const double age_s = seconds(config_.window) / 2;
    const double known_s = std::max(seconds(at - s.first), 1e-6);
    double weight = std::min(1.0, std::max(seconds(at - s.last), 0.0) / std::min(age_s, known_s));
    if (is_warm(i) && std::abs(off) > ordinary) weight /= patience;
    s.mean += weight * off;
    s.last = at;
    return off;
  }

  void report(bool active, const Frame& frame, std::size_t i, SymptomSink& out) const {
    const auto& s = state_[i];
    out.report({.detector = kind_name,
                .kind = SymptomKind::deviation,
                .active = active,
                .at = frame.at,
                .since = latches_.since(i),
                .until = latches_.last_over(i),
                .column = static_cast<std::uint32_t>(i),
                .score = score_of(latches_.peak(i)),
                .value = frame.values[i],
                .expected = s.mean,
                .low = s.mean - learned_[i].down,
                .high = s.mean + learned_[i].up,
                .anomaly = latches_.peak(i)});
  }

  Config config_;
  ModelRows loaded_;
  ColumnNames names_;
  std::vector<Learned> learned_;
  std::vector<Seen> seen_;
  std::vector<State> state_;
  std::vector<std::uint8_t> is_state_;
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.window = TRY(section.duration("window", config.window));
  if (config.window <= Duration{}) return section.wrong("window", "expected a duration above 0");
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin < 1) return section.wrong("margin", "expected 1 or more");
  config.on_delay = TRY(section.duration("on_delay", config.on_delay));
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Deviation>(config);
}

}  // namespace
}  // namespace sosie::deviation

namespace sosie {
void register_detectors_deviation(Catalog& catalog);
void register_detectors_deviation(Catalog& catalog) {
  catalog.add<Detector>("deviation", deviation::make);
}
}  // namespace sosie
