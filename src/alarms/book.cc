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

std::uint64_t episode_of(const Finding& finding) {
  return finding.episode ? finding.episode->id : 0;
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
  by_finding_.clear();
  by_condition_.clear();
  due_.clear();
  asking_.clear();
  by_urgency_.clear();
  counts_ = {};
  next_id_ = next_id;
  std::unordered_map<std::uint64_t, std::uint64_t> alarm_of;  // the finding it was raised for
  for (Alarm& alarm : live) {
    next_id_ = std::max(next_id_, alarm.id + 1);
    Entry entry;
    entry.is_of_earlier_life = true;
    entry.last_step = std::max({alarm.raised, alarm.cleared.value_or(alarm.raised),
                                alarm.acknowledged.value_or(alarm.raised)});
    const auto id = alarm.id;
    by_condition_.insert_or_assign(alarm.condition, id);
    if (alarm.is_active()) alarm_of.emplace(alarm.finding, id);
    entry.alarm = std::move(alarm);
    entries_.emplace(id, std::move(entry));
  }
  for (const Finding& finding : open) {
    Entry* entry = nullptr;
    if (const auto own = alarm_of.find(finding.id); own != alarm_of.end()) {
      entry = &entries_.at(own->second);
    } else if (const auto verdict = policy_.judge(finding, *series_)) {
      entry = of_condition(verdict->condition);
    }
    if (entry == nullptr || !entry->alarm.is_active()) continue;
    hold(*entry, finding.id);
    if (finding.id == entry->alarm.finding) entry->kind = finding.kind;
  }
  for (auto& [id, entry] : entries_) index(entry);
  ++version_;
}

void AlarmBook::take(const FindingEvent& event, Timestamp at, Log& log) {
  const Finding& finding = event.finding;
  using What = FindingEvent::What;
  Entry* const entry = of_finding(finding.id);
  if (event.what == What::closed) {
    if (entry != nullptr) close(*entry, finding, at, log);
  } else if (event.what == What::given_up) {
    if (entry != nullptr) give_up(*entry, finding, at, log);
  } else if (entry != nullptr) {
    update(*entry, finding, at, log);
  } else if (const auto verdict = policy_.judge(finding, *series_)) {
    const bool is_new = event.what != What::taken_over;
    raise(finding, *verdict, is_new ? AlarmEvent::What::raised : AlarmEvent::What::taken_over, at,
          log);
  }
}

void AlarmBook::raise(const Finding& finding, const AlarmVerdict& verdict, AlarmEvent::What what,
                      Timestamp at, Log& log) {
  if (Entry* const same = of_condition(verdict.condition); same != nullptr) {
    hold(*same, finding.id);
    if (same->alarm.is_active()) return update(*same, finding, at, log);
    forget_acknowledgement(same->alarm);  // a shelved one may be acknowledged and over, yet listed
    same->alarm.cleared.reset();
    same->alarm.raised = same->in_order(at);
    same->alarm.finding = finding.id;
    same->alarm.episode = episode_of(finding);
    same->alarm.priority = verdict.priority;
    same->alarm.message = finding.sentence;
    same->kind = finding.kind;
    same->is_of_earlier_life = false;
    return step(*same, what, by_plant(at), log);
  }
  Entry entry;
  entry.alarm.id = next_id_++;
  entry.alarm.condition = verdict.condition;
  entry.alarm.asset = finding.asset;
  entry.alarm.series = verdict.series;
  entry.alarm.finding = finding.id;
  entry.alarm.episode = episode_of(finding);
  entry.alarm.priority = verdict.priority;
  entry.alarm.message = finding.sentence;
  entry.alarm.raised = at;
  entry.kind = finding.kind;
  const auto placed = entries_.emplace(entry.alarm.id, std::move(entry)).first;
  by_condition_.insert_or_assign(verdict.condition, placed->first);
  hold(placed->second, finding.id);
  step(placed->second, what, by_plant(at), log);
}

void AlarmBook::update(Entry& entry, const Finding& finding, Timestamp at, Log& log) {
  entry.is_of_earlier_life = false;
  const auto verdict = policy_.judge(finding, *series_);
  // Latched: what no longer would raise an alarm (less sure, less urgent) does not take it back.
  const bool is_worse = verdict && verdict->priority < entry.alarm.priority;
  const bool is_its = finding.id == entry.alarm.finding;
  const bool is_other = verdict && is_its && entry.kind != finding.kind;
  // Its past has changed. (After a restart the kind is not known, and an amendment none either.)
  const bool has_moved = is_its && finding.episode && entry.alarm.episode != finding.episode->id;
  if (!is_worse && !is_other && !has_moved) return index(entry);
  if (is_worse) {
    entry.alarm.priority = verdict->priority;
    entry.alarm.finding = finding.id;
    forget_acknowledgement(entry.alarm);
  }
  if (is_worse || is_its) entry.alarm.episode = episode_of(finding);
  entry.kind = finding.kind;
  entry.alarm.message = finding.sentence;
  step(entry, AlarmEvent::What::changed,
       by_plant(at, has_moved ? "a late reading has moved its onset" : ""), log);
}

void AlarmBook::close(Entry& entry, const Finding& finding, Timestamp at, Log& log) {
  let_go(entry, finding.id);
  if (entry.is_held()) return;
  const bool is_withdrawn = finding.episode && finding.episode->withdrawn;
  clear(entry, at, is_withdrawn ? "withdrawn: a late reading shows that it never was" : "", log);
}

