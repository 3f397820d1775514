#include "app/train_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/table_remarks.h"
#include "base/time_text.h"
#include "models/left_out.h"

namespace sosie::app {
namespace {

constexpr std::size_t suspects_left_out = 3;  ///< of a finding in the rows of learning
constexpr double much_of_one = 0.05;          ///< of a sensor's values: people should look at it
constexpr Duration tail = std::chrono::minutes(10);  ///< of a fault, too small to be found
constexpr std::size_t least_learned = 100;           ///< frames, for anything to be measured
constexpr std::size_t most_kept = 20'000;            ///< held-out frames, 40 MB of 127 sensors
constexpr double mostly_missing = 0.5;
constexpr double little_told = 0.3;  ///< by the others: then nothing contradicts a slow drift

/// Learning, step by step.
class TrainRun {
 public:
  TrainRun(LearningRows& rows, const Training& training, const TrainRequest& request)
      : rows_(rows), training_(training), request_(request), columns_(rows.columns()) {}

  Result<TrainReport> run() {
    report_.facts = TRY(rows_.survey());
    if (report_.facts.rows == 0) return Error{Errc::invalid, "there is no row to learn from"};
    if (columns_.size() == 0) return Error{Errc::invalid, "there is no sensor to learn"};
    blanks_ = TRY(rows_.known_faults());
    list_sensors();
    leave_out_old_units();
    measured_until_ =
        report_.facts.from + std::chrono::duration_cast<Duration>(
                                 (report_.facts.to - report_.facts.from) * (1 - request_.held_out));
    TRY(look_for_faults());
    TRY(survey_what_is_left());
    TRY(measure());
    TRY(learn_all());
    report_.notes = rows_.notes();
    tell_what_is_there();
    tell_what_was_measured();
    return std::move(report_);
  }

 private:
  static SystemClock clock() { return {}; }

  void list_sensors() {
    const auto& facts = report_.facts.columns;
    report_.frame_period = columns_.period;
    report_.sensors.reserve(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      TrainReport::Sensor sensor{.name = columns_.info[i]->name(),
                                 .unit = columns_.info[i]->unit.str(),
                                 .facts = facts[i],
                                 .same_as = {}};
      if (facts[i].same_as) sensor.same_as = columns_.info[*facts[i].same_as]->name();
      report_.sensors.push_back(std::move(sensor));
    }
  }

  /// What comes will be in the unit that came last.
  void leave_out_old_units() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& jump = report_.facts.columns[i].jump;
      if (jump) blanks_.add(columns_.series[i], report_.facts.from - columns_.period, jump->at);
    }
  }

  /// A model of the rows before the held-out ones; `rehearses`: it keeps to the budget.
  Result<ModelFile> learn_first(bool rehearses) {
    FirstPart first(rows_, measured_until_, rehearses ? report_.facts.from : measured_until_);
    const auto loose = TRY(learn(training_, first, blanks_, {}, std::stop_token()));
    auto model = loose.watch->settle(clock());
    learned_ = model.frames;
    return model;
  }

  /// What a model finds in what it was learned from.
  Result<void> look_for_faults() {
    auto model = TRY(learn_first(false));  // all that it finds is to be left out
    if (learned_ < least_learned) return {};
    const auto loose = TRY(make_watch(training_, {}));
    TRY(loose.watch->load(model, columns_));
    std::map<std::uint64_t, Finding> found;
    std::vector<FindingEvent> events;
    BlankedFrame blanked(blanks_);
    FirstPart first(rows_, measured_until_, measured_until_);
    Timestamp last;
    TRY(first.play([&](const Frame& frame) {
      const auto* const left = blanked.of(frame, columns_);
      if (left == nullptr) return true;
      loose.watch->take(*left, clock_, events);
      for (auto& event : events) found[event.finding.id] = std::move(event.finding);
      events.clear();
      last = frame.at;
      return true;
    }));
    first_model_ = std::move(model);
    return leave_out(found, last);
  }

  /// That something did not come spoils nothing that is learned from what came.
  static bool is_silence_alone(const Finding& finding) {
    return !finding.evidence.empty() &&
           std::ranges::all_of(finding.evidence, [](const Evidence& evidence) {
             return evidence.kind == SymptomKind::missing;
           });
  }

