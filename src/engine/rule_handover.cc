#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/log.h"
#include "engine/rule_desk.h"

namespace sosie {
namespace {

constexpr std::uint32_t no_part = 0xFFFFFFFF;

rules::Episode episode_of(const Finding& finding) {
  rules::Episode episode;
  episode.id = finding.episode->id;
  episode.subject = finding.episode->subject;
  episode.onset = finding.onset;
  episode.detected = finding.detected;
  episode.series = finding.suspects.front().series;
  episode.value = finding.suspects.front().value;
  return episode;
}

}  // namespace

void RuleDesk::wait_for(const std::vector<Finding>& known) {
  book_.refresh();
  for (const Finding& finding : known) {
    if (!finding.episode || finding.closed || finding.suspects.empty()) continue;
    const bool is_ours =
        is_of_group(finding) && book_.resume(finding.episode->rule, episode_of(finding));
    (is_ours ? open_ : unclaimed_).emplace(finding.episode->id, finding);
  }
}

const rules::Rule* RuleDesk::rule_of(const Finding& finding) const {
  const auto& all = book_.set().rules;
  const auto found = std::ranges::find(all, finding.episode->rule, &rules::Rule::name);
  return found == all.end() ? nullptr : &*found;
}

/// Groups do not move: they are judged where all of their devices are.
bool RuleDesk::is_of_group(const Finding& finding) const {
  const rules::Rule* const rule = rule_of(finding);
  return rule != nullptr && rule->is_of_group();
}

RuleDesk::Part& RuleDesk::part(const std::string& name) {
  const auto known = std::ranges::find(parts_, name, &Part::name);
  if (known != parts_.end()) return *known;
  Part added;
  added.name = name;
  return parts_.emplace_back(std::move(added));
}

RuleDesk::Part* RuleDesk::part_of(SeriesId series) {
  if (series.index >= part_of_.size() || part_of_[series.index] >= parts_.size()) return nullptr;
  return &parts_[part_of_[series.index]];
}

bool RuleDesk::is_coming() const {
  return std::ranges::any_of(parts_, &Part::is_coming);
}

void RuleDesk::hand_over(const Handover& handover, std::vector<FindingEvent>& out) {
  book_.refresh();
  if (handover.what == Handover::What::complete) {
    return give_up([](const Finding&) { return true; }, out);
  }
  if (handover.what == Handover::What::in_part || handover.what == Handover::What::is_whole) {
    return be_whole(handover.part, handover.what == Handover::What::is_whole, out);
  }
  Part& moved = part(handover.part);
  switch (handover.what) {
    case Handover::What::holds:
      return hold(moved, handover.series);
    case Handover::What::waits:
      return book_.wait_for(number_of(moved));
    case Handover::What::is_read:
      return book_.is_read(number_of(moved));
    case Handover::What::comes:
      return begin_to_come(moved, handover);
    case Handover::What::is_here:
      return be_here(moved, out);
    case Handover::What::goes:
      moved.is_coming = false;
      book_.is_read(number_of(moved));
      let_part_go(moved);
      give_up([&](const Finding& finding) { return is_of(moved, finding); }, out);
      std::ranges::replace(part_of_, static_cast<std::uint32_t>(&moved - parts_.data()), no_part);
      return;
    case Handover::What::complete:
    case Handover::What::in_part:
    case Handover::What::is_whole:
      return;
  }
}

/// A group is judged where all of its devices are.
void RuleDesk::be_whole(const std::string& readers, bool is_whole, std::vector<FindingEvent>& out) {
  if (is_whole) {
    shared_.erase(readers);
  } else if (shared_.insert(readers).second) {
    for (const auto& rule : book_.set().rules) {
      if (!rule.is_of_group()) continue;
      log::warning(
          "rules",
          "rule '{}' judges groups, and others of '{}' have some of the devices: it is not "
          "judged here; docs/scenarios/fleet.md says where it can be",
          rule.name, readers);
    }
  }
  book_.be_whole(shared_.empty(), events_);
  collect(out);
}

std::uint16_t RuleDesk::number_of(const Part& part) const {
  return static_cast<std::uint16_t>(&part - parts_.data() + 1);
}

void RuleDesk::hold(const Part& part, const std::vector<SeriesId>& series) {
  part_of_.resize(series_.size(), no_part);
  for (const SeriesId id : series) {
    part_of_.at(id.index) = static_cast<std::uint32_t>(&part - parts_.data());
    book_.move(id, number_of(part));
  }
}

bool RuleDesk::is_of(const Part& part, const Finding& finding) {
  return part_of(finding.suspects.front().series) == &part && !is_of_group(finding);
}

template <class Condition>
void RuleDesk::give_up(const Condition& condition, std::vector<FindingEvent>& out) {
  for (auto entry = unclaimed_.begin(); entry != unclaimed_.end();) {
    Finding& finding = entry->second;
    if (!condition(finding)) {
      ++entry;
      continue;
    }
    finding.closed = std::max(newest_, finding.detected);
    out.push_back({FindingEvent::What::given_up, std::move(finding)});
    entry = unclaimed_.erase(entry);
  }
}

/// The rules forget its devices; what was open is nobody's for now.
void RuleDesk::let_part_go(const Part& part) {
  for (std::uint32_t i = 0; i < part_of_.size(); ++i) {
    if (part_of(SeriesId{i}) == &part) book_.forget(SeriesId{i});
  }
  for (auto entry = open_.begin(); entry != open_.end();) {
    const auto next = std::next(entry);
    if (is_of(part, entry->second)) unclaimed_.insert(open_.extract(entry));
    entry = next;
  }
  std::erase_if(closed_, [&](const auto& entry) { return is_of(part, entry.second); });
}

void RuleDesk::begin_to_come(Part& part, const Handover& handover) {
  let_part_go(part);
  part.is_coming = true;
  part.known.clear();
  part.past.clear();
  for (const Finding& finding : handover.episodes) {
    if (!finding.suspects.empty()) part.known.emplace(finding.episode->id, finding);
  }
  resume_first(part, handover.since);
}

/// Of each subject the first episode is known by what was told; the later ones are found again.
void RuleDesk::resume_first(Part& part, Timestamp since) {
  std::vector<Finding*> by_onset;
  by_onset.reserve(part.known.size());
  for (auto& [id, finding] : part.known) by_onset.push_back(&finding);
  std::ranges::sort(by_onset, {}, &Finding::onset);
  std::set<std::pair<std::string, std::string>> resumed;
  for (Finding* const finding : by_onset) {
    const RuleEpisode& episode = *finding->episode;
    if (!resumed.emplace(episode.rule, episode.subject).second) continue;
    book_.resume(episode.rule, episode_of(*finding), since);
  }
}

/// Goes on here under the number that our own store has for it, if there is one. One of a rule that
/// is no more only ends.
void RuleDesk::take_over(Finding& finding, std::vector<FindingEvent>& out) {
  auto what = FindingEvent::What::taken_over;
  if (const auto own = unclaimed_.extract(finding.episode->id)) {
    finding.id = own.mapped().id;
    what = FindingEvent::What::updated;
  } else {
    finding.id = next_id_();
  }
  newest_ = std::max(newest_, finding.detected);
  const rules::Rule* const rule = rule_of(finding);
  if (rule == nullptr) {
    finding.closed = finding.detected;
    out.push_back({FindingEvent::What::closed, finding});
    return;
  }
  auto episode = episode_of(finding);
  episode.rule = static_cast<std::uint32_t>(rule - book_.set().rules.data());
  fill(finding, episode);
  out.push_back({what, finding});
  open_.insert_or_assign(finding.episode->id, finding);
}

/// The past has made another of this episode.
bool RuleDesk::has_moved(const Part& part, std::uint64_t id) {
  return std::ranges::any_of(part.past,
                             [&](const auto& entry) { return entry.second.former == id; });
}

/// What the past has told is held against what we were told of it. Where the one before us died,
/// not all that it found need have reached others: so we say it again, under the same ids.
void RuleDesk::be_here(Part& part, std::vector<FindingEvent>& out) {
  part.is_coming = false;
  // What our store has open and nobody tells of has ended elsewhere, and leaves room for the next.
  give_up(
      [&](const Finding& finding) {
        const auto id = finding.episode->id;
        return is_of(part, finding) && !part.known.contains(id) && !part.past.contains(id);
      },
      out);
  for (auto& [id, finding] : part.known) {
    const auto closed = std::exchange(finding.closed, std::nullopt);
    take_over(finding, out);
    if (part.past.contains(id) || !open_.contains(id)) continue;
    if (!closed) {
      if (!has_moved(part, id)) insist(finding);
      continue;
    }
    auto over = open_.extract(id);
    over.mapped().closed = closed;
    out.push_back({FindingEvent::What::closed, over.mapped()});
    closed_at_.emplace(*closed, id);
    closed_.insert(std::move(over));
  }
  for (const auto& [id, event] : part.past) {
    const bool is_over = event.episode.closed || event.what == What::withdrawn;
    if (is_over && !open_.contains(id) && !unclaimed_.contains(id)) continue;
    tell(event, out);
  }
  part.known.clear();
  part.past.clear();
}

}  // namespace sosie
