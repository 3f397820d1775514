#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "core/catalog.h"
#include "core/detector.h"
#include "detectors/noise/hush.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"
#include "statistics/sketch.h"

namespace sosie::noise {
namespace {

constexpr std::string_view kind_name = "noise";
constexpr std::uint32_t model_version = 2;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Config {
  std::int64_t window = 48;  ///< new values that the present noise level is made of
  double margin = 1.35;      ///< times the highest ordinary level, and the lowest divided by it
  Duration on_delay = std::chrono::minutes(1);
  Duration hold = std::chrono::minutes(5);
};

/// Of each column.
struct Learned {
  std::vector<double> low;
  std::vector<double> usual;
  std::vector<double> high;

  void resize(std::size_t columns) {
    low.resize(columns, 0.0);
    usual.resize(columns, 0.0);
    high.resize(columns, infinity);
  }
};

/// How each column trembles, side by side: all of them are brought up to date in each frame.
struct State {
  std::vector<double> before;  ///< value before the last one
  std::vector<double> last;
  std::vector<double> level;
  std::vector<double> count;  ///< of second differences

  void resize(std::size_t columns) {
    before.resize(columns, std::numeric_limits<double>::quiet_NaN());
    last.resize(columns, std::numeric_limits<double>::quiet_NaN());
    level.resize(columns, 0.0);
    count.resize(columns, 0.0);
  }
};

/// How much each column trembles now: the mean size of the second difference of its new values,
/// which neither a level nor a steady slope can move. Compared with what it was in training, both
/// ways: a sensor that trembles less than ever is as ill as one that trembles more.
///
/// Where a third of ten or more columns tremble much otherwise at once, that is told, and then
/// taken for how things are now (a converter was exchanged, somebody shakes the whole line): who
/// goes on ringing for all of them is deaf for the one that fails next. Whose own trembling is gone
/// from beneath what all have in common is told then, however little that was (`Hush`).
class Noise final : public Detector {
 public:
  explicit Noise(Config config)
      : config_(config),
        forget_(1.0 / static_cast<double>(config.window)),
        latches_({.release = 0.85, .on_delay = config.on_delay, .off_delay = config.hold}),
        hushed_({.release = 0.5, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    learned_.resize(n);
    seen_.resize(n);
    state_.resize(n);
    latches_.resize(n);
    hush_.resize(n);
    hushed_.resize(n);
    accepted_.resize(n, 1.0);
    low_.resize(n, 0.0);
    high_.resize(n, infinity);
    room_.resize(n, foreign_room);
    news_.resize(n);
    accept_pace_ = std::min(
        1.0, static_cast<double>(columns.period.count()) / static_cast<double>(accept_in.count()));
    is_state_.clear();
    for (const auto* info : columns.info) is_state_.push_back(is_state(*info) ? 1 : 0);
    take_loaded();
  }

  void learn(const Frame& frame) override {
    const auto before = state_.count;
    update(frame);
    hush_.learn(news_);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      // Every 8th: neighbours in time say the same.
      const bool is_taken = static_cast<std::uint64_t>(state_.count[i]) % 8 == 0 && is_warm(i);
      if (state_.count[i] != before[i] && is_taken) seen_[i].add(state_.level[i]);
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
      learned_.low[i] = std::min(bottom / config_.margin, usual / (1.1 * least_ratio));
      learned_.usual[i] = usual;
      learned_.high[i] = std::max(top * config_.margin, usual * least_ratio);
      hush_.set_own(i, hush_.learned(i));
    }
    set_limits();
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    update(frame);
    std::size_t beyond = 0;
    std::size_t astir = 0;
    for (std::size_t i = 0; i < accepted_.size(); ++i) {
      beyond += is_beyond(i, 1) ? 1U : 0U;
      astir += is_beyond(i, near) ? 1U : 0U;
    }
    if (beyond > 0 || latches_.busy() > 0) tell(frame, out);
    const auto judged = static_cast<std::size_t>(
        std::ranges::count_if(learned_.high, [](double high) { return high < infinity; }));
    if (judged >= least_judged && 3 * astir >= judged) {
      if (frame.at >= accept_until_) hush_.restart();  // another noise than the one before
      accept_until_ = frame.at + 3 * accept_in;
    }
    if (frame.at < accept_until_) accept(judged);
    if (is_strange_ || hushed_.busy() > 0) look_for_silence(frame, out);
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& [low, usual, high] = learned_;
      return std::isinf(high[i]) ? std::vector<double>{}
                                 : std::vector{low[i], usual[i], high[i], hush_.own(i)};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 4));
    take_loaded();
    return {};
  }

