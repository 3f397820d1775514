#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/series.h"
#include "rules/course.h"
#include "rules/spell.h"

namespace sosie::rules {

/// One limit on one series: where it stands, and the readings of the last while (the lateness), so
/// that one which comes late can be put in its place.
///
///      folded                                         newest
///        │  base: the state up to here                  │  now: the state with all
///     ───┴──── kept readings, in order of time ─────────┴──►
///
/// A reading is kept as 8 bytes: its time after `origin_` and its value in single precision, moved
/// by one unit where rounding would have put it on another side of a limit.
/// Threads: one.
class Track {
 public:
  /// More are not kept: for a series that sends so fast the lateness is shorter.
  static constexpr std::uint32_t most_kept = 4096;

  enum class Took : std::uint8_t { in_order, late, duplicate, too_late };

  Track() = default;
  Track(SeriesId series, std::uint32_t rule) : series_(series), rule_(rule) {}

  SeriesId series() const { return series_; }
  std::uint32_t rule() const { return rule_; }
  const State& now() const { return now_; }
  Micros newest() const { return newest_; }

  /// One reading. In order: `opened` and `closed` as State::step; else what changes is found by
  /// `spells_before` and `spells` afterwards, see take_late. Of two readings of one time the
  /// greater stands.
  template <class Opened, class Closed>
  bool take_in_order(const Course& rule, Micros at, double value, Micros lateness,
                     const Opened& opened, const Closed& closed) {
    if (at <= newest_) return false;
    const Bounds& bounds = rule.at(at);
    const Side side = bounds.side(value);
    const float kept = rounded(bounds, value, side);
    if (lateness > 0) keep(rule, at, kept, lateness);
    newest_ = at;
    now_.step(bounds, at, side, kept, opened, closed);
    return true;
  }

  /// A reading that is not newer than all. If it is `late`, `before` and `after` are the episodes
  /// of what is kept without and with it.
  Took take_late(const Course& rule, Micros at, double value, Micros lateness,
                 std::vector<Spell>& before, std::vector<Spell>& after);

  /// The rule was `before`, and is now `rule`: what is kept is judged anew. `before_spells` and
  /// `after` are the episodes of what is kept by the one and by the other.
  void judge_anew(const Course& before, const Course& rule, std::vector<Spell>& before_spells,
                  std::vector<Spell>& after);

  /// Goes on from an episode that an earlier life left open, before all readings from `since` on
  /// are taken again: it stands as it stood then. Nothing up to `detected` judges where that is
  /// before.
  void resume(const Spell& open, Micros since);

  std::size_t ring_bytes() const { return capacity_ * sizeof(Kept); }

  /// For another process: everything, as bytes. `load` is of what `save` gave; false: it is not.
  void save(std::string& out) const;
  bool load(std::string_view& in);

 private:
  struct Kept {
    std::uint32_t after_us;
    float value;
  };

  /// In single precision, on the same side.
  static float rounded(const Bounds& bounds, double value, Side side) {
    const auto near = static_cast<float>(value);
    if (bounds.side(near) == side) return near;
    const float toward = value > near ? unbounded : -unbounded;
    return std::nextafterf(near, toward);
  }
  static constexpr float unbounded = std::numeric_limits<float>::infinity();

  Kept& kept(std::uint32_t i) { return ring_[(head_ + i) & (capacity_ - 1U)]; }
  const Kept& kept(std::uint32_t i) const { return ring_[(head_ + i) & (capacity_ - 1U)]; }
  Micros time_of(const Kept& one) const { return origin_ + one.after_us; }

  void keep(const Course& rule, Micros at, float value, Micros lateness) {
    while (count_ > 0 && time_of(kept(0)) < at - lateness) fold(rule);
    if (count_ == 0) origin_ = at;
    if (count_ == capacity_ || at - origin_ > longest_us) make_room(rule);
    kept(count_) = {static_cast<std::uint32_t>(at - origin_), value};
    ++count_;
  }

  /// The oldest kept one goes into the base.
  void fold(const Course& rule) {
    const Kept& oldest = kept(0);
    folded_ = time_of(oldest);
    const Bounds& bounds = rule.at(folded_);
    base_.step(
        bounds, folded_, bounds.side(oldest.value), oldest.value, [](const Spell&) {},
        [](const Spell&) {});
    head_ = static_cast<std::uint16_t>((head_ + 1U) & (capacity_ - 1U));
    --count_;
  }

  void make_room(const Course& rule);
  void insert(const Course& rule, std::uint32_t place, Micros at, float value);
  State replay(const Course& rule, std::vector<Spell>& spells) const;

  static constexpr Micros longest_us = std::numeric_limits<std::uint32_t>::max();

  Micros newest_ = never;
  Micros folded_ = never;  ///< of the last reading in the base
  Micros origin_ = 0;
  std::unique_ptr<Kept[]> ring_;  ///< an array, not a vector: half the size of its handle
  std::uint16_t head_ = 0;
  std::uint16_t count_ = 0;
  std::uint16_t capacity_ = 0;  ///< a power of two, or 0
  State now_;
  State base_;
  SeriesId series_{};
  std::uint32_t rule_ = 0;
};

}  // namespace sosie::rules
