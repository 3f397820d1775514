#pragma once

#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

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

/// The mean of the `count` highest: one statistic that goes astray alone does not carry it, and
/// they need not be independent, as its own chance is found by rank afterwards. REQUIRES: count >
/// 0.
inline double mean_of_highest(std::span<const double> surprises, std::size_t count) {
  std::array<double, 8> highest{};  // falling
  assert(count > 0 && count <= highest.size());
  for (double s : surprises) {
    for (std::size_t i = 0; i < count && s > 0; ++i) {
      if (s > highest.at(i)) std::swap(s, highest.at(i));
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += highest.at(i);
  return sum / static_cast<double>(count);
}

}  // namespace sosie::fusion
