#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "base/every_second.h"
#include "core/budgeted.h"
#include "core/catalog.h"
#include "core/cross_checking.h"
#include "core/detector.h"
#include "detectors/residual/fit.h"
#include "detectors/residual/judge.h"
#include "statistics/block_means.h"
#include "statistics/columns.h"
#include "statistics/latch.h"

namespace sosie::residual {
namespace {

constexpr std::string_view kind_name = "residual";
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Config {
  Duration sample = std::chrono::minutes(1);   ///< values are averaged over so long
  Duration memory = std::chrono::minutes(40);  ///< age of the slow averages that help to predict
  Duration drift = std::chrono::minutes(100);  ///< age of the residual's slow average
  Duration recent =
      std::chrono::minutes(10);             ///< what came in the last hours: that age's average …
  Duration before = std::chrono::hours(2);  ///< … less this one's
  Duration adapt = std::chrono::hours(24);  ///< outside alarms, a standing offset is accepted
  Duration on_delay = std::chrono::minutes(2);
  Duration hold = std::chrono::minutes(10);
  std::int64_t rows = 6000;  ///< of learning kept; beyond that, every second one is dropped
  double accuracy = 0.02;    ///< of a sensor's range: what it may be off by and still be right
  FitConfig fit;
};

/// Each sensor against what all others say of it.
class Residual final : public Detector, public Budgeted, public CrossChecking {
 public:
  explicit Residual(Config config)
      : config_(config),
        fast_({.release = 0.7, .on_delay = config.on_delay, .off_delay = config.hold}),
        slow_({.release = 0.7, .on_delay = config.drift / 4, .off_delay = config.hold}),
        asset_({.release = 0.7, .on_delay = 5 * config.on_delay, .off_delay = 2 * config.hold}) {
    asset_.resize(1);
  }

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    period_ = columns.period;
    adapt_pace_ = forget(config_.adapt);
    onset_pace_ = forget(onset);
    if (n > history_.columns && history_.rows() > 0) history_.cells.clear();  // another width
    history_.columns = n;
    blocks_.begin(n);
    tracks_.resize(n);
    fast_.resize(n);
    slow_.resize(n);
    is_judged_.clear();
    resolvable_.clear();
    for (const auto* info : columns.info) {
      is_judged_.push_back(is_state(*info) ? 0 : 1);
      const bool has_range = info->low && info->high;
      resolvable_.push_back(has_range ? config_.accuracy * (*info->high - *info->low) : 0.0);
    }
    adopt(std::move(model_));
  }

  void learn(const Frame& frame) override {
    if (!take(frame)) return;
    if (rows_seen_++ % stride_ != 0) return;
    if (history_.rows() >= static_cast<std::size_t>(config_.rows)) thin_out();
    const auto row = [&](std::span<const double> values) {
      for (const double value : values) history_.cells.push_back(static_cast<float>(value));
    };
    row(blocks_.mean());
    row(blocks_.slow());
  }

  Result<void> settle() override {
    FitConfig fitting = config_.fit;
    const auto rows_in = [&](Duration d) {
      const double row_us = static_cast<double>(sample().count()) * static_cast<double>(stride_);
      return static_cast<double>(d.count()) / row_us;
    };
    fitting.drift_forget = std::min(1.0, 1 / rows_in(config_.drift));
    fitting.band_quick_forget = std::min(1.0, 1 / rows_in(config_.recent));
    fitting.band_slow_forget = std::min(1.0, 1 / rows_in(config_.before));
    fitting.wake = static_cast<std::size_t>(std::ceil(rows_in(wake)));
    fitting.memory_forget = std::min(1.0, 1 / rows_in(config_.memory));
    fitting.block = static_cast<std::size_t>(std::max(8.0, rows_in(std::chrono::hours(2))));
    std::vector<std::string> names;
    names.reserve(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) names.emplace_back(names_[i]);
    fitting.rows_per_day = rows_in(std::chrono::hours(24));
    auto made = fit(history_, names, is_judged_, resolvable_, fitting);
    if (!made.empty()) adopt(std::move(made));
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    if (take(frame) && judge_) {
      if (first_look_ == Timestamp{}) first_look_ = frame.at;
      scale(frame.at);
      average();
      // A judgement takes ten microseconds: one a frame, where there are frames enough in a block.
      passes_left_ = passes;
    }
    const bool is_dense = sample() >= 2 * static_cast<int>(passes) * period_;
    for (; passes_left_ > 0; --passes_left_) {
      if (passes_left_ == passes) {
        look_slowly(frame, out);
      } else if (passes_left_ == passes - 1) {
        look_lately(frame.at);
      } else {
        look_now(frame, out);
      }
      if (is_dense) {
        --passes_left_;
        return;
      }
    }
  }

