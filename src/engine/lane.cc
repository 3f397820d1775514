#include "engine/lane.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

#include "base/log.h"
#include "engine/coordinates.h"

namespace sosie {
namespace {

constexpr auto tick = std::chrono::milliseconds(250);
/// Nothing has come for so many ticks: that is silence. By less, where a plant is lived 600 times
/// faster, a source that the computer let wait a little would have been silent for minutes.
constexpr int quiet_ticks = 4;
constexpr std::size_t most_not_on_earth = 20;             ///< series in the log
constexpr auto between_looks = std::chrono::seconds(10);  ///< for parts of which nothing comes

/// What two findings must share to be one and the same across a restart.
bool are_same(const Finding& a, const Finding& b) {
  return a.kind == b.kind && !a.suspects.empty() && !b.suspects.empty() &&
         a.suspects.front().series == b.suspects.front().series;
}

/// A rule's alarm is dated by its episode, so that its steps are the same whenever they are made.
Timestamp time_of(const FindingEvent& event, Timestamp at) {
  const Finding& finding = event.finding;
  if (!finding.episode) return at;
  return finding.closed.value_or(finding.detected);
}

}  // namespace

Lane::Lane(Config config, const Context& context, FrameBuilder frames, std::unique_ptr<Watch> watch,
           rules::RuleSet rules, OperatorDesk& operators)
    : config_(config),
      context_(context),
      frames_(std::move(frames)),
      watch_(std::move(watch)),
      rules_memory_(rules.memory()),
      rules_lateness_(rules.lateness),
      rules_(
          std::move(rules), context.series, frames_.columns().asset,
          [this] { return watch_->take_finding_id(); }, context.statistics,
          [&operators](SeriesId id) { return operators.is_derived(id); }),
      operators_(operators),
      makes_frames_(watch_->has_detectors() || !rules_.has_rules()) {
  refresh();
}

void Lane::refresh() {
  operators_.refresh();
  const std::size_t size = context_.series.size();
  for (auto i = static_cast<std::uint32_t>(ranges_.size()); i < size; ++i) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const SeriesInfo& info = context_.series[SeriesId{i}];
    Range range{info.low.value_or(-infinity), info.high.value_or(infinity)};
    const double of_place = operators_.reach_of_place(SeriesId{i});
    const auto reach =
        of_place > 0 ? std::optional(of_place) : reach_of_coordinate(info.attribute.str());
    if (reach) range = {std::max(range.low, -*reach), std::min(range.high, *reach), true};
    ranges_.push_back(range);
  }
  rules_.refresh();
  if (makes_frames_ && frames_.refresh()) {
    watch_->begin(frames_.columns());
    if (shadow_) shadow_->begin(frames_.columns(), *watch_);
  }
}

void Lane::take_again(std::span<const Reading> readings, std::vector<FindingEvent>& events) {
  operators_.take_again(readings);
  for (const Reading& reading : readings) {
    rules_.take(reading);
    if (context_.latest.put(reading) == Latest::Put::late) continue;
    if (makes_frames_) {
      frames_.add(reading, [&](const Frame& frame) { take_frame(frame, events); });
    } else if (reading.reason != QualityReason::clock_skew) {
      frame_at_ = std::max(frame_at_, reading.at);
    }
  }
}

void Lane::begin_with(std::span<const RuleOrder> moved) {
  for (const RuleOrder& order : moved) rules_.move_limits(order);
}

void Lane::warm_up(const History& history, Timestamp since, const std::vector<Finding>& open) {
  std::vector<FindingEvent> events;
  std::vector<FindingEvent> of_rules;
  const auto again = [&](std::span<const Reading> readings) { take_again(readings, events); };
  rules_.warm_up(open, since, [&] { history(again); }, of_rules);
  operators_.end_of_past();
  know_again(open, std::move(events));
  keep_ids(startup_.findings);
  startup_.findings.insert(startup_.findings.end(), std::move_iterator(of_rules.begin()),
                           std::move_iterator(of_rules.end()));
  count_open();
}

