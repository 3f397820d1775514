#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "places/place.h"
#include "rules/blocks.h"
#include "rules/track.h"

namespace sosie::rules {

using places::Place;

/// Latitude and longitude come as two readings of one time, in whatever order: holds the halves
/// until both are there.
class Halves {
 public:
  enum class Which : std::uint8_t { latitude, longitude };

  /// The place, when this completes one. Halves older than `oldest` are let go.
  bool take(Which which, Micros at, double value, Micros oldest, Place& place);

 private:
  struct Half {
    Micros at = never;
    double value = 0;
    Which which = Which::latitude;
  };
  static void complete(const Half& one, const Half& other, Place& place);

  Half half_;                                ///< the one that came last
  std::unique_ptr<std::vector<Half>> more_;  ///< rare: theirs come in another order
};

/// One device under one geofence: a limit on "it is where it should not be", 1 or 0.
struct Fence {
  std::uint32_t device = 0;
  Halves halves;
  Track track;
};

}  // namespace sosie::rules
