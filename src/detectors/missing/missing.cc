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

namespace sosie::missing {
namespace {

constexpr std::string_view kind_name = "missing";
constexpr std::uint32_t model_version = 1;
constexpr std::string_view ahead_rule = "ahead";
constexpr std::string_view again_rule = "again";
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Config {
  double margin = 3;          ///< times the longest usual interval
  double lost_share = 0.1;    ///< of the values, in the last minutes, is too many
  double again_share = 0.25;  ///< of the frames, in the last minutes, had a value again
  Duration hold = std::chrono::minutes(3);
};

struct Learned {
  double interval_s = infinity;  ///< usual, from one value to the next
  double gap_s = infinity;       ///< too long without a value
  double late_s = infinity;      ///< a value older than that on arrival is late
  double lost = infinity;        ///< too large a share of values that did not come
  double again = infinity;       ///< too large a share of frames in which a value came again
};

/// What is seen of a column while learning.
struct Seen {
  Sketch interval_s;
  Sketch age_s;
  Sketch lost;
  Sketch again;
};

/// Finds a sensor that is silent for longer than its own cadence, loses many of its values, sends
/// them late, dates them ahead of the others (its clock is fast), or sends many of them again. The
/// cadence is learned from when the values were measured. What a line loses of ten or more sensors
/// alike is none of theirs: one must lose four times as much.
class Missing final : public Detector {
 public:
  explicit Missing(Config config) : config_(config), latches_({.off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    period_s_ = seconds(columns.period);
    learned_.resize(n);
    seen_.resize(n);
    last_.resize(n);
    age_s_.resize(n, 0);
    lost_.resize(n, 0);
    again_.resize(n, 0);
    why_.resize(n);
    latches_.resize(n);
    take_loaded();
  }

  void learn(const Frame& frame) override {
    const bool is_sampled = learned_frames_++ % 8 == 0;  // neighbours in time say the same
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (frame.fresh[i] != 0 && last_[i] != Timestamp{} && frame.measured_at[i] > last_[i]) {
        seen_[i].interval_s.add(seconds(frame.measured_at[i] - last_[i]));
        if (is_sampled) seen_[i].age_s.add(off_by(frame, i));
      }
      if (!update(frame, i) || !is_sampled) continue;
      seen_[i].lost.add(lost_[i]);
      seen_[i].again.add(again_[i]);
    }
  }

