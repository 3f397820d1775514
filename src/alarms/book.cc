#include "alarms/book.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace sosie {
namespace {

/// The plant's own doing: no name.
AlarmBook::Act by_plant(Timestamp at, std::string why = {}) {
  return {"", std::move(why), at};
}

/// Less is more urgent.
auto urgency(const Alarm& alarm) {
  return std::make_tuple(alarm.is_shelved(), alarm.priority, alarm.is_acknowledged(),
                         -alarm.raised.time_since_epoch().count(), alarm.id);
}

void forget_acknowledgement(Alarm& alarm) {
  alarm.acknowledged.reset();
  alarm.acknowledged_by.clear();
  alarm.comment.clear();
}

}  // namespace

void AlarmBook::restore(std::vector<Alarm> live, std::span<const Finding> open,
                        std::uint64_t next_id) {
  entries_.clear();
  next_id_ = next_id;
  for (Alarm& alarm : live) {
    next_id_ = std::max(next_id_, alarm.id + 1);
    Entry entry;
    entry.is_of_earlier_life = true;
    for (const Finding& finding : open) {
      if (!alarm.is_active() || !holds(finding, alarm)) continue;
      entry.findings.insert(finding.id);
      if (finding.id == alarm.finding) entry.kind = finding.kind;
    }
    entry.last_step = std::max({alarm.raised, alarm.cleared.value_or(alarm.raised),
                                alarm.acknowledged.value_or(alarm.raised)});
    const auto id = alarm.id;
    entry.alarm = std::move(alarm);
    entries_.emplace(id, std::move(entry));
  }
  ++version_;
  plan();
}

void AlarmBook::take(const FindingEvent& event, Timestamp at, Log& log) {
  const Finding& finding = event.finding;
  Entry* const entry = of_finding(finding.id);
  if (event.what == FindingEvent::What::closed) {
    if (entry != nullptr) close(*entry, finding.id, at, log);
  } else if (entry != nullptr) {
    update(*entry, finding, at, log);
  } else if (const auto verdict = policy_.judge(finding, *series_)) {
    raise(finding, *verdict, at, log);
  }
}

void AlarmBook::raise(const Finding& finding, const AlarmVerdict& verdict, Timestamp at, Log& log) {
  if (Entry* const same = of_condition(verdict.condition); same != nullptr) {
    same->findings.insert(finding.id);
    if (same->alarm.is_active()) return update(*same, finding, at, log);
    forget_acknowledgement(same->alarm);  // a shelved one may be acknowledged and over, yet listed
    same->alarm.cleared.reset();
    same->alarm.raised = same->in_order(at);
    same->alarm.finding = finding.id;
    same->alarm.priority = verdict.priority;
    same->alarm.message = finding.sentence;
    same->kind = finding.kind;
    same->is_of_earlier_life = false;
    return step(*same, AlarmEvent::What::raised, by_plant(at), log);
  }
  Entry entry;
  entry.alarm.id = next_id_++;
  entry.alarm.condition = verdict.condition;
  entry.alarm.asset = finding.asset;
  entry.alarm.series = verdict.series;
  entry.alarm.finding = finding.id;
  entry.alarm.priority = verdict.priority;
  entry.alarm.message = finding.sentence;
  entry.alarm.raised = at;
  entry.kind = finding.kind;
  entry.findings.insert(finding.id);
  const auto placed = entries_.emplace(entry.alarm.id, std::move(entry)).first;
  step(placed->second, AlarmEvent::What::raised, by_plant(at), log);
}

void AlarmBook::update(Entry& entry, const Finding& finding, Timestamp at, Log& log) {
  entry.is_of_earlier_life = false;
  const auto verdict = policy_.judge(finding, *series_);
  // Latched: what no longer would raise an alarm (less sure, less urgent) does not take it back.
  const bool is_worse = verdict && verdict->priority < entry.alarm.priority;
  const bool is_other = verdict && finding.id == entry.alarm.finding && entry.kind != finding.kind;
  if (!is_worse && !is_other) return;
  if (is_worse) {
    entry.alarm.priority = verdict->priority;
    entry.alarm.finding = finding.id;
    forget_acknowledgement(entry.alarm);
  }
  entry.kind = finding.kind;
  entry.alarm.message = finding.sentence;
  step(entry, AlarmEvent::What::changed, by_plant(at), log);
}

void AlarmBook::close(Entry& entry, std::uint64_t finding, Timestamp at, Log& log) {
  entry.findings.erase(finding);
  if (!entry.is_held()) clear(entry, at, log);
}

void AlarmBook::clear(Entry& entry, Timestamp at, Log& log) {
  entry.alarm.cleared = entry.in_order(at);
  const auto* const why = entry.is_of_earlier_life ? "not seen again after a restart" : "";
  step(entry, AlarmEvent::What::cleared, by_plant(at, why), log);
}

bool AlarmBook::holds(const Finding& finding, const Alarm& alarm) const {
  if (finding.id == alarm.finding) return true;
  const auto verdict = policy_.judge(finding, *series_);
  return verdict && verdict->condition == alarm.condition;
}

void AlarmBook::advance(Timestamp at, Log& log) {
  if (!next_due_ || at < *next_due_) return;
  std::vector<std::uint64_t> due_now;
  for (const auto& [id, entry] : entries_) {
    const auto when = due(entry);
    if (when && *when <= at) due_now.push_back(id);
  }
  for (const auto id : due_now) {
    Entry& entry = entries_.at(id);
    if (entry.alarm.is_active() && !entry.is_held()) {
      clear(entry, at, log);
    } else if (const auto end = std::exchange(entry.alarm.shelved_until, std::nullopt)) {
      step(entry, AlarmEvent::What::unshelved, by_plant(*end), log);
    } else {
      forget_acknowledgement(entry.alarm);
      step(entry, AlarmEvent::What::raised, by_plant(at), log);
    }
  }
  plan();
}