  void allow(double false_episodes_per_day) override {
    config_.fit.allowed_per_day = false_episodes_per_day;
  }

  std::string save() const override { return model_.save(); }

  Result<void> load(std::string_view bytes) override {
    auto made = TRY(Model::load(bytes));
    adopt(std::move(made));
    return {};
  }

 private:
  /// What is followed of a column from block to block, in scaled units.
  struct Track {
    double fast = 0;    ///< residual, smoothed over a few blocks
    double medium = 0;  ///< residual, smoothed over `onset`: tells a jump from a creep
    double offset = 0;  ///< accepted as ordinary: a season is no drift
    double lately = 0;  ///< what came in the last hours, in limits
    double band = 0;    ///< the same, as a residual
    /// When a symptom last was what the sensor shows, and not what an average remembers of it.
    Timestamp fast_held;
    Timestamp slow_held;
    SymptomKind told = SymptomKind::residual;
  };
  static constexpr double smooth = 0.5;
  static constexpr std::size_t passes = 3;
  static constexpr std::size_t most_drifts = 3;
  static constexpr double ordinary = 4;                       ///< sigmas, to either side
  static constexpr Duration wake = std::chrono::minutes(10);  ///< after a habit's state
  static constexpr Duration onset = std::chrono::minutes(20);
  static constexpr Duration longest_pause = std::chrono::minutes(30);

  Duration sample() const { return std::max(config_.sample, period_); }
  double forget(Duration age) const {
    return std::min(1.0, static_cast<double>(sample().count()) / static_cast<double>(age.count()));
  }

  bool take(const Frame& frame) {
    return blocks_.add(frame, sample() - period_ / 2, forget(config_.memory));
  }

  void thin_out() {
    keep_every_second(history_.cells, 2 * history_.columns);
    stride_ *= 2;
  }

  /// Makes `made` the model that judges. Its columns that this asset has not are "not known".
  void adopt(Model made) {
    judge_.reset();
    model_ = std::move(made);
    place_.clear();
    for (const auto& column : model_.columns)
      place_.push_back(names_.find(column.name).value_or(no_column));
    habit_place_.clear();
    for (const auto& habit : model_.habits)
      habit_place_.push_back(names_.find(habit.state).value_or(no_column));
    away_until_.assign(model_.habits.size(), Timestamp{});
    first_known_.assign(model_.columns.size(), Timestamp{});
    u_.assign(2 * model_.columns.size(), nan);
    drift_u_ = recent_u_ = before_u_ = band_u_ = u_;
    watched_.clear();
    passes_left_ = 0;
    first_look_ = {};
    fast_limits_.clear();
    slow_limits_.clear();
    band_limits_.clear();
    for (std::size_t m = 0; m < model_.columns.size(); ++m) {
      auto& column = model_.columns[m];
      const double least = place_[m] == no_column ? 0 : resolvable_[place_[m]] / column.scale;
      column.fast_limit = std::max(column.fast_limit, least);
      column.slow_limit = std::max(column.slow_limit, least);
      column.band_limit = std::max(column.band_limit, least);
      fast_limits_.push_back(column.fast_limit);
      slow_limits_.push_back(column.slow_limit);
      band_limits_.push_back(column.band_limit);
    }
    if (!model_.empty()) judge_ = std::make_unique<Judge>(model_);
  }

  void scale(Timestamp at) {
    const auto n = model_.columns.size();
    for (std::size_t m = 0; m < n; ++m) {
      const auto place = place_[m];
      if (place == no_column) continue;
      const auto& c = model_.columns[m];
      const double offset = tracks_[place].offset;
      u_[m] = (blocks_.mean()[place] - c.center) / c.scale - offset;
      u_[m + n] = (blocks_.slow()[place] - c.center) / c.scale - offset;
    }
    for (std::size_t h = 0; h < model_.habits.size(); ++h) {
      const auto& habit = model_.habits[h];
      const auto state = habit_place_[h];
      if (state == no_column) continue;
      if (std::abs(blocks_.mean()[state] - habit.usual) > Model::state_slack)
        away_until_[h] = at + wake;
      if (at > away_until_[h]) continue;
      for (const auto m : habit.columns) u_[m] = nan;
    }
    watched_.clear();
    for (std::uint32_t m = 0; m < n; ++m) {
      if (!is_watched(m)) continue;
      watched_.push_back(m);
      if (first_known_[m] == Timestamp{}) first_known_[m] = at;
    }
  }

