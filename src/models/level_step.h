#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace sosie::models {

/// A level that moved at once and for good, in what is learned from.
struct LevelStep {
  std::size_t at = 0;  ///< index of the first value behind it
  double before = 0;   ///< medians
  double after = 0;
  bool is_unit = false;  ///< it is as if the unit was changed: after = factor * before + offset
  double factor = 1;
  double offset = 0;
};

/// The lasting step of `values` (in order of time, none missing), if there is one: the two sides of
/// the best cut (by cumulated sums of ranks) differ by three deviations and more, at least half of
/// that came between two neighbours, and a step is eight times the usual one.
///
/// It is a change of unit where the values before it, converted, go on as those after it: the same
/// level (to what the sides themselves wander), the same steps from value to value (to a third),
/// the same width (to a half), and without a step between. Tried are powers of ten, factors of time
/// and of the usual units, Celsius, Fahrenheit and kelvin. A real move keeps its small steps as
/// they were, and that tells it from a unit. Not found: of a level near zero, of states, within the
/// first or last twentieth, a second one.
std::optional<LevelStep> lasting_step(std::span<const double> values);

}  // namespace sosie::models