Result<Alarm> AlarmBook::acknowledge(std::uint64_t id, const Act& act, Log& log) {
  Entry* const entry = TRY(by_id(id, act));
  if (entry->alarm.is_acknowledged()) {
    return Error{Errc::invalid, fmt::format("alarm {} is already acknowledged, by {}", id,
                                            entry->alarm.acknowledged_by)};
  }
  entry->alarm.acknowledged = entry->in_order(act.at);
  entry->alarm.acknowledged_by = act.who;
  entry->alarm.comment = act.comment;
  Alarm after = entry->alarm;  // it may leave the list
  step(*entry, AlarmEvent::What::acknowledged, act, log);
  return after;
}

Result<Alarm> AlarmBook::shelve(std::uint64_t id, Duration lasts, const Act& act, Log& log) {
  Entry* const entry = TRY(by_id(id, act));
  if (lasts <= Duration{} || lasts > policy_.max_shelve) {
    const auto minutes = [](Duration d) {
      return std::chrono::duration<double, std::ratio<60>>(d).count();
    };
    return Error{Errc::invalid, fmt::format("an alarm is shelved for more than 0 and at most {:g} "
                                            "minutes, read {:g}",
                                            minutes(policy_.max_shelve), minutes(lasts))};
  }
  entry->alarm.shelved_until = act.at + lasts;
  Alarm after = entry->alarm;
  step(*entry, AlarmEvent::What::shelved, act, log);
  return after;
}

Result<Alarm> AlarmBook::unshelve(std::uint64_t id, const Act& act, Log& log) {
  Entry* const entry = TRY(by_id(id, act));
  if (!entry->alarm.is_shelved()) {
    return Error{Errc::invalid, fmt::format("alarm {} is not shelved", id)};
  }
  entry->alarm.shelved_until.reset();
  Alarm after = entry->alarm;
  step(*entry, AlarmEvent::What::unshelved, act, log);
  return after;
}

std::vector<Alarm> AlarmBook::live() const {
  std::vector<Alarm> alarms;
  alarms.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) alarms.push_back(entry.alarm);
  std::ranges::sort(alarms, {}, urgency);
  return alarms;
}

std::optional<Alarm> AlarmBook::find(std::uint64_t id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? std::nullopt : std::optional(found->second.alarm);
}

AlarmCounts AlarmBook::counts() const {
  AlarmCounts counts;
  for (const auto& [id, entry] : entries_) {
    if (entry.alarm.is_shelved()) {
      ++counts.shelved;
      continue;
    }
    auto& of = counts.by_priority.at(static_cast<std::size_t>(entry.alarm.priority) - 1);
    ++(entry.alarm.is_acknowledged() ? of.acknowledged : of.unacknowledged);
  }
  return counts;
}

std::optional<Alarm> AlarmBook::newest() const {
  const Alarm* newest = nullptr;
  for (const auto& [id, entry] : entries_) {
    const Alarm& alarm = entry.alarm;
    if (alarm.is_acknowledged() || alarm.is_shelved()) continue;
    if (newest == nullptr || alarm.raised >= newest->raised) newest = &alarm;
  }
  return newest == nullptr ? std::nullopt : std::optional(*newest);
}

AlarmBook::Entry* AlarmBook::of_finding(std::uint64_t finding) {
  for (auto& [id, entry] : entries_) {
    if (entry.findings.contains(finding)) return &entry;
  }
  return nullptr;
}

AlarmBook::Entry* AlarmBook::of_condition(std::string_view condition) {
  for (auto& [id, entry] : entries_) {
    if (entry.alarm.condition == condition) return &entry;
  }
  return nullptr;
}

Result<AlarmBook::Entry*> AlarmBook::by_id(std::uint64_t id, const Act& act) {
  if (act.who.empty()) return Error{Errc::invalid, "'who' is missing: the log keeps who did what"};
  const auto found = entries_.find(id);
  if (found == entries_.end()) return Error{Errc::not_found, fmt::format("no live alarm {}", id)};
  return &found->second;
}

/// Logs what became of the alarm and lets it go when it is over: `entry` may be gone afterwards.
void AlarmBook::step(Entry& entry, AlarmEvent::What what, const Act& act, Log& log) {
  entry.last_step = entry.in_order(act.at);
  log.push_back({what, entry.last_step, act.who, act.comment, entry.alarm});
  ++version_;
  if (!entry.alarm.is_live()) entries_.erase(entry.alarm.id);
  plan();
}

/// When `advance` has something to do for this alarm.
std::optional<Timestamp> AlarmBook::due(const Entry& entry) const {
  const Alarm& alarm = entry.alarm;
  if (alarm.is_active() && !entry.is_held()) return alarm.raised;
  if (alarm.is_shelved()) return alarm.shelved_until;
  if (policy_.re_alarm > Duration{} && alarm.is_active() && alarm.acknowledged) {
    return *alarm.acknowledged + policy_.re_alarm;
  }
  return std::nullopt;
}

void AlarmBook::plan() {
  next_due_.reset();
  for (const auto& [id, entry] : entries_) {
    const auto when = due(entry);
    if (when && (!next_due_ || *when < *next_due_)) next_due_ = when;
  }
}

}  // namespace sosie