void Lane::wait_for_handovers(const std::vector<Finding>& known) {
  rules_.wait_for(known);
  count_open();
}

/// Of the detectors' findings: which of those in the store are still open.
void Lane::know_again(const std::vector<Finding>& open, std::vector<FindingEvent> events) {
  std::map<std::uint64_t, FindingEvent> still_open;
  for (auto& event : events) {
    if (event.what == FindingEvent::What::closed) {
      still_open.erase(event.finding.id);
    } else {
      still_open.insert_or_assign(event.finding.id, event);
    }
  }
  for (const Finding& old : open) {
    if (old.episode || old.closed) continue;
    const auto again = std::find_if(still_open.begin(), still_open.end(), [&](const auto& entry) {
      return !kept_ids_.contains(entry.first) && are_same(entry.second.finding, old);
    });
    if (again != still_open.end()) {
      kept_ids_.emplace(again->first, old.id);
      continue;
    }
    FindingEvent closing{FindingEvent::What::closed, old};
    closing.finding.closed = std::max(frame_at_, old.detected);
    startup_.findings.push_back(std::move(closing));
  }
  for (auto& [id, event] : still_open) {
    event.what = kept_ids_.contains(id) ? FindingEvent::What::updated : FindingEvent::What::opened;
    startup_.findings.push_back(std::move(event));
  }
}

void Lane::count_open() {
  open_findings_ = watch_->open_count() + rules_.open_count();
}

void Lane::start() {
  thread_ = std::jthread([this] { run(); });
}

void Lane::join() {
  if (thread_.joinable()) thread_.join();
}

void Lane::keep_ids(std::vector<FindingEvent>& events) const {
  if (kept_ids_.empty()) return;
  for (auto& event : events) {
    if (const auto kept = kept_ids_.find(event.finding.id); kept != kept_ids_.end()) {
      event.finding.id = kept->second;
    }
  }
}

void Lane::run() {
  if (!startup_.findings.empty()) {
    live_alarms(startup_, frame_at_);
    pass(startup_);
  }
  for (int quiet = 0;;) {
    auto parcel = context_.in.take_for(tick);
    quiet = parcel ? 0 : quiet + 1;
    look_now_and_then();
    if (parcel) {
      parcel->number = ++taken_;
      if (!parcel->readings.empty() && !parcel->is_past) quiet_since_ = context_.clock.now();
      take(*parcel);
    } else if (context_.in.is_closed() && context_.in.size() == 0) {
      break;
    } else {
      if (quiet < quiet_ticks) continue;
      parcel.emplace();
      if (!live_passing_time(*parcel)) continue;
    }
    save_learned(*parcel);
    context_.statistics.lane_cpu_s = thread_cpu_s();
    pass(*parcel);
  }
  saved_ = {};
  Parcel last;
  save_learned(last);
  if (!last.remembered.empty()) pass(last);
}

void Lane::look_now_and_then() {
  if (stopwatch() - looked_ <= between_looks) return;
  looked_ = stopwatch();
  rules_.look_for_idle_parts();
}

/// False: it has brought nothing.
bool Lane::live_passing_time(Parcel& parcel) {
  judge_passing_time(parcel);
  live_alarms(parcel, frame_at_);
  count_open();
  if (!parcel.findings.empty()) ++findings_version_;
  return !parcel.findings.empty() || !parcel.alarms.empty() || !parcel.readings.empty();
}

/// Nothing has come for a while: that is judged by the clock, unless it is not the data's.
void Lane::judge_passing_time(Parcel& parcel) {
  auto& findings = parcel.findings;
  const bool is_cut_off = is_cut_off_ && is_cut_off_();
  if (!config_.judge_silence || catching_up_.load(std::memory_order_relaxed) || is_cut_off) {
    live_since_.reset();
    return;
  }
  const Timestamp now = context_.clock.now();
  if (makes_frames_) {
    const Timestamp due = now - frames_.columns().period;
    frames_.advance(due, [&](const Frame& frame) { take_frame(frame, findings); });
    keep_ids(findings);
  }
  // Devices are not silent because we were away, or their broker was: they get as long as any rule
  // gives them.
  if (!live_since_) live_since_ = now;
  if (!operators_.empty()) derive_from_passing_time(now, parcel);
  if (!rules_.has_rules()) return;
  if (now - *live_since_ <= rules_memory_) return;
  // Data that tell of the past go on at the clock's pace, and not up to now at once.
  rules_.advance(std::min(now, frame_at_ + (now - quiet_since_)) - rules_lateness_, findings);
}

