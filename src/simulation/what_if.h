#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "simulation/plant.h"

namespace sosie {

/// A copy of a plant as it is, whose life is its own; of a copy as well.
Result<std::unique_ptr<Plant>> fork(const Plant& plant);

struct SetpointOrder {
  std::string name;
  double value = 0;
};

/// What is to be otherwise. Everything begins with the next step.
struct WhatIfChange {
  std::vector<FaultOrder> faults{};
  std::vector<SetpointOrder> setpoints{};
  std::string weather{};  ///< empty: as it is
  /// Then it is as in the unchanged future again; none: to the end.
  std::optional<Duration> weather_lasts{};
  std::vector<std::uint64_t> undo{};  ///< labels of running faults that end
};

struct WhatIfQuestion {
  static constexpr Duration usual_ahead = std::chrono::hours(24);
  static constexpr Duration longest = std::chrono::hours(24 * 31);
  /// Values of both futures together: some ten seconds of the wastewater plant's.
  static constexpr double most_values = 2e8;
  /// More sensors than these are kept only where they are asked for.
  static constexpr std::size_t most_courses = 1000;

  WhatIfChange change;
  Duration ahead = usual_ahead;
  std::vector<std::size_t> sensors;  ///< whose courses are wanted; empty: all, or the first 1,000
};

/// How far a sensor's two futures lie apart.
struct Divergence {
  std::size_t sensor = 0;
  /// The sensor's own: the standard deviation within a bucket, in the mean over the unchanged
  /// future; not less than a thousandth of its range, nor (without a range) of its value.
  double noise = 0;
  double deviation = 0;                   ///< root mean square over the buckets, in noises
  double largest = 0;                     ///< changed less unchanged, in the sensor's unit
  std::optional<Timestamp> largest_at{};  ///< the bucket's begin; none: never apart
  std::optional<Timestamp> first_at{};    ///< where it is first 3 noises off
  std::optional<double> unchanged{};      ///< the whole span's mean; none: silent all through
  std::optional<double> changed{};
};

/// One sensor in both futures: a mean of each bucket's good values; NaN: there was none.
struct WhatIfCourse {
  std::size_t sensor = 0;
  std::vector<double> unchanged;
  std::vector<double> changed;
};

/// Two futures of one plant, side by side.
struct WhatIf {
  Timestamp from;  ///< the instant at which they part
  Duration ahead{};
  Duration bucket{};
  std::vector<WhatIfCourse> courses;     ///< in the order of sensors
  std::vector<Divergence> divergences;   ///< of all sensors, the most deviating first
  std::vector<Label> running;            ///< faults at work when they part, in the unchanged future
  std::vector<Label> began;              ///< by the change
  std::vector<Label> undone;             ///< by the change
  std::vector<SetpointOrder> setpoints;  ///< of the change, as they were before
};

/// Lives two copies of `plant` ahead, one as it is and one with the change, step by step side by
/// side; `plant` itself stays where it is. Both have the same state and so the same chance: noise,
/// weather and influent are alike, bit for bit, and what differs is the change alone. For that no
/// fault comes by chance in either; those that run go on to their end. (A sensor under a fault that
/// draws by itself, as spikes, may draw otherwise beside another such fault.)
///
/// Errors: a fault, target, size, setpoint, weather or label that the plant does not know (in its
/// words), nothing to change, a sensor that is none, a span that is not within a step and 31 days,
/// or of more values than `most_values` (with the longest that may be).
///
/// Cost: twice the plant's steps. Thread: the caller's; no other may use `plant` meanwhile.
Result<WhatIf> what_if(const Plant& plant, const WhatIfQuestion& question);

}  // namespace sosie
