#include "engine/rule_desk.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

namespace sosie {
namespace {

/// A late one counts from the newest of its own series, which may be behind others.
constexpr auto a_while = std::chrono::minutes(10);

double limit_or_nan(double limit) {
  return std::isfinite(limit) ? limit : std::numeric_limits<double>::quiet_NaN();
}

SymptomKind symptom_of(const rules::Rule& rule) {
  return rule.kind == rules::RuleKind::silence ? SymptomKind::missing : SymptomKind::limit;
}

}  // namespace

RuleDesk::RuleDesk(rules::RuleSet set, const SeriesTable& series, std::string asset, NextId next_id,
                   Statistics& statistics, rules::RuleBook::IsDerived is_derived)
    : book_(std::move(set), series, std::move(is_derived)),
      series_(series),
      asset_(std::move(asset)),
      next_id_(std::move(next_id)),
      statistics_(statistics) {}

void RuleDesk::move_limits(const RuleOrder& order) {
  const auto& all = book_.set().rules;
  const auto found = std::ranges::find(all, order.rule, &rules::Rule::name);
  if (found == all.end()) return;
  book_.move_limits(static_cast<std::uint32_t>(found - all.begin()), order.since, order.limits.high,
                    order.limits.low, events_);
}

void RuleDesk::settle(std::vector<FindingEvent>& out) {
  if (!is_coming()) book_.settle(events_);
  collect(out);
}

void RuleDesk::advance(Timestamp now, std::vector<FindingEvent>& out) {
  if (!is_coming()) book_.advance(now, events_);
  collect(out);
}

void RuleDesk::fill(Finding& finding, const rules::Episode& episode) const {
  const rules::Rule& rule = book_.rule(episode);
  const SeriesInfo& info = series_[episode.series];
  finding.asset = info.asset.empty() ? asset_ : info.asset;
  finding.kind = rule.cause;
  finding.score = 1;
  finding.confidence = 1;
  finding.onset = episode.onset;
  finding.detected = episode.detected;
  finding.closed = episode.closed;
  Suspect suspect;
  suspect.series = episode.series;
  suspect.share = 1;
  suspect.value = episode.value;
  if (rule.kind == rules::RuleKind::limit) {
    suspect.low = limit_or_nan(rule.low);
    suspect.high = limit_or_nan(rule.high);
    suspect.expected = std::clamp(episode.value, rule.low, rule.high);
  }
  finding.suspects = {suspect};
  Evidence evidence;
  evidence.detector = "rule";
  evidence.kind = symptom_of(rule);
  evidence.series = episode.series;
  evidence.score = 1;
  evidence.since = episode.onset;
  evidence.active = !episode.closed;
  evidence.rule = rule.name;
  evidence.priority = rule.priority;
  finding.evidence = {evidence};
  finding.sentence = rules::sentence(rule, episode, info);
}

/// The finding that an event is about, as it was; and what becomes of it for those who keep them.
Finding& RuleDesk::finding_of(const rules::EpisodeEvent& event, FindingEvent::What& what) {
  const std::uint64_t before = event.former != 0 ? event.former : event.episode.id;
  Finding finding;
  if (const auto was_open = open_.extract(before)) {
    finding = std::move(was_open.mapped());
    what = FindingEvent::What::updated;
  } else if (const auto was_closed = closed_.extract(before)) {
    finding = std::move(was_closed.mapped());
    what = FindingEvent::What::updated;
  } else if (const auto claimed = unclaimed_.extract(before)) {
    finding = std::move(claimed.mapped());
    what = FindingEvent::What::updated;
  } else {
    finding.id = next_id_();
    finding.episode.emplace();
    what = FindingEvent::What::opened;
  }
  const bool is_over = event.episode.closed || event.what == What::withdrawn;
  if (is_over) {
    what = FindingEvent::What::closed;
    closed_at_.emplace(event.episode.closed.value_or(event.episode.onset), event.episode.id);
  }
  auto& kept = is_over ? closed_ : open_;
  return kept.insert_or_assign(event.episode.id, std::move(finding)).first->second;
}

void RuleDesk::collect(std::vector<FindingEvent>& out) {
  for (auto& event : events_) {
    Part* const part = parts_.empty() ? nullptr : part_of(event.episode.series);
    if (part == nullptr || !part->is_coming) {
      tell(event, out);
      continue;
    }
    if (event.former != 0) part->past.erase(event.former);
    part->past.insert_or_assign(event.episode.id, std::move(event));
  }
  events_.clear();
  if (is_warming_up_) return;
  let_go(newest_ - book_.set().lateness - a_while);
  count();
}

void RuleDesk::tell(const rules::EpisodeEvent& event, std::vector<FindingEvent>& out) {
  FindingEvent made;
  Finding& finding = finding_of(event, made.what);
  fill(finding, event.episode);
  RuleEpisode& episode = *finding.episode;
  episode.id = event.episode.id;
  episode.rule = book_.rule(event.episode).name;
  episode.subject = event.episode.subject;
  if (event.is_late) ++episode.amended;
  episode.withdrawn = event.what == What::withdrawn;
  if (episode.withdrawn) finding.closed = event.episode.onset;
  newest_ = std::max({newest_, finding.detected, finding.closed.value_or(Timestamp{})});
  made.finding = finding;
  if (made.what == FindingEvent::What::opened && !is_warming_up_) {
    ++statistics_.findings_opened;
    ++statistics_.findings_by_kind.at(static_cast<std::size_t>(finding.kind));
  }
  out.push_back(std::move(made));
}

/// What was over by then is amended no more: should it be, it is told as a new finding.
void RuleDesk::let_go(Timestamp before) {
  while (!closed_at_.empty() && closed_at_.begin()->first < before) {
    closed_.erase(closed_at_.begin()->second);
    closed_at_.erase(closed_at_.begin());
  }
}

void RuleDesk::count() {
  const auto& now = book_.counts();
  statistics_.rules_judged = now.judged - in_past_.judged;
  statistics_.rules_late = now.late - in_past_.late;
  statistics_.rules_too_late = now.too_late - in_past_.too_late;
  statistics_.episodes_opened = now.opened - in_past_.opened;
  statistics_.episodes_amended = now.amended - in_past_.amended;
  statistics_.episodes_withdrawn = now.withdrawn - in_past_.withdrawn;
}

void RuleDesk::resume(const std::vector<Finding>& known, Timestamp since,
                      std::vector<FindingEvent>& out) {
  for (const Finding& finding : known) {
    if (!finding.episode) continue;
    if (finding.closed) {
      closed_.emplace(finding.episode->id, finding);
      closed_at_.emplace(*finding.closed, finding.episode->id);
      continue;
    }
    rules::Episode episode;
    episode.subject = finding.episode->subject;
    episode.onset = finding.onset;
    episode.detected = finding.detected;
    if (!finding.suspects.empty()) episode.value = finding.suspects.front().value;
    if (book_.resume(finding.episode->rule, episode, since)) {
      open_.emplace(finding.episode->id, finding);
    } else {
      out.push_back({FindingEvent::What::closed, finding});
      out.back().finding.closed = finding.detected;
    }
  }
}

/// The past again has not told of it (its readings are not there any more): it goes on all the
/// same.
void RuleDesk::insist(const Finding& finding) {
  rules::Episode episode;
  episode.subject = finding.episode->subject;
  episode.onset = finding.onset;
  episode.detected = finding.detected;
  if (!finding.suspects.empty()) episode.value = finding.suspects.front().value;
  if (!book_.has_open(finding.episode->rule, episode)) {
    book_.resume(finding.episode->rule, episode);
  }
}

void RuleDesk::warm_up(const std::vector<Finding>& known, Timestamp since,
                       const std::function<void()>& replay, std::vector<FindingEvent>& out) {
  book_.refresh();
  resume(known, since, out);
  const auto resumed = open_;
  std::unordered_set<std::uint64_t> open_ids;
  for (const auto& [id, finding] : resumed) open_ids.insert(finding.id);
  is_warming_up_ = true;
  replay();
  std::vector<FindingEvent> past;
  settle(past);
  is_warming_up_ = false;
  in_past_ = book_.counts();
  // What began and ended in the past, or goes on as the store has it, was told in the past.
  std::map<std::uint64_t, FindingEvent> last;  // by the finding's id
  for (auto& event : past) last.insert_or_assign(event.finding.id, std::move(event));
  std::set<std::pair<std::string, std::string>> begun;  // rules and their subjects
  for (auto& [id, event] : last) {
    const bool is_over = event.what == FindingEvent::What::closed;
    const bool was_open = open_ids.contains(id);
    if (is_over && !was_open) continue;
    if (!is_over && !was_open) {
      event.what = FindingEvent::What::opened;
      begun.emplace(event.finding.episode->rule, event.finding.episode->subject);
    }
    out.push_back(std::move(event));
  }
  for (const auto& [id, finding] : resumed) {
    if (!open_.contains(id)) continue;
    if (begun.contains({finding.episode->rule, finding.episode->subject})) {
      open_.erase(id);  // by the rule as it is now it was another
      out.push_back({FindingEvent::What::closed, finding});
      out.back().finding.closed = finding.detected;
      continue;
    }
    insist(finding);
    out.push_back({FindingEvent::What::updated, finding});
  }
}

}  // namespace sosie
