#include "rules/silences.h"

#include <algorithm>
#include <utility>

#include "rules/bytes.h"

namespace sosie::rules {
namespace {

using What = EpisodeEvent::What;

constexpr Micros buckets_per_after = 16;

Spell silence(Micros from, Micros after, Micros to = never) {
  return {from, from + after, to, 0};
}

}  // namespace

void Silences::add_rule(std::uint32_t rule, Micros after) {
  Rule added;
  added.rule = rule;
  added.after = after;
  added.width = std::max<Micros>(1, after / buckets_per_after);
  rules_.push_back(std::move(added));
}

std::uint32_t Silences::add(std::uint32_t which, std::uint32_t device) {
  Entry entry;
  entry.device = device;
  entry.rule = static_cast<std::uint16_t>(which);
  entries_.push_back(entry);
  return size() - 1;
}

void Silences::queue(std::uint32_t entry) {
  Entry& e = entries_[entry];
  if (e.is_queued || e.is_open) return;
  Rule& rule = rules_[e.rule];
  const Micros due = e.last + rule.after + behind(entry);
  rule.parts[e.part].due[due / rule.width + 1].push_back(entry);
  e.is_queued = 1;
}

/// It was called silent, and goes on. Within the lateness that is the order in which readings come.
void Silences::note_behind(std::uint32_t entry, Micros at) {
  const Entry& e = entries_[entry];
  const Rule& rule = rules_[e.rule];
  const Micros distance = rule.parts[e.part].watermark.agreed() - at;
  if (distance > std::max(rule.after, lateness_)) behind_[entry] = distance;
}

Micros Silences::behind(std::uint32_t entry) const {
  if (behind_.empty()) return 0;
  const auto found = behind_.find(entry);
  return found == behind_.end() ? 0 : found->second;
}

bool Silences::is_silent(std::uint32_t entry, Micros until) {
  const Micros distance = until - entries_[entry].last;
  if (const auto found = behind_.find(entry); found != behind_.end()) {
    found->second = std::min(found->second, distance);  // its clock is less wrong than it was
  }
  return distance - behind(entry) > rules_[entries_[entry].rule].after;
}

void Silences::note_gap(std::uint32_t entry, Micros from, Micros to) {
  if (lateness_ == 0) return;
  auto& gaps = gaps_[entry];
  std::erase_if(gaps,
                [&](const auto& gap) { return gap.second < entries_[entry].last - lateness_; });
  gaps[from] = to;
}

/// A gap of which both ends are known.
void Silences::tell_gap(std::uint32_t entry, Micros from, Micros to, bool is_late, Sink& out) {
  const Entry& e = entries_[entry];
  const Micros after = rules_[e.rule].after;
  out.change(of(e), {What::opened, silence(from, after), never}, is_late);
  out.change(of(e), {What::closed, silence(from, after, to), never}, is_late);
  note_gap(entry, from, to);
}

Silences::Took Silences::take_rare(std::uint32_t entry, Micros at, Sink& out) {
  Entry& e = entries_[entry];
  if (e.last == never) {
    e.first = at;
    e.last = at;
    queue(entry);
    return Took::in_order;
  }
  if (at < e.last) return take_late(entry, at, out);
  const Micros after = rules_[e.rule].after;
  const Micros from = e.last;
  const bool was_open = e.is_open != 0;
  e.last = at;
  e.is_open = 0;
  if (at - from > after) {
    if (was_open) {
      out.change(of(e), {What::closed, silence(from, after, at), never}, false);
      note_gap(entry, from, at);
    } else {
      tell_gap(entry, from, at, false, out);
    }
  } else if (was_open) {  // it had been sent in time, and came after the others had gone on
    out.change(of(e), {What::withdrawn, silence(from, after), never}, true);
    note_behind(entry, at);
  }
  queue(entry);
  return Took::in_order;
}

Silences::Took Silences::take_late(std::uint32_t entry, Micros at, Sink& out) {
  Entry& e = entries_[entry];
  const Micros after = rules_[e.rule].after;
  if (at < e.last - lateness_) return Took::too_late;
  if (at < e.first) {
    const Micros to = std::exchange(e.first, at);
    if (to - at > after) tell_gap(entry, at, to, true, out);
    return Took::late;
  }
  const auto known = gaps_.find(entry);
  if (known == gaps_.end()) return Took::late;
  auto gap = known->second.lower_bound(at);
  if (gap == known->second.begin()) return Took::late;
  --gap;
  const auto [from, to] = *gap;
  if (at <= from || at >= to) return Took::late;
  known->second.erase(gap);
  std::vector<Spell> rest;
  if (at - from > after) rest.push_back(silence(from, after, at));
  if (to - at > after) rest.push_back(silence(at, after, to));
  for (const Spell& spell : rest) known->second[spell.onset] = spell.closed;
  const Spell before = silence(from, after, to);
  struct Tell final : Changes {
    Tell(const Of& whose, Sink& sink) : of(whose), out(sink) {}
    void change(const Change& change) override { out.change(of, change, true); }
    Of of;
    Sink& out;
  } tell(of(e), out);
  amend({&before, 1}, rest, tell);
  return Took::late;
}

void Silences::move(std::uint32_t entry, std::uint16_t part) {
  Entry& e = entries_[entry];
  if (e.part == part) return;
  auto& parts = rules_[e.rule].parts;
  if (parts.size() <= part) parts.resize(part + 1U);
  e.part = part & (Parts::most - 1U);
  e.is_queued = 0;  // where it stands, it is passed over
  if (e.last != never) queue(entry);
}

void Silences::look_for_idle() {
  for (Rule& rule : rules_) {
    for (Part& part : rule.parts) part.is_idle = !std::exchange(part.is_seen, false);
  }
}

/// Up to when it is certain that a part's devices have sent nothing more.
Micros Silences::reach(const Part& part, std::uint16_t which, const Reach& others,
                       const Parts& parts) {
  const Micros own = part.watermark.agreed();
  if (parts.is_waited_for(which)) return own;
  if (which == 0 && parts.is_any_waited_for()) {  // of what part they are is not known yet
    return part.is_idle ? std::max(own, std::min(others.all, others.slowest)) : own;
  }
  return part.is_idle ? others.all : std::max(others.now, own);
}

void Silences::settle(Micros now, const Parts& parts, Sink& out) {
  const Micros slowest = parts.slowest();
  for (Rule& rule : rules_) {
    Reach others{.now = now, .all = now, .slowest = slowest};
    for (const Part& part : rule.parts) others.all = std::max(others.all, part.watermark.agreed());
    for (std::size_t i = 0; i < rule.parts.size(); ++i) {
      const auto which = static_cast<std::uint16_t>(i);
      settle(rule, which, reach(rule.parts[i], which, others, parts), out);
    }
  }
}

void Silences::settle(Rule& rule, std::uint16_t which, Micros until, Sink& out) {
  auto& due = rule.parts[which].due;
  while (!due.empty() && due.begin()->first * rule.width < until) {
    const auto who = std::move(due.begin()->second);
    due.erase(due.begin());
    for (const std::uint32_t entry : who) {
      Entry& e = entries_[entry];
      if (e.part != which) continue;
      e.is_queued = 0;
      if (e.last == never) continue;  // forgotten meanwhile
      if (is_silent(entry, until)) {
        e.is_open = 1;
        out.change(of(e), {What::opened, silence(e.last, rule.after), never}, false);
      } else {
        queue(entry);
      }
    }
  }
}

void Silences::resume(std::uint32_t entry, Micros onset) {
  Entry& e = entries_[entry];
  e.first = never + 1;  // what came before it is known to be in order
  e.last = onset;
  e.is_open = 1;
}

void Silences::forget(std::uint32_t entry) {
  Entry& e = entries_[entry];
  e.first = never;
  e.last = never;
  e.is_open = 0;
  gaps_.erase(entry);
  behind_.erase(entry);
}

void Silences::save(std::uint32_t entry, std::string& out) const {
  const Entry& e = entries_[entry];
  put(out, e.first);
  put(out, e.last);
  put(out, e.is_open != 0);
  const auto known = gaps_.find(entry);
  const auto count =
      known == gaps_.end() ? std::uint32_t{0} : static_cast<std::uint32_t>(known->second.size());
  put(out, count);
  if (count == 0) return;
  for (const auto& [from, to] : known->second) {
    put(out, from);
    put(out, to);
  }
}

bool Silences::load(std::uint32_t entry, std::string_view& in) {
  Entry& e = entries_[entry];
  std::uint32_t count = 0;
  bool is_open = false;
  if (!get(in, e.first) || !get(in, e.last) || !get(in, is_open) || !get(in, count)) return false;
  e.is_open = is_open ? 1 : 0;
  if (in.size() / (2 * sizeof(Micros)) < count) return false;
  if (count == 0) gaps_.erase(entry);
  for (std::uint32_t i = 0; i < count; ++i) {
    Micros from = 0;
    get(in, from);
    get(in, gaps_[entry][from]);
  }
  if (e.last != never) {
    rules_[e.rule].parts[e.part].watermark.see(e.device, e.last);
    queue(entry);
  }
  return true;
}

std::size_t Silences::bytes() const {
  std::size_t bytes = entries_.bytes() + gaps_.size() * 128 + behind_.size() * 48;
  for (const Rule& rule : rules_) {
    for (const Part& part : rule.parts) {
      for (const auto& [time, who] : part.due) bytes += 64 + who.capacity() * sizeof(who[0]);
    }
  }
  return bytes;
}

}  // namespace sosie::rules
