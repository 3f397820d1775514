#pragma once

#include <cstddef>

#include "base/clock.h"
#include "base/result.h"

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
};

}  // namespace sosie
