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

/// How large a column's changes are now.
struct Unrest {
  double mean = 0;
  double count = 0;
};

/// The latest jump of a column, until it is clear whether it was a spike.
struct Jump {
  double from = 0;
  double to = 0;
  double allowed = 0;
  double level = 0;
  Timestamp at;
  std::int64_t left = 0;  ///< new values to wait for; 0: nothing is pending
};

/// Compares each *new* value with the one before it, so a sensor that repeats a value for half an
/// hour is judged by its half-hourly steps. A jump that comes back at once is a spike, one that
/// stays a rate. Jumps right after a pump or valve of the same stage changed its state are excused.
/// Where a third of ten or more columns change more than ever on average, each is judged by what
/// its changes are now: all of them together are for `noise` to tell.
class Rate final : public Detector {
 public:
  explicit Rate(Config config)
      : config_(config),
        rate_latches_({.off_delay = config.hold}),
        spike_latches_({.off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    learned_.resize(n);
    seen_.resize(n);
    previous_.resize(n, std::numeric_limits<double>::quiet_NaN());
    previous_at_.resize(n);
    jumps_.resize(n);
    unrest_.resize(n);
    rate_latches_.resize(n);
    spike_latches_.resize(n);
    stage_of_.clear();
    is_state_.clear();
    std::vector<std::string_view> stages;
    for (const auto* info : columns.info) {
      const std::string_view stage = info->stage;
      auto found = std::ranges::find(stages, stage);
      if (found == stages.end()) found = stages.insert(stages.end(), stage);
      stage_of_.push_back(static_cast<std::uint32_t>(found - stages.begin()));
      is_state_.push_back(is_state(*info) ? 1 : 0);
    }
    switched_at_.resize(stages.size(), Timestamp::min());
  }

  void learn(const Frame& frame) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (is_state_[i] != 0 || !is_new(frame, i)) continue;
      const double change = frame.values[i] - previous_[i];
      if (!std::isnan(change)) {
        (change > 0 ? seen_[i].up : seen_[i].down).add(std::abs(change));
        seen_[i].sum += std::abs(change);
        seen_[i].interval_s.add(seconds(frame.measured_at[i] - previous_at_[i]));
      }
      keep(frame, i);
    }
  }

  Result<void> settle() override {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const auto& seen = seen_[i];
      if (seen.up.count() < least_changes || seen.down.count() < least_changes) continue;
      learned_[i] = {.up = limit(seen.up),
                     .down = limit(seen.down),
                     .gap_s = 5 * seen.interval_s.quantile(0.99),
                     .usual = seen.sum / static_cast<double>(seen.up.count() + seen.down.count())};
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (is_new(frame, i)) look_at_new(frame, i, out);
    }
    see_unrest();
    if (rate_latches_.busy() + spike_latches_.busy() == 0) return;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      tell(rate_latches_, frame, i, out);
      tell(spike_latches_, frame, i, out);
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = learned_[i];
      return std::isinf(l.up) ? std::vector<double>{} : std::vector{l.up, l.down, l.gap_s, l.usual};
    });
  }

  Result<void> load(std::string_view model) override {
    return load_rows(model, kind_name, model_version, names_, 4,
                     [&](std::uint32_t i, std::span<const double> row) {
                       learned_[i] = {
                           .up = row[0], .down = row[1], .gap_s = row[2], .usual = row[3]};
                     });
  }

 private:
  static constexpr std::uint64_t least_changes = 40;
  static constexpr double alone = 1.5;  ///< limits: what stays may be the process's own doing, and
                                        ///< is reason for an alarm on its own from there on

  static constexpr double unrest_values = 48;  ///< that the mean size of a change is taken over
  static constexpr double restless = 1.5;      ///< times the usual size
  static constexpr std::size_t least_judged = 10;
  static constexpr double unlikely = 8;  ///< mean sizes of normal changes: once in ten million

  static double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-6; }

  bool is_new(const Frame& frame, std::size_t i) const {
    return frame.fresh[i] != 0 && !std::isnan(frame.values[i]) && frame.values[i] != previous_[i];
  }

  void keep(const Frame& frame, std::size_t i) {
    previous_[i] = frame.values[i];
    previous_at_[i] = frame.measured_at[i];
  }

  double limit(const Sketch& changes) const {
    const double smallest_step = changes.quantile(0.01);
    return std::max(config_.margin * changes.unlikely(), 3 * smallest_step);
  }

  void look_at_new(const Frame& frame, std::size_t i, SymptomSink& out) {
    if (is_state_[i] != 0) {
      if (!std::isnan(previous_[i])) switched_at_[stage_of_[i]] = frame.at;
      keep(frame, i);
      return;
    }
    const double change = frame.values[i] - previous_[i];
    const bool is_comparable =
        !std::isnan(change) && seconds(frame.measured_at[i] - previous_at_[i]) <= learned_[i].gap_s;
    if (jumps_[i].left > 0) {
      follow(frame, i, out);
    } else if (is_comparable) {
      const double learned = change > 0 ? learned_[i].up : learned_[i].down;
      const double allowed =
          is_unrest_common_ ? std::max(learned, unlikely * unrest_[i].mean) : learned;
      const double level = std::abs(change) / allowed;
      if (level >= 1 && !is_excused(frame.at, i)) {
        jumps_[i] = {.from = previous_[i],
                     .to = frame.values[i],
                     .allowed = allowed,
                     .level = level,
                     .at = frame.at,
                     .left = config_.back_within};
      }
    }
    if (is_comparable) {
      Unrest& unrest = unrest_[i];
      unrest.count = std::min(unrest.count + 1, unrest_values);
      unrest.mean += (std::abs(change) - unrest.mean) / unrest.count;
    }
    keep(frame, i);
  }

  void see_unrest() {
    std::size_t judged = 0;
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < unrest_.size(); ++i) {
      judged += learned_[i].usual > 0 ? 1U : 0U;
      beyond += learned_[i].usual > 0 && unrest_[i].mean > restless * learned_[i].usual ? 1U : 0U;
    }
    is_unrest_common_ = judged >= least_judged && 3 * beyond >= judged;
  }

  bool is_excused(Timestamp at, std::size_t i) const {
    const auto switched = switched_at_[stage_of_[i]];
    return switched != Timestamp::min() && at - switched < config_.excuse;
  }

  /// A jump is pending: is the next new value back where it came from?
  void follow(const Frame& frame, std::size_t i, SymptomSink& out) {
    Jump& jump = jumps_[i];
    const bool is_back =
        std::abs(frame.values[i] - jump.from) < std::abs(frame.values[i] - jump.to);
    if (is_back) {
      jump.left = 0;
      begin_episode(spike_latches_, frame, i, out);
    } else if (is_excused(frame.at, i)) {
      jump.left = 0;
    } else if (--jump.left == 0) {
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
                .low = jump.from - learned_[i].down,
                .high = jump.from + learned_[i].up,
                .anomaly = latches.peak(i)});
  }

  Config config_;
  ColumnNames names_;
  std::vector<Learned> learned_;
  std::vector<Seen> seen_;
  std::vector<double> previous_;
  std::vector<Timestamp> previous_at_;
  std::vector<Jump> jumps_;
  std::vector<Unrest> unrest_;
  bool is_unrest_common_ = false;
  std::vector<std::uint32_t> stage_of_;
  std::vector<std::uint8_t> is_state_;
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
