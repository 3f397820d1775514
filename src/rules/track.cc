#include "rules/track.h"

#include <algorithm>

#include "rules/bytes.h"

namespace sosie::rules {
namespace {

constexpr std::uint32_t first_capacity = 4;

}  // namespace

/// For one more at the end: times are told anew from the oldest, and the ring doubled if it is
/// full.
void Track::make_room(const Course& rule) {
  if (count_ == capacity_ && capacity_ == most_kept) fold(rule);
  const Micros shift = count_ == 0 ? 0 : time_of(kept(0)) - origin_;
  const auto capacity =
      count_ < capacity_ ? capacity_ : std::max<std::uint32_t>(first_capacity, 2U * capacity_);
  auto ring = std::make_unique<Kept[]>(capacity);
  for (std::uint32_t i = 0; i < count_; ++i) {
    ring[i] = {static_cast<std::uint32_t>(kept(i).after_us - shift), kept(i).value};
  }
  ring_ = std::move(ring);
  origin_ += shift;
  head_ = 0;
  capacity_ = static_cast<std::uint16_t>(capacity);
}

/// REQUIRES: `at` lies between the neighbours of `place`.
void Track::insert(const Course& rule, std::uint32_t place, Micros at, float value) {
  if (count_ == capacity_) {
    const std::uint32_t before = count_;
    make_room(rule);
    place -= std::min(place, before - count_);  // the oldest was folded
  }
  if (at < origin_) {  // older than all that is kept: the times are counted from it
    const auto shift = static_cast<std::uint32_t>(origin_ - at);
    for (std::uint32_t i = 0; i < count_; ++i) kept(i).after_us += shift;
    origin_ = at;
  }
  for (std::uint32_t i = count_; i > place; --i) kept(i) = kept(i - 1);
  kept(place) = {static_cast<std::uint32_t>(at - origin_), value};
  ++count_;
}

State Track::replay(const Course& rule, std::vector<Spell>& spells) const {
  spells.clear();
  State state = base_;
  if (state.is_active()) spells.push_back(state.spell());
  const auto opened = [&](const Spell& spell) { spells.push_back(spell); };
  const auto closed = [&](const Spell& spell) { spells.back() = spell; };
  for (std::uint32_t i = 0; i < count_; ++i) {
    const Kept& one = kept(i);
    const Micros at = time_of(one);
    const Bounds& bounds = rule.at(at);
    state.step(bounds, at, bounds.side(one.value), one.value, opened, closed);
  }
  return state;
}

Track::Took Track::take_late(const Course& rule, Micros at, double value, Micros lateness,
                             std::vector<Spell>& before, std::vector<Spell>& after) {
  const Bounds& bounds = rule.at(at);
  const float read = rounded(bounds, value, bounds.side(value));
  if (lateness == 0) return at == newest_ ? Took::duplicate : Took::too_late;
  if (at < newest_ - lateness || at <= folded_) return Took::too_late;
  std::uint32_t place = count_;
  while (place > 0 && time_of(kept(place - 1)) > at) --place;
  const bool is_known = place > 0 && time_of(kept(place - 1)) == at;
  if (is_known && kept(place - 1).value >= read) return Took::duplicate;
  replay(rule, before);
  if (is_known) {
    kept(place - 1).value = read;
  } else {
    insert(rule, place, at, read);
  }
  now_ = replay(rule, after);
  return Took::late;
}

void Track::judge_anew(const Course& before, const Course& rule, std::vector<Spell>& before_spells,
                       std::vector<Spell>& after) {
  replay(before, before_spells);
  now_ = replay(rule, after);
}

void Track::resume(const Spell& open, Micros since) {
  if (open.onset >= since) return;  // it is found again
  State state = State::of(open);
  newest_ = state.detected();
  if (newest_ >= since) {  // it was about to be
    state = {.since = open.onset, .clearing = State::pending};
    newest_ = since - 1;
  }
  now_ = state;
  base_ = state;
  folded_ = newest_;
  count_ = 0;
}

void Track::save(std::string& out) const {
  put(out, newest_);
  put(out, folded_);
  put(out, origin_);
  put(out, now_);
  put(out, base_);
  put(out, count_);
  for (std::uint32_t i = 0; i < count_; ++i) put(out, kept(i));
}

bool Track::load(std::string_view& in) {
  std::uint16_t count = 0;
  if (!get(in, newest_) || !get(in, folded_) || !get(in, origin_) || !get(in, now_) ||
      !get(in, base_) || !get(in, count) || count > most_kept || in.size() < count * sizeof(Kept)) {
    return false;
  }
  std::uint32_t capacity = count == 0 ? 0 : first_capacity;
  while (capacity < count) capacity *= 2;
  ring_ = capacity == 0 ? nullptr : std::make_unique<Kept[]>(capacity);
  capacity_ = static_cast<std::uint16_t>(capacity);
  head_ = 0;
  count_ = count;
  for (std::uint32_t i = 0; i < count; ++i) get(in, ring_[i]);
  return true;
}

}  // namespace sosie::rules