  Result<void> settle() override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto& seen = seen_[i];
      if (seen.interval_s.count() < least_intervals) continue;
      Learned& l = learned_[i];
      l.interval_s = seen.interval_s.quantile(0.5);
      l.gap_s = config_.margin * std::max(seen.interval_s.quantile(0.99), period_s_);
      l.late_s = config_.margin * (seen.age_s.quantile(0.999) + period_s_);
      const bool comes_each_frame = l.interval_s < 1.5 * period_s_;
      l.lost = comes_each_frame ? std::max(config_.lost_share, 1.5 * seen.lost.quantile(0.99))
                                : infinity;
      l.again = std::max(config_.again_share, 1.5 * seen.again.quantile(0.99));
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    const double by_line = names_.size() < least_columns ? 0 : lost_by_all_;
    // As long a run of lost values as chance makes once in a hundred million.
    const double run_s = by_line > 0 ? period_s_ * unlikely / -std::log(std::min(by_line, 0.9)) : 0;
    double lost_sum = 0;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!update(frame, i)) continue;
      lost_sum += lost_[i];
      const auto& l = learned_[i];
      const double silent_s = seconds(frame.at - last_[i]);
      const double most_silent_s = std::max(l.gap_s, run_s);
      const double most_lost = std::max(l.lost, beyond_line * by_line);
      const bool is_well = silent_s < most_silent_s && age_s_[i] < l.late_s &&
                           lost_[i] < most_lost && again_[i] < l.again;
      if (is_well && latches_.is_quiet(i)) continue;  // nearly always, and without a division
      const Levels levels{.silent = std::max(silent_s / most_silent_s, lost_[i] / most_lost),
                          .late = age_s_[i] / l.late_s,
                          .again = again_[i] / l.again};
      const auto step = latches_.step(i, frame.at, levels.highest());
      if (step == Latches::Step::began) why_[i] = reason(frame, i, levels);
      if (step != Latches::Step::none) report(step != Latches::Step::ended, frame, i, out);
    }
    lost_by_all_ = lost_sum / std::max<double>(1, static_cast<double>(names_.size()));
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = learned_[i];
      return std::isinf(l.gap_s) ? std::vector<double>{}
                                 : std::vector{l.interval_s, l.gap_s, l.late_s, l.lost, l.again};
    });
  }

  Result<void> load(std::string_view model) override {
    // A model from before values that come again were looked at says nothing of them.
    if (!loaded_.load(model, kind_name, model_version, width)) {
      TRY(loaded_.load(model, kind_name, model_version, width - 1));
    }
    take_loaded();
    return {};
  }

 private:
  static constexpr std::uint64_t least_intervals = 8;
  static constexpr std::size_t least_columns = 10;
  static constexpr double beyond_line = 4;
  static constexpr double unlikely = 18.4;       ///< -log of one in a hundred million
  static constexpr double forget = 1.0 / 60;     ///< of the share of lost values, each frame
  static constexpr double most_again = 1.5;      ///< times its limit
  static constexpr std::size_t width = 5;        ///< numbers a row of the model
  static constexpr std::uint8_t came_again = 2;  ///< in Frame::fresh

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      learned_[i] = {.interval_s = row[0],
                     .gap_s = row[1],
                     .late_s = row[2],
                     .lost = row[3],
                     .again = row.size() == width ? row[4] : infinity};
    });
  }

  static double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-6; }

  /// How old the fresh value of a column is, or how far in the future, beyond the frame.
  double off_by(const Frame& frame, std::size_t i) const {
    const double age = seconds(frame.at - frame.measured_at[i]);
    return std::max({0.0, age, -age - period_s_});
  }

  /// Takes the frame in. False while the column never had a value: there is no gap to speak of.
  bool update(const Frame& frame, std::size_t i) {
    const bool is_known = last_[i] != Timestamp{};
    const bool is_fresh = frame.fresh[i] != 0;
    // A silence that is over is no loss of single values, which are counted anew.
    if (is_known && is_fresh && seconds(frame.at - last_[i]) >= learned_[i].gap_s) lost_[i] = 0;
    if (is_known) lost_[i] += forget * ((is_fresh ? 0.0 : 1.0) - lost_[i]);
    if (lost_[i] < 1e-9) lost_[i] = 0;  // numbers too small for the processor to be quick with
    const bool is_again = frame.fresh[i] == came_again;
    if (is_again || again_[i] > 0) again_[i] += forget * ((is_again ? 1.0 : 0.0) - again_[i]);
    // Beyond what is too much it says no more, and would only take longer to be over.
    again_[i] = again_[i] < 1e-9 ? 0 : std::min(again_[i], most_again * learned_[i].again);
    if (is_fresh) {
      age_s_[i] = off_by(frame, i);
      last_[i] = std::max(last_[i], frame.measured_at[i]);
    }
    return is_known;
  }

  /// Levels of what can be wrong with a column; the names are rules of its symptom.
  struct Levels {
    double silent = 0;
    double late = 0;  ///< or ahead
    double again = 0;

    double highest() const { return std::max({silent, late, again}); }
  };

  /// What stands out as it begins: "" (values do not come, or late), "ahead" or "again".
  std::string_view reason(const Frame& frame, std::size_t i, const Levels& levels) const {
    if (levels.again >= levels.highest()) return again_rule;
    const bool is_ahead = frame.measured_at[i] > frame.at;
    return is_ahead && levels.late >= levels.highest() ? ahead_rule : std::string_view();
  }

  double value_of(const Frame& frame, std::size_t i) const {
    if (why_[i] == ahead_rule) return age_s_[i] + period_s_;
    if (why_[i] == again_rule) return again_[i];
    return seconds(frame.at - last_[i]);
  }

  void report(bool active, const Frame& frame, std::size_t i, SymptomSink& out) const {
    out.report({.detector = kind_name,
                .kind = SymptomKind::missing,
                .active = active,
                .at = active ? frame.at : latches_.last_over(i),
                .since = active ? std::min(last_[i], latches_.since(i)) : latches_.since(i),
                .column = static_cast<std::uint32_t>(i),
                .score = 0.5 + score_of(latches_.peak(i)) / 2,
                .value = value_of(frame, i),
                .expected = learned_[i].interval_s,
                .low = 0,
                .high = learned_[i].gap_s,
                .anomaly = latches_.peak(i),
                .rule = why_[i]});
  }

  Config config_;
  ModelRows loaded_;
  ColumnNames names_;
  double period_s_ = 0;
  std::uint64_t learned_frames_ = 0;
  std::vector<Learned> learned_;
  std::vector<Seen> seen_;
  std::vector<Timestamp> last_;        ///< when the latest value was measured; epoch: none yet
  std::vector<double> age_s_;          ///< of the latest value, when it came
  double lost_by_all_ = 0;             ///< the mean of `lost_`
  std::vector<double> lost_;           ///< share of frames without a value, lately
  std::vector<double> again_;          ///< share of frames in which a value came again, lately
  std::vector<std::string_view> why_;  ///< of the episode that is told of
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin < 1) return section.wrong("margin", "expected 1 or more");
  config.lost_share = TRY(section.number("lost_share", config.lost_share));
  if (config.lost_share <= 0) return section.wrong("lost_share", "expected a share above 0");
  config.again_share = TRY(section.number("again_share", config.again_share));
  if (config.again_share <= 0) return section.wrong("again_share", "expected a share above 0");
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Missing>(config);
}

}  // namespace
}  // namespace sosie::missing

namespace sosie {
void register_detectors_missing(Catalog& catalog);
void register_detectors_missing(Catalog& catalog) {
  catalog.add<Detector>("missing", missing::make);
}
}  // namespace sosie