  bool is_watched(std::size_t m) const {
    return place_[m] != no_column && !std::isinf(model_.columns[m].fast_limit) &&
           !std::isnan(u_[m]);
  }

  void average() {
    follow(drift_u_, forget(config_.drift));
    follow(recent_u_, forget(config_.recent));
    follow(before_u_, forget(config_.before));
    for (std::size_t k = 0; k < u_.size(); ++k) {
      band_u_[k] = std::isnan(u_[k]) ? nan : recent_u_[k] - before_u_[k];
    }
  }

  /// Takes `u_` into the averages; what is not known leaves them as they are.
  void follow(std::vector<double>& averages, double pace) const {
    const double* const values = u_.data();
    double* const out = averages.data();
    for (std::size_t k = 0; k < u_.size(); ++k) {
      const double value = values[k];
      const double before = std::isnan(out[k]) ? value : out[k];
      const double reach = 4 + std::abs(before);
      const double after = before + pace * std::clamp(value - before, -reach, reach);
      out[k] = std::isnan(value) ? out[k] : after;
    }
  }

  /// What the others do not explain of what came in the last hours: too little for any single look,
  /// and hidden in the slow average by what was there before.
  void look_lately(Timestamp at) {
    if (at - first_look_ < config_.before) return;
    judge_->judge(band_u_, band_limits_);
    const double widening =
        widening_by(judge_->t2() / model_.band_t2_limit, model_.band_misfit_limit, band_limits_);
    const auto residuals = judge_->residuals();
    for (const auto m : watched_) {
      if (at - first_known_[m] < config_.before) continue;
      Track& track = tracks_[place_[m]];
      track.band = residuals[m] / (widening * widening_of(m));
      track.lately = std::abs(track.band) / band_limits_[m];
    }
  }

  void look_now(const Frame& frame, SymptomSink& out) {
    judge_->judge(u_, fast_limits_);
    const double excess = judge_->t2() / model_.t2_limit;
    // Where the whole asset is in a state never seen, no single sensor can be blamed with the
    // certainty of known ground: its band widens.
    widening_ = widening_by(excess, model_.misfit_limit, fast_limits_);
    for (const auto m : watched_) look_column(m, frame, out);
    look_asset(excess, frame, out);
  }

  /// The residual of the slow average of everything is the slow average of the residual, so a creep
  /// too small for any single look is judged, and its culprit named, in the same way.
  void look_slowly(const Frame& frame, SymptomSink& out) {
    if (frame.at - first_look_ < config_.drift) return;  // an average of a few looks is no average
    judge_->judge(drift_u_, slow_limits_);
    const bool is_of_few = judge_->culprits().size() <= most_drifts;
    const double widening =
        widening_by(judge_->t2() / model_.slow_t2_limit, model_.slow_misfit_limit, slow_limits_);
    const auto residuals = judge_->residuals();
    for (const auto m : watched_) {
      if (frame.at - first_known_[m] < config_.drift) continue;
      const auto i = place_[m];
      const double limit = slow_limits_[m] * widening * widening_of(m);
      const double size = std::abs(residuals[m]);
      if (size < limit && slow_.is_quiet(i)) continue;  // nearly always
      double level = size / limit;
      // A slow average that is beyond its limit because of one jump is that jump's echo.
      // And many that creep at once are no sensors that drift: the asset goes where it never was.
      if (!slow_.is_active(i) && (fast_.is_active(i) || !is_creeping(i) || !is_of_few)) level = 0;
      const auto step = slow_.step(i, frame.at, level);
      if (is_still(tracks_[i], residuals[m] * slow_limits_[m] / limit)) {
        go_on(tracks_[i].slow_held, slow_.since(i), frame.at);
      }
      if (step != Latches::Step::none) {
        report(m, step, slow_, limit, frame, out);
        tracks_[i].told = SymptomKind::drift;
      }
    }
  }

