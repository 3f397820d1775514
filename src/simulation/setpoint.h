#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/series.h"

namespace sosie {

/// What people may set of a plant: what a loop drives at, what a pump gives.
struct Setpoint {
  std::string name;  ///< "oxygen"
  Words words;
  std::string unit;
  double low = 0;
  double high = 0;
  double usual = 0;  ///< as the plant was made
  double value = 0;  ///< as it is set
};

/// Which of `all` may be set to `value`. Errors: no such name (with the nearest), a value out of
/// its range (with the range).
Result<std::size_t> find_setpoint(std::span<const Setpoint> all, std::string_view name,
                                  double value);

}  // namespace sosie
