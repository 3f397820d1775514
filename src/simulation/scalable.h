#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/series.h"

namespace sosie {

/// A plant of many devices of which there may be more or fewer than its scenario says (`sosie
/// simulate --devices`) implements it beside Plant.
class Scalable {
 public:
  virtual ~Scalable() = default;

  virtual std::size_t devices() const = 0;

  /// Makes the plant anew, before `start`. Errors: too few or too many devices. A period that it
  /// cannot keep becomes the nearest that it can.
  virtual Result<void> scale(std::size_t devices, Duration period) = 0;

  /// The sensors of a device of each kind that there may be, also where this size has none of them.
  /// Empty: every size has all kinds, among its first devices.
  virtual std::vector<SeriesInfo> examples() const { return {}; }
};

}  // namespace sosie