/// Over here, with nothing left to be seen.
void AlarmBook::give_up(Entry& entry, const Finding& finding, Timestamp at, Log& log) {
  let_go(entry, finding.id);
  if (entry.is_held()) return;
  Alarm& alarm = entry.alarm;
  alarm.cleared = entry.in_order(at);
  if (!alarm.acknowledged) alarm.acknowledged = alarm.cleared;
  alarm.shelved_until.reset();
  step(entry, AlarmEvent::What::given_up, by_plant(at), log);
}

void AlarmBook::let_go(Entry& entry, std::uint64_t finding) {
  entry.findings.erase(finding);
  by_finding_.erase(finding);
}

void AlarmBook::clear(Entry& entry, Timestamp at, std::string_view why, Log& log) {
  entry.alarm.cleared = entry.in_order(at);
  if (entry.is_of_earlier_life && why.empty()) why = "not seen again after a restart";
  step(entry, AlarmEvent::What::cleared, by_plant(at, std::string(why)), log);
}

void AlarmBook::hold(Entry& entry, std::uint64_t finding) {
  entry.findings.insert(finding);
  by_finding_.insert_or_assign(finding, entry.alarm.id);
}

void AlarmBook::advance(Timestamp at, Log& log) {
  std::vector<std::uint64_t> due_now;
  for (auto next = due_.begin(); next != due_.end() && next->first <= at; ++next) {
    due_now.push_back(next->second);
  }
  std::ranges::sort(due_now);
  for (const auto id : due_now) {
    Entry& entry = entries_.at(id);
    if (entry.alarm.is_active() && !entry.is_held()) {
      clear(entry, at, "", log);
    } else if (const auto end = std::exchange(entry.alarm.shelved_until, std::nullopt)) {
      step(entry, AlarmEvent::What::unshelved, by_plant(*end), log);
    } else {
      forget_acknowledgement(entry.alarm);
      step(entry, AlarmEvent::What::raised, by_plant(at), log);
    }
  }
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

AlarmBook::Urgency AlarmBook::urgency_of(const Alarm& alarm) {
  return {alarm.is_shelved(), alarm.priority, alarm.is_acknowledged(),
          -alarm.raised.time_since_epoch().count(), alarm.id};
}

std::vector<Alarm> AlarmBook::live(std::size_t limit) const {
  std::vector<Alarm> alarms;
  alarms.reserve(std::min(limit, entries_.size()));
  for (const auto& urgency : by_urgency_) {
    if (alarms.size() == limit) break;
    alarms.push_back(entries_.at(std::get<std::uint64_t>(urgency)).alarm);
  }
  return alarms;
}

std::optional<Alarm> AlarmBook::find(std::uint64_t id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? std::nullopt : std::optional(found->second.alarm);
}

std::optional<Alarm> AlarmBook::newest() const {
  if (asking_.empty()) return std::nullopt;
  return entries_.at(asking_.rbegin()->second).alarm;
}

AlarmBook::Entry* AlarmBook::of_finding(std::uint64_t finding) {
  const auto found = by_finding_.find(finding);
  return found == by_finding_.end() ? nullptr : &entries_.at(found->second);
}

AlarmBook::Entry* AlarmBook::of_condition(const std::string& condition) {
  const auto found = by_condition_.find(condition);
  return found == by_condition_.end() ? nullptr : &entries_.at(found->second);
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
  if (entry.alarm.is_live()) return index(entry);
  unindex(entry);
  for (const auto finding : entry.findings) by_finding_.erase(finding);
  by_condition_.erase(entry.alarm.condition);
  entries_.erase(entry.alarm.id);
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

/// Brings the indexes up to what the entry is now.
void AlarmBook::index(Entry& entry) {
  unindex(entry);
  const Alarm& alarm = entry.alarm;
  entry.due = due(entry);
  if (entry.due) due_.emplace(*entry.due, alarm.id);
  entry.urgency = urgency_of(alarm);
  by_urgency_.insert(*entry.urgency);
  if (alarm.is_shelved()) {
    entry.is_counted_shelved = true;
    ++counts_.shelved;
    return;
  }
  entry.counted = alarm.priority;
  entry.is_counted_acknowledged = alarm.is_acknowledged();
  auto& of = counts_.by_priority.at(static_cast<std::size_t>(alarm.priority) - 1);
  ++(entry.is_counted_acknowledged ? of.acknowledged : of.unacknowledged);
  if (entry.is_counted_acknowledged) return;
  entry.asks_since = alarm.raised;
  asking_.emplace(alarm.raised, alarm.id);
}

void AlarmBook::unindex(Entry& entry) {
  const auto id = entry.alarm.id;
  if (entry.due) due_.erase({*entry.due, id});
  if (entry.urgency) by_urgency_.erase(*entry.urgency);
  if (entry.asks_since) asking_.erase({*entry.asks_since, id});
  if (entry.is_counted_shelved) --counts_.shelved;
  if (entry.counted) {
    auto& of = counts_.by_priority.at(static_cast<std::size_t>(*entry.counted) - 1);
    --(entry.is_counted_acknowledged ? of.acknowledged : of.unacknowledged);
  }
  entry.due.reset();
  entry.urgency.reset();
  entry.asks_since.reset();
  entry.counted.reset();
  entry.is_counted_shelved = false;
}

}  // namespace sosie