  /// Of all bands, by how far off the asset as a whole is.
  double widening_by(double excess, double usual_misfit, std::span<const double> limits) {
    return band_widening(std::sqrt(std::max(1.0, excess)), usual_misfit, judge_->residuals(),
                         limits, scratch_);
  }

  double widening_of(std::size_t m) const {
    return judge_->widening(static_cast<std::uint32_t>(m));
  }

  /// Much more slowly during an alarm, or a fault would become its own yardstick.
  void adapt(Track& track, double off, double slow_limit, bool is_alarmed) const {
    const double reach = 2 * slow_limit;
    const double pace = adapt_pace_ * (is_alarmed ? 0.25 : 1.0);
    track.offset += pace * std::clamp(off, -reach, reach);
  }

  bool is_creeping(std::size_t i) const {
    return std::abs(tracks_[i].medium) > 0.5 * std::abs(tracks_[i].fast);
  }

  /// Whether a sensor lately shows at least half of what an average says it is off by: an average
  /// remembers for hours, and that of the last hours turns over when they are past.
  static bool is_still(const Track& track, double average) {
    return track.medium * average >= 0.5 * average * average;
  }

  /// What has not held for half an hour is over, whatever trembles into the average's rest later.
  static void go_on(Timestamp& held, Timestamp since, Timestamp at) {
    if (held < since || at - held <= longest_pause) held = at;
  }

  void look_column(std::size_t m, const Frame& frame, SymptomSink& out) {
    const double limit = fast_limits_[m];
    const auto i = place_[m];
    Track& track = tracks_[i];
    const double off = judge_->residuals()[m] / (widening_ * widening_of(m));
    track.fast += smooth * (off - track.fast);
    const double reach = 2 * limit;
    track.medium += onset_pace_ * (std::clamp(off, -reach, reach) - track.medium);
    const double level = std::max(std::abs(track.fast) / limit, track.lately);
    const auto step = fast_.step(i, frame.at, level);
    const double release = fast_.rule().release;
    if (std::abs(track.fast) >= release * limit) {
      track.fast_held = frame.at;
    } else if (track.lately >= release && is_still(track, track.band)) {
      go_on(track.fast_held, fast_.since(i), frame.at);
    }
    adapt(track, off, slow_limits_[m], fast_.is_active(i) || slow_.is_active(i));
    if (step == Latches::Step::none) return;
    if (step == Latches::Step::began) {
      track.told = is_creeping(i) ? SymptomKind::drift : SymptomKind::residual;
    }
    if (track.told == SymptomKind::drift && slow_.is_active(i)) return;  // it is told already
    report(m, step, fast_, ordinary * model_.columns[m].sigma * widening_, frame, out);
  }

  /// `reach`: of what was just judged, in scaled units: of one look what it ordinarily reaches, of
  /// the slow average its limit. Value and expected are as far apart as what was judged, so that
  /// all four are of one sort.
  void report(std::size_t m, Latches::Step step, const Latches& latches, double reach,
              const Frame& frame, SymptomSink& out) const {
    const auto& c = model_.columns[m];
    const auto i = place_[m];
    const double value = blocks_.mean()[i];
    const double off = judge_->residuals()[m];
    const double expected = value - off * c.scale;
    const double band = reach * c.scale;
    const bool is_slow = &latches == &slow_;
    const auto held = is_slow ? tracks_[i].slow_held : tracks_[i].fast_held;
    out.report({.detector = kind_name,
                .kind = is_slow ? SymptomKind::drift : tracks_[i].told,
                .active = step != Latches::Step::ended,
                .at = frame.at,
                .since = latches.since(i),
                .until = std::clamp(held, latches.since(i), latches.last_over(i)),
                .column = i,
                .score = score_of(latches.peak(i)),
                .value = value,
                .expected = expected,
                .low = expected - band,
                .high = expected + band,
                .anomaly = off / (c.sigma * widening_)});
  }

