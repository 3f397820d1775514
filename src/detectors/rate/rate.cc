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

namespace sosie::rate {
namespace {

constexpr std::string_view kind_name = "rate";
constexpr std::uint32_t model_version = 2;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Config {
  double margin = 1.15;  ///< times the change that ordinary life reaches once in ten million
  std::int64_t back_within = 3;  ///< new values: a jump that is gone by then was a spike
  Duration hold = std::chrono::minutes(10);
  Duration excuse = std::chrono::minutes(3);
};

/// The largest ordinary change from one new value to the next, upwards and downwards.
struct Learned {
  double up = infinity;
  double down = infinity;
  double gap_s = infinity;  ///< values further apart are not compared
  double usual = 0;         ///< mean size of a change
};

/// What is seen of a column while learning.
struct Seen {
  Sketch up;
  Sketch down;
  Sketch interval_s;
  double sum = 0;  ///< of the sizes of all changes
};

/// The latest jump of a column, until it is clear whether it was a spike.
struct Jump {
  double from = 0;
  double to = 0;
  double level = 0;
  Timestamp at;
};

/// What is followed of a column while all are restless: how it trembles around its own mean, and
/// which values lay too far out of that.
struct Outliers {
  double variance = 0;  ///< of a new value around the mean of those before it
  double values = 0;    ///< that it is made of
  double lately = 0;    ///< how many were far out and gone at once, the older the less
  double from = 0;      ///< of the last value that was far out: the mean it left
  double to = 0;
  bool is_pending = false;  ///< is the next new value back?
};

/// What every frame asks of a column: a cache line.
struct alignas(64) Track {
  double last = std::numeric_limits<double>::quiet_NaN();  ///< value
  Timestamp at;                                            ///< when that was measured
  Learned learned;
  double unrest = 0;      ///< how large its changes are now, on average
  float changes = 0;      ///< that `unrest` is made of
  std::int32_t left = 0;  ///< new values to wait for after a jump; 0: nothing is pending
};
static_assert(sizeof(Track) == 64);

/// Compares each *new* value with the one before it, so a sensor that repeats a value for half an
/// hour is judged by its half-hourly steps. A jump that comes back at once is a spike, one that
/// stays a rate. Jumps right after a pump or valve of the same stage changed its state are excused.
/// Where a quarter of ten or more columns change more than usual on average (until it is less than
/// an eighth), each is judged by what its changes are now: all of them together are for `noise` to
/// tell. And each new value is then held against the mean of those before it, which trembles less
/// than the last one does. Spikes that are too small to be told one by one are told where there are
/// more of them within a quarter of an hour than such a tremble ever makes.
class Rate final : public Detector {
 public:
  explicit Rate(Config config)
      : config_(config),
        rate_latches_({.off_delay = config.hold}),
        spike_latches_({.off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    tracks_.resize(n);
    seen_.resize(n);
    jumps_.resize(n);
    calm_.resize(n, std::numeric_limits<double>::quiet_NaN());
    outliers_.resize(n);
    rate_latches_.resize(n);
    spike_latches_.resize(n);
    stage_of_.clear();
    is_state_.clear();
    least_switch_.clear();
    std::vector<std::string_view> stages;
    for (const auto* info : columns.info) {
      const std::string_view stage = info->stage;
      auto found = std::ranges::find(stages, stage);
      if (found == stages.end()) found = stages.insert(stages.end(), stage);
      stage_of_.push_back(static_cast<std::uint32_t>(found - stages.begin()));
      is_state_.push_back(is_state(*info) ? 1 : 0);
      least_switch_.push_back(info->unit == "0/1/2" ? state_tremble : 0);
    }
    switched_at_.resize(stages.size(), Timestamp::min());
    take_loaded();
  }

  void learn(const Frame& frame) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (is_state_[i] != 0 || !is_new(frame, i)) continue;
      const double change = frame.values[i] - tracks_[i].last;
      if (!std::isnan(change)) {
        (change > 0 ? seen_[i].up : seen_[i].down).add(std::abs(change));
        seen_[i].sum += std::abs(change);
        seen_[i].interval_s.add(seconds(frame.measured_at[i] - tracks_[i].at));
      }
      keep(frame, i);
    }
  }