 private:
  static constexpr std::uint64_t least_levels = 20;
  static constexpr double least_ratio = 1.8;  ///< of the usual level: less is never reported
  static constexpr std::size_t least_judged = 10;
  static constexpr double near = 0.75;  ///< of the limit: a third of all are not there by chance
  static constexpr Duration accept_in = std::chrono::minutes(10);
  static constexpr double most_accepted = 1e3;  ///< times the usual level
  static constexpr double foreign = 1.25;       ///< … or less: it is not what was learned
  static constexpr double foreign_room = 1.25;  ///< times the limit, at first and each time
  static constexpr double most_room = 2.5;
  /// Mean size of the second difference of independent normal values of deviation 1: sqrt(12 / pi).
  static constexpr double second_of_one = 1.9544;
  static constexpr double clip = 4;  ///< one spike is not noise: it counts as four times the level

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      learned_.low[i] = row[0];
      learned_.usual[i] = row[1];
      learned_.high[i] = row[2];
      hush_.set_own(i, row[3]);
    });
    set_limits();
  }

  double level_of(std::size_t i) const {
    const double now = state_.level[i];
    return is_warm(i) && now > 0 ? std::max(now / high_[i], low_[i] / now) : 0;
  }

  void tell(const Frame& frame, SymptomSink& out) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (latches_.is_quiet(i) && !is_beyond(i, 1)) continue;
      const auto step = latches_.step(i, frame.at, level_of(i));
      if (step == Latches::Step::began) give_room(i);
      if (step != Latches::Step::none) report(step != Latches::Step::ended, frame, i, out);
    }
  }

  /// Whether `level_of` is `share` or above.
  bool is_beyond(std::size_t i, double share) const {
    const double now = state_.level[i];
    const int off = int{now >= share * high_[i]} | int{low_[i] >= share * now};  // no branch
    return (int{is_warm(i)} & int{now > 0} & off) != 0;
  }

  /// What was learned, in what is usual now.
  void set_limits() {
    for (std::size_t i = 0; i < names_.size(); ++i) set_limits(i);
  }

  void look_for_silence(const Frame& frame, SymptomSink& out) {
    if (is_strange_) hush_.look(frame.at, news_);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double level = is_strange_ ? hush_.level(i) : 0;
      if (level < 1 && hushed_.is_quiet(i)) continue;
      const auto step = hushed_.step(i, frame.at, level);
      if (step != Latches::Step::none) report_silence(step != Latches::Step::ended, frame, i, out);
    }
  }

  void set_limits(std::size_t i) {
    const double room = is_as_learned(i) ? 1 : room_[i];
    low_[i] = is_low_for_others(i) ? 0 : learned_.low[i] * accepted_[i] / room;
    high_[i] = learned_.high[i] * accepted_[i] * room;
  }

  /// Where most tremble otherwise, `hush_` sees to who falls silent. Of those it does not judge,
  /// one whose values have come nearer to each other was slow, and is no longer: how low it goes
  /// between two of its steps nobody has learned.
  bool is_low_for_others(std::size_t i) const {
    return is_strange_ && (hush_.own(i) > 0 || accepted_[i] * foreign < 1);
  }

  bool is_as_learned(std::size_t i) const { return !is_strange_ && is_near_learned(i); }
  bool is_near_learned(std::size_t i) const {
    return accepted_[i] < foreign && accepted_[i] * foreign > 1;
  }

  /// How much a level that was accepted wavers nobody has learned: each time that it is told of, it
  /// must go further to be told of again. So where many tremble otherwise than they did, also of
  /// one that seems not to.
  void give_room(std::size_t i) {
    if (is_as_learned(i)) return;
    room_[i] = std::min(room_[i] * foreign_room, most_room);
    set_limits(i);
  }

  /// Goes towards taking for usual how each column trembles now.
  void accept(std::size_t judged) {
    std::size_t foreign_now = 0;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double usual = learned_.usual[i];
      if (usual <= 0 || !is_warm(i)) continue;
      const double ratio = std::clamp(state_.level[i] / usual, 1 / most_accepted, most_accepted);
      accepted_[i] += accept_pace_ * (ratio - accepted_[i]);
      foreign_now += is_near_learned(i) ? 0U : 1U;
    }
    is_strange_ = judged >= least_judged && 3 * foreign_now >= judged;
    set_limits();
  }

  bool is_warm(std::size_t i) const {
    return state_.count[i] >= static_cast<double>(config_.window);
  }

  /// Takes the frame's new values in. Without branches: all columns go the same way.
  void update(const Frame& frame) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < news_.size(); ++i) {
      news_[i] = frame.fresh[i] != 0 ? frame.values[i] : nan;
    }
    const double* const news = news_.data();
    double* const befores = state_.before.data();
    double* const lasts = state_.last.data();
    double* const levels = state_.level.data();
    double* const counts = state_.count.data();
    const double forget = forget_;
    for (std::size_t i = 0; i < state_.last.size(); ++i) {
      const double value = news[i];
      const double last = lasts[i];
      const double level = levels[i];
      const double count = counts[i] + 1;
      const bool is_new = !std::isnan(value) & (value != last);
      const double second = std::abs(value - 2 * last + befores[i]);
      const bool is_told = is_new & !std::isnan(second);
      // The plain mean at first, then an exponential one.
      const double plain = 1 / count;
      const double weight = plain > forget ? plain : forget;
      const bool is_clipped = (count > 8) & (level > 0) & (clip * level < second);
      const double clipped = is_clipped ? clip * level : second;
      befores[i] = is_new ? last : befores[i];
      lasts[i] = is_new ? value : last;
      levels[i] = is_told ? level + weight * (clipped - level) : level;
      counts[i] = is_told ? count : counts[i];
    }
  }

  void report(bool active, const Frame& frame, std::size_t i, SymptomSink& out) const {
    const double usual = learned_.usual[i];
    out.report({.detector = kind_name,
                .kind = SymptomKind::noise,
                .active = active,
                .at = frame.at,
                .since = latches_.since(i),
                .until = latches_.last_over(i),
                .column = static_cast<std::uint32_t>(i),
                .score = score_of(latches_.peak(i)),
                .value = state_.level[i],
                .expected = usual,
                .low = learned_.low[i],
                .high = learned_.high[i],
                .anomaly = usual > 0 ? state_.level[i] / usual : 0});
  }

  void report_silence(bool active, const Frame& frame, std::size_t i, SymptomSink& out) const {
    const double usual = second_of_one * hush_.usual(i);
    const double now = second_of_one * hush_.now(i);
    out.report({.detector = kind_name,
                .kind = SymptomKind::noise,
                .active = active,
                .at = frame.at,
                .since = active ? hush_.since(i) : hushed_.since(i),
                .until = hushed_.last_over(i),
                .column = static_cast<std::uint32_t>(i),
                .score = score_of(hushed_.peak(i)),
                .value = now,
                .expected = usual,
                .low = usual,
                .high = high_[i],
                .anomaly = usual > 0 ? now / usual : 0});
  }

  Config config_;
  double forget_;
  ModelRows loaded_;
  ColumnNames names_;
  Learned learned_;
  std::vector<Sketch> seen_;
  State state_;
  std::vector<double> news_;      ///< the frame's values; NaN: it is the same as before
  std::vector<double> accepted_;  ///< times the usual level that is usual now
  std::vector<double> low_;       ///< limits of the level, now
  std::vector<double> high_;
  std::vector<double> room_;  ///< times the limit, where it trembles otherwise than it did
  bool is_strange_ = false;   ///< a third of them tremble otherwise than they did
  double accept_pace_ = 0;    ///< each frame
  Timestamp accept_until_;
  std::vector<std::uint8_t> is_state_;
  Latches latches_;
  Hush hush_;
  Latches hushed_;
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
