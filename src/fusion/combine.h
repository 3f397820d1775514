#pragma once

#include <cmath>
#include <span>

namespace sosie::fusion {

/// Surprises of several statistics of one instant as one: that of the harmonic mean of their
/// chances, which holds when they depend on each other in ways nobody knows, as Fisher's product
/// does not (Wilson: The harmonic mean p-value for combining dependent tests, PNAS 2019).
inline double combined(std::span<const double> surprises) {
  if (surprises.empty()) return 0;
  double sum = 0;
  for (const double s : surprises) sum += std::pow(10.0, s < 300 ? s : 300.0);
  return std::log10(sum / static_cast<double>(surprises.size()));
}

}  // namespace sosie::fusion
