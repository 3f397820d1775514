#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"

namespace sosie::models {

/// Where a sensor is now, as far as anybody can say.
enum class Place : unsigned char {
  inside,  ///< its band of this hour, which holds 99 % of ordinary values
  outside,
  unknown,  ///< no value, no band, or an alarm blames it: then it says nothing of ordinary life
};

/// Finds levels that have moved for good: a sensor that was outside of its band for more than half
/// of the time lately. Of that time the share outside is 1 in 100 where nothing has moved.
///
/// "Lately" is an exponential memory of `memory` of event time, and a sensor counts once as much
/// has been seen of it; a step of more than a tenth of it counts as a tenth, so that a gap says
/// little. Threads: one. Cost: a few operations a sensor a call.
class LevelWatch {
 public:
  struct Config {
    Duration memory = std::chrono::hours(48);
    double moved = 0.5;
  };
  explicit LevelWatch(Config config) : config_(config) {}

  /// REQUIRES: `at` does not go back.
  void take(Timestamp at, std::span<const Place> places);

  /// The columns that have moved, the one that was outside longest first.
  std::vector<std::size_t> moved() const;
  double share_outside(std::size_t column) const;

  /// Another model's bands are in use from now on.
  void reset();

 private:
  struct Track {
    double outside = 0;  ///< seconds, forgetting
    double seen = 0;     ///< the same of all
    double in_all = 0;   ///< seconds, forgetting nothing
  };
  const Config config_;
  std::optional<Timestamp> last_;
  std::vector<Track> tracks_;
};

}  // namespace sosie::models