/// An alarm does not wait for the commits' rhythm.
void Lane::pass(Parcel& parcel) {
  const bool is_urgent = !parcel.alarms.empty();
  if (is_urgent && tell_early_) tell_early_(parcel.alarms);
  context_.out.put(parcel, std::stop_token());
  if (is_urgent) context_.durable.hurry();
}

void Lane::mark(Reading& reading, Timestamp newest_credible) {
  if (reading.series.index >= ranges_.size()) refresh();
  Range& range = ranges_[reading.series.index];
  if (reading.at > newest_credible) {
    reading.quality = std::max(reading.quality, Quality::uncertain);
    reading.reason = QualityReason::clock_skew;
    ++context_.statistics.readings_skewed;
  } else if (reading.value < range.low || reading.value > range.high) {
    reading.quality = Quality::bad;
    reading.reason = QualityReason::out_of_range;
    if (range.is_coordinate) say_not_on_earth(reading, range);
  }
}

/// Once for a series, and not of too many.
void Lane::say_not_on_earth(const Reading& reading, Range& range) {
  range.is_coordinate = false;
  if (said_not_on_earth_ == most_not_on_earth) return;
  ++said_not_on_earth_;
  log::warning(
      "places", "{}: {} is nowhere on earth, expected {} to {} degrees: marked as bad{}",
      context_.series[reading.series].name(), reading.value, range.low, range.high,
      said_not_on_earth_ == most_not_on_earth ? "; of other series it is not said here" : "");
}

void Lane::take(Parcel& parcel) {
  refresh();
  for (const LimitOrder& order : parcel.limits) {
    watch_->set_limit(order);
    if (shadow_) shadow_->set_limit(order);
  }
  for (const RuleOrder& order : parcel.rule_orders) rules_.move_limits(order);
  for (const ModelOrder& order : parcel.models) obey(order, parcel.findings);
  const Timestamp newest_credible = context_.clock.now() + config_.future_skew;
  for (const Handover& handover : parcel.handovers) hand_over(handover, parcel.findings);
  if (parcel.is_past) take_past(parcel, newest_credible);
  const FrameBuilder::Closed closed = [&](const Frame& frame) {
    take_frame(frame, parcel.findings);
  };
  for (Reading& reading : parcel.readings) mark(reading, newest_credible);
  if (!operators_.empty()) derive_places(parcel, closed);
  for (const Reading& reading : parcel.readings) {
    if (reading.reason == QualityReason::clock_skew) continue;  // it may not push the watermark
    know(reading, closed);
    if (!operators_.empty() && !operators_.is_place(reading.series)) derive(reading, closed);
  }
  if (!operators_.empty()) settle_derived(parcel, closed);
  drop_unkept(parcel);
  keep_ids(parcel.findings);
  rules_.settle(parcel.findings);
  live_alarms(parcel, frame_at_);
  count_open();
  if (!parcel.findings.empty()) ++findings_version_;
}

void Lane::hand_over(const Handover& handover, std::vector<FindingEvent>& findings) {
  rules_.hand_over(handover, findings);
  operators_.hand_over(handover);
}

void Lane::know(const Reading& reading, const FrameBuilder::Closed& closed) {
  rules_.take(reading);
  const auto put = context_.latest.put(reading);
  if (put == Latest::Put::as_old) ++context_.statistics.readings_again;
  if (put == Latest::Put::late) {
    const bool is_again = makes_frames_ && frames_.again(reading);
    ++(is_again ? context_.statistics.readings_again : context_.statistics.readings_late);
    return;
  }
  if (makes_frames_) {
    frames_.add(reading, closed);
  } else {
    frame_at_ = std::max(frame_at_, reading.at);
  }
  const auto at_us = reading.at.time_since_epoch().count();
  if (at_us > context_.statistics.newest_us.load(std::memory_order_relaxed)) {
    context_.statistics.newest_us.store(at_us, std::memory_order_relaxed);
  }
}

