#include "rules/groups.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::rules {
namespace {

Micros next_multiple(Micros after, Micros every) {
  return (after / every + 1) * every;
}

/// The aggregate of one value, and of all with one more; of a mean it is the sum.
double first(const Rule& rule, double value) {
  if (rule.aggregate != Aggregate::count_above) return value;
  return value > rule.above ? 1 : 0;
}

double with(const Rule& rule, double all, double value) {
  switch (rule.aggregate) {
    case Aggregate::max:
      return std::max(all, value);
    case Aggregate::min:
      return std::min(all, value);
    case Aggregate::mean:
    case Aggregate::count_above:
      break;
  }
  return all + first(rule, value);
}

}  // namespace

Groups::Groups(const std::vector<Course>& rules, Micros lateness)
    : rules_(rules), lateness_(lateness) {}

std::string Groups::name_of(const Rule& rule, const SeriesInfo& info) {
  switch (rule.group_by) {
    case GroupBy::none:
      return {};
    case GroupBy::all:
      return "all";
    case GroupBy::asset:
      return info.asset;
    case GroupBy::stage:
      return info.stage;
    case GroupBy::prefix: {
      const std::string& entity = info.entity;
      const auto end = entity.rfind(rule.separator);
      return end == std::string::npos ? std::string() : entity.substr(0, end);
    }
    case GroupBy::list:
      break;
  }
  for (const auto& group : rule.groups) {
    if (std::ranges::any_of(group.devices, [&](const auto& pattern) {
          return matches_wildcards(pattern, info.entity);
        })) {
      return group.name;
    }
  }
  return {};
}

std::uint32_t Groups::add(std::uint32_t rule, const std::string& name, SeriesId series,
                          std::uint32_t device) {
  const auto [known, is_new] = by_name_.try_emplace(fmt::format("{}/{}", rule, name),
                                                    static_cast<std::uint32_t>(groups_.size()));
  if (is_new) {
    Group group;
    group.rule = rule;
    group.name = name;
    groups_.push_back(std::move(group));
  }
  const auto member = static_cast<std::uint32_t>(members_.size());
  Member added;
  added.group = known->second;
  added.device = device;
  added.series = series;
  members_.push_back(std::move(added));
  groups_[known->second].members.push_back(member);
  return member;
}

bool Groups::take(std::uint32_t member, Micros at, double value) {
  Member& m = members_[member];
  Group& group = groups_[m.group];
  group.watermark.see(m.device, at);
  if (judging_ != Judging::on) {
    if (at >= m.at) {
      m.at = at;
      m.value = value;
    }
    return true;
  }
  if (at <= group.judged) return false;
  if (group.judged == never) {
    const Micros mine = next_multiple(at - 1, rule(group).every.count());
    group.next = group.next == never ? mine : std::min(group.next, mine);
  }
  if (!group.is_due && group.watermark.agreed() - lateness_ > group.next) {
    group.is_due = true;
    due_.push_back(m.group);
  }
  auto place = m.waiting.end();
  while (place != m.waiting.begin() && std::prev(place)->at > at) --place;
  if (place != m.waiting.begin() && std::prev(place)->at == at) {
    std::prev(place)->value = std::max(std::prev(place)->value, value);
  } else {
    m.waiting.insert(place, {at, value});
  }
  return true;
}

Micros Groups::first_waiting(const Group& group) const {
  Micros first = std::numeric_limits<Micros>::max();
  for (const auto member : group.members) {
    const auto& waiting = members_[member].waiting;
    if (!waiting.empty()) first = std::min(first, waiting.front().at);
  }
  return first;
}