  /// What is wrong about a finding. Where the others contradict a sensor that it blames, this says
  /// how long it was off: findings of a fault that a first model has learned with it tell of its
  /// edges alone, and others go on for hours after it.
  void doubt(const Finding& finding, Timestamp end, std::vector<models::Doubtful>& all) const {
    std::vector<std::size_t> blamed;
    for (const auto& suspect :
         std::span(finding.suspects).first(std::min(suspects_left_out, finding.suspects.size()))) {
      const auto at = std::ranges::find(columns_.series, suspect.series);
      if (at != columns_.series.end()) {
        blamed.push_back(static_cast<std::size_t>(at - columns_.series.begin()));
      }
    }
    const auto before = all.size();
    for (const auto column : blamed) {
      const auto& facts = report_.facts.columns[column];
      if (facts.moved) continue;  // for good: the others will be contradicted from now on
      for (const auto& off : facts.off) {
        if (off.from <= end && off.to >= finding.onset) all.push_back({column, off.from, off.to});
      }
    }
    if (all.size() > before) return;
    for (const auto column : blamed) all.push_back({column, finding.onset, end});
  }

  /// Of each sensor the values that are learned, and which of them `more` leaves out besides. What
  /// never came, as in a gap of all sensors, is no value.
  Result<std::vector<models::Doubt>> doubts(const Blanks& more) {
    BlankedFrame before(blanks_);
    BlankedFrame after(more);
    std::vector<models::Doubt> doubts(columns_.size());
    FirstPart first(rows_, measured_until_, measured_until_);
    TRY(first.play([&](const Frame& frame) {
      const auto* const all = before.of(frame, columns_);
      if (all == nullptr) return true;
      for (std::size_t i = 0; i < doubts.size(); ++i) {
        doubts[i].values += std::isnan(all->values[i]) ? 0U : 1U;
        doubts[i].doubtful += std::isnan(all->values[i]) ? 0U : 1U;
      }
      const auto* const left = after.of(frame, columns_);
      for (std::size_t i = 0; left != nullptr && i < doubts.size(); ++i) {
        doubts[i].doubtful -= std::isnan(left->values[i]) ? 0U : 1U;
      }
      return true;
    }));
    return doubts;
  }

  Blanks blanks_with(const std::vector<models::Doubtful>& stretches) const {
    Blanks more = blanks_;
    for (const auto& [column, from, to] : stretches) more.add(columns_.series[column], from, to);
    return more;
  }

  Result<void> leave_out(const std::map<std::uint64_t, Finding>& found, Timestamp last) {
    std::vector<models::Doubtful> doubtful;
    for (const auto& [id, finding] : found) {
      if (!is_silence_alone(finding))
        doubt(finding, finding.closed.value_or(last) + tail, doubtful);
    }
    if (doubtful.empty()) return {};
    doubtful = models::joined(std::move(doubtful));
    const auto doubts = TRY(this->doubts(blanks_with(doubtful)));
    const auto left = models::left_out(std::move(doubtful), doubts);
    tell_left_out(left, doubts);
    if (left.stretches.empty()) return {};
    blanks_ = blanks_with(left.stretches);
    is_changed_ = true;
    for (const auto& [column, from, to] : left.stretches) {
      report_.suspected.push_back({columns_.info[column]->name(), from, to});
    }
    std::ranges::stable_sort(report_.suspected, {}, &TrainReport::Suspected::from);
    return {};
  }

  void tell_left_out(const models::LeftOut& left, const std::vector<models::Doubt>& doubts) {
    if (left.is_life) {
      later_notes_.push_back(
          fmt::format("a first model finds something in {:.0f} % of what it was learned from: that "
                      "much is life, and nothing is left out",
                      100 * left.share));
      return;
    }
    const auto percent = [&](std::size_t i) {
      return fmt::format("{} ({:.0f} %)", columns_.info[i]->name(), 100 * doubts[i].share());
    };
    std::vector<std::string> kept;
    kept.reserve(left.ways_of_life.size());
    for (const auto i : left.ways_of_life) kept.push_back(percent(i));
    if (!kept.empty()) {
      later_notes_.push_back(
          fmt::format("sensors that look faulty for so much of the time that it is taken for a way "
                      "of life, and learned (if it was a fault, label it): {}",
                      fmt::join(kept, ", ")));
    }
    std::vector<std::string> much;
    for (std::size_t i = 0; i < doubts.size(); ++i) {
      const auto share = doubts[i].share();
      if (share > much_of_one && share <= models::LeftOut::most_of_one) much.push_back(percent(i));
    }
    if (!much.empty()) {
      later_notes_.push_back(
          fmt::format("sensors of which much looks faulty and is not learned (if it is a way of "
                      "life, this will be called a fault when it comes again): {}",
                      fmt::join(much, ", ")));
    }
  }