/// What others have judged and kept: it is known, and leaves no trace.
void Lane::take_past(Parcel& parcel, Timestamp newest_credible) {
  for (Reading& reading : parcel.readings) {
    mark(reading, newest_credible);
    if (reading.reason == QualityReason::clock_skew) continue;
    rules_.take(reading);
    context_.latest.put(reading);
  }
  parcel.readings.clear();
}

void Lane::take_frame(const Frame& frame, std::vector<FindingEvent>& findings) {
  frame_at_ = frame.at;
  const std::size_t before = findings.size();
  watch_->take(frame, context_.clock, findings);
  if (shadow_) {
    shadow_->take(frame, context_.clock, *watch_, std::span(findings).subspan(before));
  }
  for (std::size_t i = before; i < findings.size(); ++i) {
    if (findings[i].what != FindingEvent::What::opened) continue;
    ++context_.statistics.findings_opened;
    ++context_.statistics.findings_by_kind.at(static_cast<std::size_t>(findings[i].finding.kind));
  }
}

void Lane::obey(const ModelOrder& order, std::vector<FindingEvent>& findings) {
  shadow_.reset();
  if (order.what == ModelOrder::What::end_trial || !makes_frames_) return;
  order.shadow->begin(frames_.columns(), *watch_);
  if (order.what == ModelOrder::What::start_trial) {
    shadow_ = order.shadow;
  } else {
    put_in_place(*order.shadow, findings);
  }
}

/// What both models have open is one and the same finding; what only the one before had is over,
/// what only the new one has begins.
void Lane::put_in_place(Shadow& shadow, std::vector<FindingEvent>& findings) {
  std::vector<FindingEvent> closing;
  watch_->close_all(frame_at_, closing);
  keep_ids(closing);
  kept_ids_.clear();  // of what is closed; those of a shadow are of no other
  const auto next = watch_->next_finding_id();
  watch_->take_over(shadow.watch());
  watch_->continue_ids(next);
  for (auto& finding : shadow.open()) {
    const auto same = std::ranges::find_if(
        closing, [&](const FindingEvent& event) { return are_same(event.finding, finding); });
    FindingEvent event{FindingEvent::What::opened, std::move(finding)};
    const auto id = event.finding.id;
    if (same != closing.end()) {
      kept_ids_.emplace(id, same->finding.id);
      event.what = FindingEvent::What::updated;
      closing.erase(same);
    } else {
      kept_ids_.emplace(id, watch_->take_finding_id());
    }
    findings.push_back(std::move(event));
  }
  findings.insert(findings.end(), std::move_iterator(closing.begin()),
                  std::move_iterator(closing.end()));
}

void Lane::drop_unkept(Parcel& parcel) const {
  if (config_.store_learning || !makes_frames_) return;
  const auto until = watch_->learns_until();
  if (!until && watch_->is_learning()) {
    parcel.readings.clear();
  } else if (until && !parcel.readings.empty() && parcel.readings.front().at < *until) {
    std::erase_if(parcel.readings, [&](const Reading& r) { return r.at < *until; });
  }
}

void Lane::live_alarms(Parcel& parcel, Timestamp at) {
  if (weigh_) weigh_(parcel.findings);
  context_.desk.with([&](AlarmDesk& desk) {
    if (!desk.waiting.empty()) parcel.alarms = std::exchange(desk.waiting, {});
    const std::size_t before = parcel.alarms.size();
    for (const auto& event : parcel.findings) {
      desk.book.take(event, time_of(event, at), parcel.alarms);
    }
    desk.book.advance(at, parcel.alarms);
    for (std::size_t i = before; i < parcel.alarms.size(); ++i) {
      if (parcel.alarms[i].what == AlarmEvent::What::raised) ++context_.statistics.alarms_raised;
    }
  });
}

}  // namespace sosie
