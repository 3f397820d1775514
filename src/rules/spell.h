#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "rules/rule.h"

namespace sosie::rules {

/// Microseconds since the epoch, as the tracks keep them.
using Micros = std::int64_t;
/// Before all times, and so that a time less `never` still fits.
inline constexpr Micros never = std::numeric_limits<Micros>::min() / 4;

/// Where a value stands to a limit. The deadband lies between.
enum class Side : std::uint8_t { clear, between, beyond };

/// The numbers of a rule that are asked for with every reading.
struct Bounds {
  double high = Rule::none;
  double low = -Rule::none;
  double clear_high = Rule::none;
  double clear_low = -Rule::none;
  Micros on_delay = 0;
  Micros off_delay = 0;

  static Bounds of(const Rule& rule) {
    return {rule.high,
            rule.low,
            rule.high - rule.deadband,
            rule.low + rule.deadband,
            rule.on_delay.count(),
            rule.off_delay.count()};
  }

  Side side(double value) const {
    if (value > high || value < low) return Side::beyond;
    return value > clear_high || value < clear_low ? Side::between : Side::clear;
  }
};

/// An episode without its names.
struct Spell {
  Micros onset = never;
  Micros detected = never;
  Micros closed = never;  ///< never: it goes on
  float value = 0;
  bool operator==(const Spell&) const = default;
};

/// Where a limit stands after some readings, in order of time:
///
///             beyond                 beyond for on_delay            clear
///     quiet ─────────► pending ──────────────────────► active ◄────────────► clearing
///       ▲                 │ else                          not clear            │ for off_delay
///       └─────────────────┴───────────────────────────────────────────────────┘
///
/// Only readings move it, never time alone: what was not measured is not claimed.
struct State {
  Micros since = never;     ///< when it began to be beyond; never: quiet
  Micros clearing = never;  ///< since when it is clear again; never: active; `pending`
  float value = 0;          ///< of the reading that made it active
  std::uint32_t detected_after_ms = 0;

  static constexpr Micros pending = never + 1;
  static constexpr Micros longest_ms = std::numeric_limits<std::uint32_t>::max();

  /// Active, by an episode that goes on.
  static State of(const Spell& open) {
    return {open.onset, never, open.value,
            static_cast<std::uint32_t>(std::min(longest_ms, (open.detected - open.onset) / 1000))};
  }

  bool is_quiet() const { return since == never; }
  bool is_active() const { return since != never && clearing != pending; }
  Micros detected() const { return since + Micros{1000} * detected_after_ms; }
  Spell spell(Micros closed = never) const { return {since, detected(), closed, value}; }

  /// `opened(spell)` and `closed(spell)` are called for what the reading begins or ends.
  template <class Opened, class Closed>
  void step(const Bounds& bounds, Micros at, Side side, float read, const Opened& opened,
            const Closed& closed) {
    if (is_quiet()) {
      if (side != Side::beyond) return;
      since = at;
      clearing = pending;
    }
    if (clearing == pending) {
      if (side != Side::beyond) {
        *this = {};
      } else if (at - since >= bounds.on_delay) {
        clearing = never;
        value = read;
        detected_after_ms = static_cast<std::uint32_t>(std::min(longest_ms, (at - since) / 1000));
        opened(spell());
      }
      return;
    }
    if (side != Side::clear) {
      clearing = never;
      return;
    }
    if (clearing == never) clearing = at;
    if (at - clearing < bounds.off_delay) return;
    const Spell over = spell(clearing);
    *this = {};
    closed(over);
  }
};
static_assert(sizeof(State) == 24);

}  // namespace sosie::rules