/// All members as they were at `at`, whose readings up to then are done with.
Groups::Together Groups::judge(Group& group, Micros at) {
  const Rule& rule = this->rule(group);
  const bool is_low = rule.high == Rule::none;
  const Micros oldest = at - rule.max_age.count();
  Together all;
  double worst = 0;
  for (const auto member : group.members) {
    Member& m = members_[member];
    auto past = m.waiting.begin();
    for (; past != m.waiting.end() && past->at <= at; ++past) {
      m.at = past->at;
      m.value = past->value;
    }
    m.waiting.erase(m.waiting.begin(), past);
    if (m.at == never || m.at < oldest) continue;
    if (all.count == 0 || (is_low ? m.value < worst : m.value > worst)) {
      worst = m.value;
      all.worst = m.series;
    }
    all.value = all.count == 0 ? first(rule, m.value) : with(rule, all.value, m.value);
    ++all.count;
  }
  if (rule.aggregate == Aggregate::mean && all.count > 0) {
    all.value /= static_cast<double>(all.count);
  }
  return all;
}

void Groups::settle(Group& group, Micros until, const Opened& opened, const Opened& closed) {
  const Rule& rule = this->rule(group);
  const Course& course = rules_[group.rule];
  const Micros every = rule.every.count();
  for (Micros at = group.next; at <= until; at += every) {
    const Together all = judge(group, at);
    group.judged = at;
    if (all.count == 0) {  // nothing is young enough: on to where something is
      const Micros first = first_waiting(group);
      if (first > until) {
        group.judged = std::max(at, until - until % every);
        return;
      }
      at = std::max(at, next_multiple(first - 1, every) - every);
      continue;
    }
    if (!group.state.is_active()) group.worst = all.worst;
    const Bounds& bounds = course.at(at);
    group.state.step(
        bounds, at, bounds.side(all.value), static_cast<float>(all.value),
        [&](const Spell& spell) { opened(group, spell); },
        [&](const Spell& spell) { closed(group, spell); });
  }
}

void Groups::keep_latest(Member& member) {
  if (member.waiting.empty()) return;
  member.at = member.waiting.back().at;
  member.value = member.waiting.back().value;
  member.waiting.clear();
}

void Groups::be_whole(bool is_whole, const Opened& closed) {
  if (is_whole) {
    if (judging_ == Judging::off) judging_ = Judging::begins;
    return;
  }
  judging_ = Judging::off;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    keep_latest(members_[static_cast<std::uint32_t>(i)]);
  }
  for (Group& group : groups_) {
    if (group.state.is_active()) closed(group, group.state.spell(group.judged));
    group.state = {};
    group.is_due = false;
  }
  due_.clear();
}

/// All that has come is what the devices say now.
void Groups::begin_anew() {
  judging_ = Judging::on;
  for (Group& group : groups_) {
    group.judged = group.watermark.agreed();
    group.next =
        group.judged == never ? never : next_multiple(group.judged, rule(group).every.count());
  }
}

void Groups::settle(Micros slowest, const Opened& opened, const Opened& closed) {
  if (judging_ == Judging::begins) begin_anew();
  std::erase_if(due_, [&](std::uint32_t i) {
    Group& group = groups_[i];
    const Micros until = std::min(group.watermark.agreed(), slowest) - lateness_ - 1;
    if (until >= group.next) {
      settle(group, until, opened, closed);
      group.next = next_multiple(group.judged, rule(group).every.count());
    }
    group.is_due = group.watermark.agreed() - lateness_ > group.next;
    return !group.is_due;
  });
}

void Groups::forget(std::uint32_t member) {
  Member& m = members_[member];
  m.at = never;
  m.waiting.clear();
}

bool Groups::resume(std::uint32_t rule, const std::string& name, const Spell& open) {
  const auto known = by_name_.find(fmt::format("{}/{}", rule, name));
  if (known == by_name_.end()) return false;
  Group& group = groups_[known->second];
  group.state = State::of(open);
  group.judged = open.detected;
  group.next = next_multiple(open.detected, rules_[rule].rule().every.count());
  if (!group.members.empty()) group.worst = members_[group.members.front()].series;
  return true;
}

std::size_t Groups::bytes() const {
  std::size_t bytes = members_.bytes() + groups_.capacity() * sizeof(Group);
  for (const Group& group : groups_) bytes += group.members.capacity() * sizeof(std::uint32_t);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    bytes += members_[i].waiting.capacity() * sizeof(Waiting);
  }
  return bytes;
}

}  // namespace sosie::rules
