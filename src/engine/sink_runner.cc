#include "engine/sink_runner.h"

#include <algorithm>
#include <iterator>

#include "base/log.h"

namespace sosie {
namespace {

constexpr std::size_t readings_at_once = 1000;
constexpr std::size_t alarm_steps_at_once = 100;
constexpr auto save_every = std::chrono::seconds(1);
constexpr auto look_for_news_every = std::chrono::seconds(1);

/// What goes on in another process is told by that one.
template <class Event>
bool is_told(const Event& event) {
  return event.what != Event::What::given_up;
}

}  // namespace

SinkRunner::SinkRunner(NamedSink named, Store& store, const DoorContext& doors, Limits limits,
                       Pace pace, MayTell may_tell)
    : named_(std::move(named)),
      store_(store),
      series_(doors.series),
      door_(doors),
      limits_(std::move(limits)),
      pace_(pace),
      may_tell_(std::move(may_tell)),
      pause_(pace.first_pause) {}

void SinkRunner::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void SinkRunner::join() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void SinkRunner::committed(std::span<const Parcel>) {
  news_.tell();
}

void SinkRunner::succeeded() {
  const auto lag = place_.lag(store_.feed_head());
  const bool is_behind = place_.is_split() || lag > pace_.split_above;
  pause_ = pace_.first_pause;
  said_.with([&](Said& said) {
    if (!said.error.empty()) {
      log::info(named_.name, "works again; {} readings to catch up", lag);
    }
    said = {is_behind ? "behind" : "running", "", SystemClock().now()};
  });
}

/// One that has nothing to take since its start runs too.
void SinkRunner::is_through() {
  said_.with([](Said& said) {
    if (said.state == "starting") said.state = "running";
  });
}

void SinkRunner::failed(Error error) {
  is_back_ = true;
  said_.with([&](Said& said) {
    if (said.error != error.what) {
      log::warning(named_.name, "{}; trying again until it works, nothing is lost", error.what);
    }
    said.state = "waiting";
    said.error = std::move(error.what);
  });
}

void SinkRunner::note_taken(std::size_t given, std::vector<SinkRefusal> refused) {
  const std::uint64_t left_out = named_.sink->left_out();
  const auto not_sent = refused.size() + (left_out - std::exchange(left_out_, left_out));
  sent_ += given - std::min<std::size_t>(given, not_sent);
  refused_ += refused.size();
  for (auto& refusal : refused) {
    door_.refuse({named_.name, std::move(refusal.reason), std::move(refusal.sample),
                  std::move(refusal.where)});
  }
}

Result<SinkRunner::Step> SinkRunner::pass_alarms() {
  // Of a step that was told early all the log is asked for, so that it is met there again.
  const auto logged = TRY(store_.alarm_events_after(place_.alarms, alarm_steps_at_once,
                                                    named_.early ? Steps::all : Steps::of_ours));
  if (logged.empty()) return Step::idle;
  auto ours = logged;
  if (named_.early) {
    ours = TRY(store_.alarm_events_after(place_.alarms, alarm_steps_at_once, Steps::of_ours));
  }
  const auto is_ours = [&](const LoggedAlarmEvent& step) {
    return std::ranges::any_of(ours, [&](const auto& one) { return one.number == step.number; });
  };
  forget_early(logged);
  std::vector<AlarmEvent> steps;
  steps.reserve(logged.size());
  std::size_t known = 0;
  for (const auto& one : logged) {
    if (known < given_early_.size() && given_early_[known] == EarlyStep(one.event)) {
      ++known;
    } else if (is_ours(one)) {
      steps.push_back(one.event);
    }
  }
  if (!steps.empty()) {
    TRY(give_steps(steps));
  }
  given_early_.erase(given_early_.begin(),
                     given_early_.begin() + static_cast<std::ptrdiff_t>(known));
  place_.alarms = logged.back().number;
  return Step::took;
}

Result<SinkRunner::Step> SinkRunner::pass_findings() {
  if (!named_.sink->wants_findings()) return Step::idle;
  const auto logged = TRY(store_.finding_events_after(place_.findings, alarm_steps_at_once));
  if (logged.empty()) return Step::idle;
  std::vector<FindingEvent> events;
  events.reserve(logged.size());
  for (const auto& one : logged) events.push_back(one.event);
  auto refused = TRY(named_.sink->take_findings(std::span<const FindingEvent>(events), series_));
  note_taken(events.size(), std::move(refused));
  place_.findings = logged.back().number;
  return Step::took;
}

Result<void> SinkRunner::give_steps(std::span<const AlarmEvent> steps) {
  auto refused = TRY(named_.sink->take(steps, series_));
  note_taken(steps.size(), std::move(refused));
  return {};
}

/// A step is told early before it is in the log, but maybe after `pass_early` has looked.
void SinkRunner::forget_early(const std::vector<LoggedAlarmEvent>& logged) {
  early_.with([&](auto& waiting) {
    std::erase_if(waiting, [&](const AlarmEvent& step) {
      return std::ranges::any_of(
          logged, [&](const auto& one) { return EarlyStep(one.event) == EarlyStep(step); });
    });
  });
}

/// What cannot be given now comes again from the journal.
void SinkRunner::pass_early() {
  auto steps = early_.with([](auto& waiting) { return std::exchange(waiting, {}); });
  if (steps.empty() || !may_tell_() || !give_steps(steps)) return;
  given_early_.insert(given_early_.end(), steps.begin(), steps.end());
}

void SinkRunner::stepped(std::span<const AlarmEvent> steps) {
  early_.with([&](auto& waiting) {
    std::ranges::copy_if(steps, std::back_inserter(waiting), is_told<AlarmEvent>);
  });
  news_.tell();
}

/// What an earlier life may have given, or this one has still to give; a clock that was ahead does
/// not count.
Result<Timestamp> SinkRunner::newest_stored(SeriesId series) const {
  Timestamp before = Timestamp::max();
  for (;;) {
    const auto last = TRY(store_.last_reading(series, before));
    if (!last) return Timestamp::min();
    if (last->reason != QualityReason::clock_skew) return last->at;
    before = last->at;
  }
}

Result<bool> SinkRunner::is_newest(const Reading& reading) {
  if (!named_.sink->minds_newest() || reading.reason == QualityReason::clock_skew) return true;
  const auto index = reading.series.index;
  if (index >= newest_.size()) newest_.resize(std::max<std::size_t>(index + 1, series_.size()));
  auto& newest = newest_[index];
  if (!newest) newest = TRY(newest_stored(reading.series));
  if (reading.at < *newest) return false;
  newest = reading.at;
  return true;
}

Result<void> SinkRunner::give(std::span<const Reading> readings, Filter filter) {
  std::vector<SinkReading> batch;
  const auto flush = [&]() -> Result<void> {
    if (batch.empty()) return {};
    auto refused = TRY(named_.sink->take(std::span<const SinkReading>(batch), series_));
    note_taken(batch.size(), std::move(refused));
    batch.clear();
    return {};
  };
  if (readings.empty()) return {};
  const auto [oldest, newest] = std::ranges::minmax(readings, {}, &Reading::at);
  const auto alarms = TRY(store_.alarm_spans(oldest.at, newest.at + Duration(1)));
  const AnomalyMarks marks(limits_(), alarms);
  for (const auto& reading : readings) {
    if (filter == Filter::since_edge && reading.at <= place_.edge) continue;
    if (filter == Filter::before_edge && reading.at > place_.edge) continue;
    const bool newest = TRY(is_newest(reading));
    batch.push_back({reading, marks.holds(reading), newest});
    if (batch.size() < readings_at_once) continue;
    TRY(flush());
  }
  return flush();
}

/// The next readings of [from, to) in the history, all of an instant or none.
Result<std::vector<Reading>> SinkRunner::read_folded(Timestamp from, Timestamp to) const {
  std::vector<SeriesId> all(series_.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = SeriesId{i};
  std::vector<Reading> readings;
  TRY(store_.scan(all, from, to, [&](std::span<const Reading> some) {
    readings.insert(readings.end(), some.begin(), some.end());
    return readings.size() < readings_at_once;
  }));
  return readings;
}

Result<SinkRunner::Step> SinkRunner::pass_folded(std::uint64_t& cursor, const FeedPart& part,
                                                 Filter filter) {
  const auto [from, to] = *part.folded;
  Folded& folded = folded_of(filter);
  if (folded.end != part.end) folded = {part.end, from};
  const auto readings = TRY(read_folded(folded.at, to));
  TRY(give(readings, filter));
  if (!readings.empty()) folded.at = readings.back().at + Duration(1);
  if (readings.empty() || folded.at >= to) cursor = part.end;
  return Step::took;
}

Result<SinkRunner::Step> SinkRunner::pass_readings(std::uint64_t& cursor, std::uint64_t until,
                                                   Filter filter) {
  const auto part = TRY(store_.feed(cursor, until, readings_at_once));
  if (part.end == cursor) return Step::idle;
  if (part.folded) return pass_folded(cursor, part, filter);
  TRY(give(part.readings, filter));
  cursor = part.end;
  return Step::took;
}

/// What has come while it was away may take hours: what comes from now on is not to wait for it.
Result<void> SinkRunner::split_if_far_behind() {
  const auto head = store_.feed_head();
  const auto newest_passed = place_.is_split() ? place_.ahead : place_.behind;
  if (head - std::min(head, newest_passed) <= pace_.split_above) return {};
  const auto edge = TRY(store_.feed_newest(place_.behind, head));
  if (!edge) return {};
  place_.jump = head;
  place_.ahead = head;
  place_.edge = *edge;
  return {};
}

/// Steps of alarms, and findings. Where it is them that the sink does not take, they are `held`,
/// and do not keep readings waiting.
Result<SinkRunner::Step> SinkRunner::pass_steps(std::optional<Error>& held) {
  if (!may_tell_()) return Step::idle;
  auto alarms = pass_alarms();
  if (!alarms && alarms.error().code != Errc::invalid) return alarms;
  auto findings = pass_findings();
  if (!findings && findings.error().code != Errc::invalid) return findings;
  if (!findings) held = findings.error();
  if (!alarms) held = alarms.error();
  return findings && *findings == Step::took ? findings : alarms ? alarms : Step::idle;
}

Result<SinkRunner::Step> SinkRunner::step() {
  pass_early();
  std::optional<Error> held;
  const auto steps = TRY(pass_steps(held));
  const auto readings = TRY(pass_feed());
  if (held) return std::move(*held);
  return readings == Step::took ? readings : steps;
}

Result<SinkRunner::Step> SinkRunner::pass_feed() {
  const auto head = store_.feed_head();
  if (!named_.sink->wants_readings()) {
    place_.behind = head;
    place_.ahead = 0;
    return Step::idle;
  }
  if (!place_.is_split()) return pass_readings(place_.behind, head, Filter::all);
  TRY(pass_readings(place_.ahead, head, Filter::since_edge));
  const auto missed = TRY(pass_readings(place_.behind, place_.ahead, Filter::before_edge));
  // Nothing left between the two: caught up. (Or it was folded into a part that reaches further:
  // then all of that is passed on once more.)
  if (missed == Step::idle) place_.ahead = 0;
  return Step::took;
}

Result<void> SinkRunner::save(bool at_once) {
  shown_.with([&](SinkPlace& shown) { shown = place_; });
  if (place_ == saved_ || (!at_once && stopwatch() - saved_at_ < save_every)) return {};
  TRY(place_.save(store_, named_.name));
  saved_ = place_;
  saved_at_ = stopwatch();
  return {};
}

/// As far as it goes; false: something failed.
bool SinkRunner::walk(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto took = step();
    const auto saved = took ? save(false) : Result<void>(took.error());
    if (!saved) {
      failed(saved.error());
      return false;
    }
    if (*took == Step::idle) {
      is_through();
      return true;
    }
    succeeded();
    if (!is_back_) continue;
    is_back_ = false;
    if (const auto split = split_if_far_behind(); !split) {
      failed(split.error());
      return false;
    }
  }
  return true;
}

void SinkRunner::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto place = SinkPlace::load(store_, named_.name);
    if (place) {
      place_ = *place;
      saved_ = *place;
      shown_.with([&](SinkPlace& shown) { shown = place_; });
      break;
    }
    failed(place.error());
    rest(stop, pace_.longest_pause);
  }
  while (!stop.stop_requested()) {
    if (walk(stop)) {
      news_.wait(stop, look_for_news_every);
    } else {
      rest(stop, pause_);
      pause_ = std::min(2 * pause_, pace_.longest_pause);
    }
  }
  // What is left, if that is little and the sink is there; the rest is for the next life.
  const auto end = stopwatch() + pace_.at_stop;
  while (said_.with([](const Said& said) { return said.error.empty(); }) && stopwatch() < end) {
    const auto took = step();
    if (!took) failed(took.error());
    if (!took || *took == Step::idle) break;
  }
  if (const auto saved = save(true); !saved) {
    log::warning(named_.name, "its place could not be kept: {}", saved.error().what);
  }
}

SinkStatus SinkRunner::status() const {
  const auto place = shown_.with([](const SinkPlace& shown) { return shown; });
  auto said = said_.with([](const Said& now) { return now; });
  return {named_.name,  named_.kind,     std::move(said.state), place.lag(store_.feed_head()),
          sent_.load(), refused_.load(), said.last_success,     std::move(said.error)};
}

}  // namespace sosie