  Result<void> settle() override {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const auto& seen = seen_[i];
      if (seen.up.count() < least_changes || seen.down.count() < least_changes) continue;
      tracks_[i].learned = {
          .up = limit(seen.up),
          .down = limit(seen.down),
          .gap_s = 5 * seen.interval_s.quantile(0.99),
          .usual = seen.sum / static_cast<double>(seen.up.count() + seen.down.count())};
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    std::size_t judged = 0;
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      if (is_new(frame, i)) look_at_new(frame, i, out);
      const Track& track = tracks_[i];
      judged += track.learned.usual > 0 ? 1U : 0U;
      beyond += track.learned.usual > 0 && track.unrest > restless * track.learned.usual ? 1U : 0U;
    }
    const bool was_common = is_unrest_common_;
    const std::size_t share = was_common ? 8 : 4;
    is_unrest_common_ = judged >= least_judged && share * beyond >= judged;
    if (is_unrest_common_ && !was_common) std::ranges::fill(outliers_, Outliers{});
    if (rate_latches_.busy() + spike_latches_.busy() == 0) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      tell(rate_latches_, frame, i, out);
      tell(spike_latches_, frame, i, out);
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = tracks_[i].learned;
      return std::isinf(l.up) ? std::vector<double>{} : std::vector{l.up, l.down, l.gap_s, l.usual};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 4));
    take_loaded();
    return {};
  }

 private:
  static constexpr std::uint64_t least_changes = 40;
  static constexpr std::int64_t most_left = 1'000'000;
  static constexpr double alone = 1.5;  ///< limits: what stays may be the process's own doing, and
                                        ///< is reason for an alarm on its own from there on

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      tracks_[i].learned = {.up = row[0], .down = row[1], .gap_s = row[2], .usual = row[3]};
    });
  }

  static constexpr double state_tremble = 0.25;  ///< of a state whose numbers are whole

  static constexpr float unrest_values = 48;  ///< that the mean size of a change is taken over
  static constexpr double restless = 1.3;     ///< times the usual size
  static constexpr std::size_t least_judged = 10;
  static constexpr double calm_pace = 0.25;  ///< of the mean that a value is then held against
  /// Mean sizes of normal changes that a normal value is off that mean once in ten million times:
  /// 5.33 deviations of the value less the mean, which is sqrt(8 / 7) of the value's own; a change
  /// of it is 2 / sqrt(pi) of that on average.
  static constexpr double unlikely = 5.1;
  static constexpr double furthest = 4;  ///< times its mean: what a change counts for in it
  /// Deviations of a value from that mean that are told at once, where they are known well enough:
  /// a little more, as no process is quite normal.
  static constexpr double far_out = 6;
  static constexpr double beyond_learned = 1.5;  ///< deviations: a change trembles, too
  static constexpr double known_values = 720;
  static constexpr double followed_values = 2880;  ///< that the deviation is taken over
  /// Deviations that one value in a thousand is off by. As many as `most_lately` of them within
  /// some `lately_values` come by chance once in ten million times.
  static constexpr double out = 3.3;
  static constexpr double lately_values = 180;
  static constexpr double most_lately = 4.5;

  static double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-6; }

  bool is_new(const Frame& frame, std::size_t i) const {
    return frame.fresh[i] != 0 && !std::isnan(frame.values[i]) &&
           frame.values[i] != tracks_[i].last;
  }

  void keep(const Frame& frame, std::size_t i) {
    tracks_[i].last = frame.values[i];
    tracks_[i].at = frame.measured_at[i];
  }

  double limit(const Sketch& changes) const {
    const double smallest_step = changes.quantile(0.01);
    return std::max(config_.margin * changes.unlikely(), 3 * smallest_step);
  }

  void look_at_new(const Frame& frame, std::size_t i, SymptomSink& out) {
    Track& track = tracks_[i];
    if (is_state_[i] != 0) {
      // A line that trembles is no switch.
      if (std::abs(frame.values[i] - track.last) <= least_switch_[i]) return;
      if (!std::isnan(track.last)) switched_at_[stage_of_[i]] = frame.at;
      keep(frame, i);
      return;
    }
    const double change = frame.values[i] - track.last;
    const double size = std::abs(change);
    const bool is_comparable =
        !std::isnan(change) && seconds(frame.measured_at[i] - track.at) <= track.learned.gap_s;
    if (track.left > 0) {
      follow(frame, i, out);
    } else if (is_comparable && size >= std::min(track.learned.up, track.learned.down)) {
      judge(frame, i, is_unrest_common_ ? off_calm(frame, i, change) : change);
    }
    const bool is_calm_known = is_comparable && !std::isnan(calm_[i]);
    if (!is_calm_known) {
      calm_[i] = frame.values[i];
      outliers_[i].is_pending = false;
    } else {
      const double off = frame.values[i] - calm_[i];
      calm_[i] += calm_pace * (is_unrest_common_ ? follow_outliers(frame, i, change, out) : off);
    }
    if (is_comparable) {
      track.changes = std::min(track.changes + 1, unrest_values);
      const double most = track.unrest > 0 ? furthest * track.unrest : size;
      track.unrest += (std::min(size, most) - track.unrest) / static_cast<double>(track.changes);
    }
    keep(frame, i);
  }

  /// A change that may be further than any ordinary one.
  void judge(const Frame& frame, std::size_t i, double change) {
    Track& track = tracks_[i];
    const double learned = change > 0 ? track.learned.up : track.learned.down;
    const double allowed = is_unrest_common_ ? std::max(learned, present_limit(i)) : learned;
    const double level = std::abs(change) / allowed;
    if (!(level >= 1) || is_excused(frame.at, i)) return;
    const double from = frame.values[i] - change;
    jumps_[i] = {.from = from, .to = frame.values[i], .level = level, .at = frame.at};
    track.left = static_cast<std::int32_t>(std::min(config_.back_within, most_left));
  }

  /// How far a value is off the mean of those before it; 0 where its change from the last one is no
  /// larger than those that were learned, with the present tremble on top: a process may go on for
  /// some values as fast as it ever did.
  double off_calm(const Frame& frame, std::size_t i, double change) const {
    const double off = frame.values[i] - calm_[i];
    const Learned& learned = tracks_[i].learned;
    const double least = beyond_learned * std::sqrt(outliers_[i].variance);
    const bool is_up = change > 0 && off > 0 && change >= learned.up + least;
    const bool is_down = change < 0 && off < 0 && -change >= learned.down + least;
    return is_up || is_down ? off : 0;
  }

  double present_limit(std::size_t i) const {
    const Outliers& outliers = outliers_[i];
    return outliers.values < known_values ? unlikely * tracks_[i].unrest
                                          : far_out * std::sqrt(outliers.variance);
  }

  /// Takes in how far a new value is off the mean of those before it. Returns what of that is for
  /// that mean to follow.
  double follow_outliers(const Frame& frame, std::size_t i, double change, SymptomSink& sink) {
    Outliers& seen = outliers_[i];
    const double value = frame.values[i];
    const double off = value - calm_[i];
    seen.lately -= seen.lately / lately_values;
    if (seen.is_pending && std::abs(value - seen.from) < std::abs(value - seen.to) &&
        !is_excused(frame.at, i)) {
      seen.lately += 1;
      tell_many(frame, i, sink);
    }
    const double furthest_off = seen.values > 0 ? out * std::sqrt(seen.variance) : std::abs(off);
    const double followed = std::clamp(off, -furthest_off, furthest_off);
    const bool is_known = seen.values >= known_values;
    seen.is_pending = is_known && std::abs(off_calm(frame, i, change)) > furthest_off;
    seen.from = calm_[i];
    seen.to = value;
    seen.values = std::min(seen.values + 1, followed_values);
    seen.variance += (followed * followed - seen.variance) / seen.values;
    return is_known ? followed : off;
  }

  /// Spikes that are too small to be told one by one.
  void tell_many(const Frame& frame, std::size_t i, SymptomSink& out) {
    const Outliers& seen = outliers_[i];
    if (seen.lately < most_lately) return;
    jumps_[i] = {
        .from = seen.from, .to = seen.to, .level = seen.lately / most_lately, .at = frame.at};
    begin_episode(spike_latches_, frame, i, out);
  }

  bool is_excused(Timestamp at, std::size_t i) const {
    const auto switched = switched_at_[stage_of_[i]];
    return switched != Timestamp::min() && at - switched < config_.excuse;
  }

  /// A jump is pending: is the next new value back where it came from?
  void follow(const Frame& frame, std::size_t i, SymptomSink& out) {
    const Jump& jump = jumps_[i];
    std::int32_t& left = tracks_[i].left;
    const bool is_back =
        std::abs(frame.values[i] - jump.from) < std::abs(frame.values[i] - jump.to);
    if (is_back) {
      left = 0;
      begin_episode(spike_latches_, frame, i, out);
    } else if (is_excused(frame.at, i)) {
      left = 0;
    } else if (--left == 0) {
      begin_episode(rate_latches_, frame, i, out);
    }
  }

  void begin_episode(Latches& latches, const Frame& frame, std::size_t i, SymptomSink& out) {
    const auto step = latches.step(i, frame.at, jumps_[i].level);
    if (step == Latches::Step::began || step == Latches::Step::grew) {
      report(latches, frame, i, out);
    }
  }

  void tell(Latches& latches, const Frame& frame, std::size_t i, SymptomSink& out) {
    if (latches.is_active(i) && latches.step(i, frame.at, 0) == Latches::Step::ended) {
      report(latches, frame, i, out);
    }
  }

  void report(const Latches& latches, const Frame& frame, std::size_t i, SymptomSink& out) const {
    const bool active = latches.is_active(i);
    const Jump& jump = jumps_[i];
    const bool is_spike = &latches == &spike_latches_;
    out.report({.detector = kind_name,
                .kind = is_spike ? SymptomKind::spike : SymptomKind::rate,
                .active = active,
                .at = frame.at,
                .since = active ? jump.at : latches.since(i),
                .column = static_cast<std::uint32_t>(i),
                .score = score_of(latches.peak(i) / (is_spike ? 1 : alone)),
                .value = jump.to,
                .expected = jump.from,
                .low = jump.from - tracks_[i].learned.down,
                .high = jump.from + tracks_[i].learned.up,
                .anomaly = latches.peak(i)});
  }

  Config config_;
  ModelRows loaded_;
  ColumnNames names_;
  std::vector<Track> tracks_;
  std::vector<Seen> seen_;
  std::vector<Jump> jumps_;
  std::vector<double> calm_;  ///< of each column: the mean of its last values
  std::vector<Outliers> outliers_;
  bool is_unrest_common_ = false;
  std::vector<std::uint32_t> stage_of_;
  std::vector<std::uint8_t> is_state_;
  std::vector<double> least_switch_;    ///< of each state: a smaller change is none
  std::vector<Timestamp> switched_at_;  ///< of each stage: when a state in it last changed
  Latches rate_latches_;
  Latches spike_latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.margin = TRY(section.number("margin", config.margin));
  if (config.margin <= 0) return section.wrong("margin", "expected a number above 0");
  config.back_within = TRY(section.integer("back_within", config.back_within));
  if (config.back_within < 1) return section.wrong("back_within", "expected 1 or more");
  config.hold = TRY(section.duration("hold", config.hold));
  config.excuse = TRY(section.duration("excuse", config.excuse));
  return std::make_unique<Rate>(config);
}

}  // namespace
}  // namespace sosie::rate

namespace sosie {
void register_detectors_rate(Catalog& catalog);
void register_detectors_rate(Catalog& catalog) {
  catalog.add<Detector>("rate", rate::make);
}
}  // namespace sosie