  /// What the others tell of a sensor, and how far it goes, is of what is learned.
  Result<void> survey_what_is_left() {
    if (blanks_.is_empty()) return {};
    models::Survey survey(columns_.size());
    BlankedFrame blanked(blanks_);
    TRY(rows_.play([&](const Frame& frame) {
      if (const auto* const left = blanked.of(frame, columns_)) survey.take(left->at, left->values);
      return true;
    }));
    const auto facts = survey.finish();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      for (auto* const column : {&report_.facts.columns[i], &report_.sensors[i].facts}) {
        column->told_by_others = facts.columns[i].told_by_others;
        if (facts.columns[i].spread > 0) column->spread = facts.columns[i].spread;
      }
    }
    return {};
  }

  Result<void> measure() {
    if (!(request_.held_out > 0)) {
      later_notes_.emplace_back("no rows were held out, so what it cannot see was not measured");
      return {};
    }
    if (learned_ < least_learned) {
      later_notes_.push_back(
          fmt::format("{} frames of learning are too few (at least {}): what it cannot see was not "
                      "measured",
                      learned_, least_learned));
      return {};
    }
    if (is_changed_ || training_.false_alarms_per_day > 0) first_model_ = TRY(learn_first(true));
    std::vector<KeptFrame> kept;
    TRY(rows_.play([&](const Frame& frame) {
      if (frame.at < measured_until_) return true;
      kept.push_back({.at = frame.at,
                      .values = {frame.values.begin(), frame.values.end()},
                      .measured_at = {frame.measured_at.begin(), frame.measured_at.end()},
                      .fresh = {frame.fresh.begin(), frame.fresh.end()}});
      return kept.size() < most_kept;
    }));
    auto spots = TRY(blind_spots(training_, first_model_, columns_, kept, report_.facts.columns));
    for (std::size_t i = 0; i < columns_.size(); ++i) report_.sensors[i].blind = spots.columns[i];
    spots.columns.clear();
    report_.held_out = std::move(spots);
    return {};
  }

  Result<void> learn_all() {
    WholeTape all(rows_, request_.held_out > 0 ? std::optional(measured_until_) : std::nullopt);
    const auto loose =
        TRY(learn(training_, all, blanks_, request_.model_folder, std::stop_token()));
    models::Version about;
    about.state = request_.state;
    about.trigger = models::Trigger::command;
    about.left_out = blanks_.size();
    about.why = "sosie train";
    TRY(loose.watch->finish_learning(clock_, std::move(about), {}));
    report_.card = loose.watch->card();
    report_.model_file =
        fmt::format("{}/model-{}.sosie", request_.model_folder, report_.card.version);
    return {};
  }

  void tell_times() {
    const auto& facts = report_.facts;
    if (facts.gaps > 0) {
      say("{} gaps of more than three times the usual step in time, the longest of {:.3g} h",
          facts.gaps, seconds_in(facts.longest_gap) / 3600);
    }
    const double early = seconds_in(facts.early_period);
    const double late = seconds_in(facts.late_period);
    if (early > 0 && late > 0 && std::max(early, late) > 1.5 * std::min(early, late)) {
      say("the sampling rate changed: a row every {:g} s at first, every {:g} s at last", early,
          late);
    }
    const double rows = seconds_in(facts.period);
    const double frames = seconds_in(columns_.period);
    if (rows > 1.5 * frames || frames > 1.5 * rows) {
      say("rows come every {:g} s, and the scenario's frames every {:g} s: values are {}", rows,
          frames, rows > frames ? "repeated in between" : "thinned out");
    }
    if (facts.rows < columns_.size()) {
      say("{} rows for {} sensors: what these have to do with each other is known badly",
          facts.rows, columns_.size());
    }
  }

  template <class Holds, class Name>
  void tell_sensors(std::string_view what, const Holds& holds, const Name& name) {
    std::vector<std::string> names;
    for (const auto& sensor : report_.sensors) {
      if (holds(sensor)) names.push_back(name(sensor));
    }
    if (names.empty()) return;
    const auto all = names.size();
    if (all > TrainReport::most_listed) names.resize(TrainReport::most_listed);
    say("{}: {}{}", what, fmt::join(names, ", "),
        all > TrainReport::most_listed ? fmt::format(" … ({})", all) : "");
  }

  template <class... Args>
  void say(fmt::format_string<Args...> text, Args&&... args) {
    report_.notes.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void tell_what_is_there() {
    using Sensor = TrainReport::Sensor;
    const auto name = [](const Sensor& s) { return s.name; };
    tell_times();
    tell_sensors(
        "sensors without any value", [](const Sensor& s) { return !(s.facts.known > 0); }, name);
    tell_sensors(
        "sensors that never change, of which only limits and silence are seen",
        [](const Sensor& s) { return s.facts.is_constant && s.facts.known > 0; }, name);
    tell_sensors(
        "sensors that are mostly missing, and known badly",
        [](const Sensor& s) { return s.facts.known > 0 && s.facts.known < mostly_missing; },
        [](const Sensor& s) { return fmt::format("{} ({:.0f} %)", s.name, 100 * s.facts.known); });
    tell_sensors(
        "sensors that are the same as another one: who falsifies one does so to both",
        [](const Sensor& s) { return !s.same_as.empty(); },
        [](const Sensor& s) { return fmt::format("{} (as {})", s.name, s.same_as); });
    tell_sensors(
        "sensors that join later", [](const Sensor& s) { return s.facts.joins.has_value(); },
        [](const Sensor& s) { return fmt::format("{} ({})", s.name, to_iso8601(*s.facts.joins)); });
    tell_sensors(
        "sensors that leave before the end",
        [](const Sensor& s) { return s.facts.leaves.has_value(); },
        [](const Sensor& s) {
          return fmt::format("{} ({})", s.name, to_iso8601(*s.facts.leaves));
        });
    tell_sensors(
        "sensors that jump for good, as where a unit is changed (what was before is not learned)",
        [](const Sensor& s) { return s.facts.jump.has_value(); },
        [](const Sensor& s) {
          return fmt::format("{} (from about {:.4g} to {:.4g}, as by {}, at {})", s.name,
                             s.facts.jump->before, s.facts.jump->after,
                             conversion_text(*s.facts.jump), to_iso8601(s.facts.jump->at));
        });
    tell_sensors(
        "sensors whose level changed for good, and by no usual change of unit (both levels are "
        "learned as ordinary)",
        [](const Sensor& s) { return s.facts.moved.has_value(); },
        [](const Sensor& s) {
          return fmt::format("{} (from about {:.4g} to {:.4g} at {})", s.name,
                             s.facts.moved->before, s.facts.moved->after,
                             to_iso8601(s.facts.moved->at));
        });
    for (const auto& [detector, why] : report_.card.unlearned) {
      say("detector {} has learned nothing{}{}", detector, why.empty() ? "" : ": ", why);
    }
  }

  void tell_what_was_measured() {
    using Sensor = TrainReport::Sensor;
    const auto name = [](const Sensor& s) { return s.name; };
    report_.notes.insert(report_.notes.end(), later_notes_.begin(), later_notes_.end());
    tell_sensors(
        "sensors with nothing to be held against (the others tell less than 30 % of what they do, "
        "so that a slow drift looks like life)",
        [](const Sensor& s) {
          return s.facts.told_by_others && *s.facts.told_by_others < little_told;
        },
        name);
    tell_sensors(
        "sensors that may be off by 20 of their own spreads without being noticed",
        [](const Sensor& s) { return s.blind && !s.blind->offset; }, name);
    if (report_.held_out && report_.held_out->places == 0) {
      say("too few rows were held out to measure what it cannot see");
    }
  }

  /// The rows before an instant; of those from `from` on the last quarter is rehearsed.
  class FirstPart final : public FrameTape {
   public:
    FirstPart(LearningRows& rows, Timestamp until, Timestamp from)
        : rows_(rows), until_(until), from_(from) {}
    const AssetColumns& columns() const override { return rows_.columns(); }
    std::optional<Timestamp> rehearsed_from() const override {
      return until_ - (until_ - from_) / 4;
    }
    Result<void> play(const Take& take) override {
      return rows_.play([&](const Frame& frame) { return frame.at < until_ && take(frame); });
    }

   private:
    LearningRows& rows_;
    Timestamp until_;
    Timestamp from_;
  };

  /// All rows; what is learned is rehearsed on the last of them.
  class WholeTape final : public FrameTape {
   public:
    WholeTape(LearningRows& rows, std::optional<Timestamp> from) : rows_(rows), from_(from) {}
    const AssetColumns& columns() const override { return rows_.columns(); }
    std::optional<Timestamp> rehearsed_from() const override { return from_; }
    Result<void> play(const Take& take) override { return rows_.play(take); }

   private:
    LearningRows& rows_;
    std::optional<Timestamp> from_;
  };

  LearningRows& rows_;
  const Training& training_;
  const TrainRequest& request_;
  const AssetColumns& columns_;
  SystemClock clock_;
  Timestamp measured_until_;
  Blanks blanks_;
  bool is_changed_ = false;    ///< what is left out, since the first model
  std::uint64_t learned_ = 0;  ///< frames before the held-out ones
  ModelFile first_model_;
  std::vector<std::string> later_notes_;
  TrainReport report_;
};

}  // namespace

double seconds_in(Duration span) {
  return std::chrono::duration<double>(span).count();
}

Result<TrainReport> train(LearningRows& rows, const Training& training,
                          const TrainRequest& request) {
  return TrainRun(rows, training, request).run();
}

}  // namespace sosie::app
