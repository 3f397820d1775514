#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace sosie {

/// A figure and the middle 95 % of what it is when blocks of the record are drawn anew.
struct Estimate {
  double value = 0;
  std::optional<double> low;
  std::optional<double> high;
};

struct BootstrapOptions {
  std::size_t blocks = 40;  ///< the record is cut into; rows within one are not independent
  std::size_t draws = 200;
  std::uint64_t seed = 1;
};

/// Block bootstrap (Künsch: The Jackknife and the Bootstrap for General Stationary Observations,
/// 1989, with blocks that do not overlap). Calls `take` `draws` times with a weight for each row:
/// how often its block was drawn.
void bootstrap(std::size_t rows, const BootstrapOptions& options,
               const std::function<void(std::span<const double>)>& take);

/// The interval of `value` from what the draws gave; none of it with fewer than 20 values.
Estimate estimate(double value, std::span<double> drawn);

}  // namespace sosie