  /// Disagreement that no few columns account for: the asset is in a state never seen.
  void look_asset(double excess, const Frame& frame, SymptomSink& out) {
    const auto step = asset_.step(0, frame.at, excess / 2);
    if (step == Latches::Step::none) return;
    std::vector<Share> shares;
    double sum = 0;
    for (std::size_t m = 0; m < model_.columns.size(); ++m) {
      if (place_[m] == no_column || std::isnan(u_[m])) continue;
      const double off = judge_->residuals()[m] / model_.columns[m].sigma;
      sum += off * off;
      shares.push_back({.column = place_[m], .share = off * off, .contribution = off});
    }
    std::ranges::sort(shares, std::greater{}, &Share::share);
    for (auto& share : shares) share.share /= std::max(sum, 1e-12);
    shares.resize(std::min<std::size_t>(shares.size(), 10));
    out.report({.detector = kind_name,
                .kind = SymptomKind::multivariate,
                .active = step != Latches::Step::ended,
                .at = frame.at,
                .since = asset_.since(0),
                .until = asset_.last_over(0),
                .score = score_of(asset_.peak(0)),
                .value = judge_->t2(),
                .high = model_.t2_limit,
                .shares = shares,
                .anomaly = excess});
  }

  Config config_;
  Duration period_{};
  ColumnNames names_;
  std::vector<std::uint8_t> is_judged_;
  BlockMeans blocks_;
  History history_;
  std::size_t stride_ = 1;
  std::size_t rows_seen_ = 0;
  Model model_;
  std::vector<std::uint32_t> place_;        ///< of each of the model's columns; no_column: not here
  std::vector<std::uint32_t> habit_place_;  ///< of each habit's state, likewise
  std::vector<Timestamp> away_until_;       ///< its columns are left alone
  std::unique_ptr<Judge> judge_;
  std::vector<std::uint32_t> watched_;  ///< columns of the model that are judged in this block
  std::vector<double> u_;               ///< the block, as the model wants it
  std::vector<double> drift_u_;         ///< its slow average
  std::vector<double> recent_u_;
  std::vector<double> before_u_;
  std::vector<double> band_u_;   ///< the difference of these two
  std::size_t passes_left_ = 0;  ///< of the judgements of the last block
  std::vector<double> fast_limits_;
  std::vector<double> slow_limits_;
  std::vector<double> band_limits_;
  std::vector<double> scratch_;
  std::vector<double> resolvable_;  ///< of each column, in its unit: less is the instrument's error
  double widening_ = 1;
  double adapt_pace_ = 0;  ///< each block
  double onset_pace_ = 0;
  Timestamp first_look_;
  std::vector<Timestamp> first_known_;  ///< of each of the model's columns: it has averages since
  std::vector<Track> tracks_;
  Latches fast_;
  Latches slow_;
  Latches asset_;  ///< one: of the whole asset
};

Result<void> read_spans(Section& section, Config& config) {
  for (const auto& [key, span] :
       {std::pair("sample", &config.sample), std::pair("memory", &config.memory),
        std::pair("drift", &config.drift), std::pair("recent", &config.recent),
        std::pair("before", &config.before), std::pair("adapt", &config.adapt)}) {
    *span = TRY(section.duration(key, *span));
    if (*span <= Duration{}) return section.wrong(key, "expected a duration above 0");
  }
  config.on_delay = TRY(section.duration("on_delay", config.on_delay));
  config.hold = TRY(section.duration("hold", config.hold));
  return {};
}

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  TRY(read_spans(section, config));
  config.rows = TRY(section.integer("rows", config.rows));
  if (config.rows < 400) return section.wrong("rows", "expected 400 or more");
  config.fit.ridge = TRY(section.number("ridge", config.fit.ridge));
  if (config.fit.ridge <= 0) return section.wrong("ridge", "expected a number above 0");
  config.accuracy = TRY(section.number("accuracy", config.accuracy));
  const bool is_share = config.accuracy >= 0 && config.accuracy < 1;
  if (!is_share) {
    return section.wrong("accuracy", "expected a number from 0 to below 1");
  }
  config.fit.allowed_per_day =
      TRY(section.number("false_alarms_per_day", config.fit.allowed_per_day));
  if (config.fit.allowed_per_day < 0) {
    return section.wrong("false_alarms_per_day", "expected a number of 0 or more");
  }
  config.fit.margin = TRY(section.number("margin", config.fit.margin));
  if (config.fit.margin < 1) return section.wrong("margin", "expected 1 or more");
  return std::make_unique<Residual>(config);
}

}  // namespace
}  // namespace sosie::residual

namespace sosie {
void register_detectors_residual(Catalog& catalog);
void register_detectors_residual(Catalog& catalog) {
  catalog.add<Detector>("residual", residual::make);
}
}  // namespace sosie
