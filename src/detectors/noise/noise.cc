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

namespace sosie::noise {
namespace {

constexpr std::string_view kind_name = "noise";
constexpr std::uint32_t model_version = 1;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Config {
  std::int64_t window = 48;  ///< new values that the present noise level is made of
  double margin = 1.35;      ///< times the highest ordinary level, and the lowest divided by it
  Duration on_delay = std::chrono::minutes(1);
  Duration hold = std::chrono::minutes(5);
};

struct Learned {
  double low = 0;
  double usual = 0;
  double high = infinity;
};

/// How much each column trembles now: the mean size of the second difference of its new values,
/// which neither a level nor a steady slope can move. Compared with what it was in training, both
/// ways: a sensor that trembles less than ever is as ill as one that trembles more.
///
/// Where a third of ten or more columns tremble otherwise than ever at once, that is told, and then
/// taken for how things are now (a converter was exchanged, somebody shakes the whole line): who
/// goes on ringing for all of them is deaf for the one that fails next.
class Noise final : public Detector {
 public:
  explicit Noise(Config config)
      : config_(config),
        forget_(1.0 / static_cast<double>(config.window)),
        latches_({.release = 0.85, .on_delay = config.on_delay, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    learned_.resize(n);
    seen_.resize(n);
    state_.resize(n);
    latches_.resize(n);
    accepted_.resize(n, 1.0);
    accept_pace_ = std::min(
        1.0, static_cast<double>(columns.period.count()) / static_cast<double>(accept_in.count()));
    is_state_.clear();
    for (const auto* info : columns.info) is_state_.push_back(is_state(*info) ? 1 : 0);
  }

  void learn(const Frame& frame) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      // Every 8th: neighbours in time say the same.
      if (update(frame, i) && state_[i].count % 8 == 0 && is_warm(i)) seen_[i].add(state_[i].level);
    }
  }

  Result<void> settle() override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto& seen = seen_[i];
      if (is_state_[i] != 0 || seen.count() < least_levels) continue;
      const double usual = seen.quantile(0.5);
      // An unlabelled noisy spell may fill a hundredth of training, seldom a tenth.
      const double top = std::min(seen.quantile(0.999), 3 * seen.quantile(0.9));
      const double bottom = std::max(seen.quantile(0.001), seen.quantile(0.1) / 3);
      learned_[i] = {.low = std::min(bottom / config_.margin, usual / (1.1 * least_ratio)),
                     .usual = usual,
                     .high = std::max(top * config_.margin, usual * least_ratio)};
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    std::size_t judged = 0;
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      update(frame, i);
      judged += std::isinf(learned_[i].high) ? 0U : 1U;
      const bool is_odd = is_beyond(i);
      if (!is_odd && latches_.is_quiet(i)) continue;  // nearly always
      beyond += is_odd ? 1U : 0U;
      const auto step = latches_.step(i, frame.at, level_of(i));
      if (step != Latches::Step::none) report(step != Latches::Step::ended, frame, i, out);
    }
    if (judged >= least_judged && 3 * beyond >= judged) accept_until_ = frame.at + 3 * accept_in;
    if (frame.at < accept_until_) accept();
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = learned_[i];
      return std::isinf(l.high) ? std::vector<double>{} : std::vector{l.low, l.usual, l.high};
    });
  }

  Result<void> load(std::string_view model) override {
    return load_rows(model, kind_name, model_version, names_, 3,
                     [&](std::uint32_t i, std::span<const double> row) {
                       learned_[i] = {.low = row[0], .usual = row[1], .high = row[2]};
                     });
  }

 private:
  static constexpr std::uint64_t least_levels = 20;
  static constexpr double least_ratio = 1.8;  ///< of the usual level: less is never reported
  static constexpr std::size_t least_judged = 10;
  static constexpr Duration accept_in = std::chrono::minutes(10);
  static constexpr double most_accepted = 1e3;  ///< times the usual level
  static constexpr double clip = 4;  ///< one spike is not noise: it counts as four times the level

  struct State {
    double before = std::numeric_limits<double>::quiet_NaN();
    double last = std::numeric_limits<double>::quiet_NaN();
    double level = 0;
    std::uint64_t count = 0;  ///< of second differences
  };

  /// Its level in what is usual now.
  double now_of(std::size_t i) const {
    return accepted_[i] == 1 ? state_[i].level : state_[i].level / accepted_[i];
  }

  double level_of(std::size_t i) const {
    const auto& l = learned_[i];
    const double now = now_of(i);
    return is_warm(i) && now > 0 ? std::max(now / l.high, l.low / now) : 0;
  }

  /// Whether `level_of` is 1 or above, without its divisions.
  bool is_beyond(std::size_t i) const {
    const auto& l = learned_[i];
    const double now = now_of(i);
    return is_warm(i) && now > 0 && (now >= l.high || l.low >= now);
  }

  /// Goes towards taking for usual how each column trembles now.
  void accept() {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double usual = learned_[i].usual;
      if (usual <= 0 || !is_warm(i)) continue;
      const double ratio = std::clamp(state_[i].level / usual, 1 / most_accepted, most_accepted);
      accepted_[i] += accept_pace_ * (ratio - accepted_[i]);
    }
  }

  bool is_warm(std::size_t i) const {
    return state_[i].count >= static_cast<std::uint64_t>(config_.window);
  }

  /// True when the column has got a new value.
  bool update(const Frame& frame, std::size_t i) {
    State& s = state_[i];
    const double value = frame.values[i];
    if (frame.fresh[i] == 0 || std::isnan(value) || value == s.last) return false;
    const double second = std::abs(value - 2 * s.last + s.before);
    s.before = s.last;
    s.last = value;
    if (std::isnan(second)) return false;
    ++s.count;
    // The plain mean at first, then an exponential one.
    const double weight =
        is_warm(i) ? forget_ : std::max(forget_, 1.0 / static_cast<double>(s.count));
    const double clipped = s.count > 8 && s.level > 0 ? std::min(second, clip * s.level) : second;
    s.level += weight * (clipped - s.level);
    return true;
  }

  void report(bool active, const Frame& frame, std::size_t i, SymptomSink& out) const {
    out.report({.detector = kind_name,
                .kind = SymptomKind::noise,
                .active = active,
                .at = frame.at,
                .since = latches_.since(i),
                .column = static_cast<std::uint32_t>(i),
                .score = score_of(latches_.peak(i)),
                .value = state_[i].level,
                .expected = learned_[i].usual,
                .low = learned_[i].low,
                .high = learned_[i].high,
                .anomaly = learned_[i].usual > 0 ? state_[i].level / learned_[i].usual : 0});
  }

  Config config_;
  double forget_;
  ColumnNames names_;
  std::vector<Learned> learned_;
  std::vector<Sketch> seen_;
  std::vector<State> state_;
  std::vector<double> accepted_;  ///< times the usual level that is usual now
  double accept_pace_ = 0;        ///< each frame
  Timestamp accept_until_;
  std::vector<std::uint8_t> is_state_;
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.window = TRY(section.integer("window", config.window));
  if (config.window < 8) return section.wrong("window", "expected 8 or more values");
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin < 1) return section.wrong("margin", "expected 1 or more");
  config.on_delay = TRY(section.duration("on_delay", config.on_delay));
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Noise>(config);
}

}  // namespace
}  // namespace sosie::noise

namespace sosie {
void register_detectors_noise(Catalog& catalog);
void register_detectors_noise(Catalog& catalog) {
  catalog.add<Detector>("noise", noise::make);
}
}  // namespace sosie
