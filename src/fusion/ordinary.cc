#include "fusion/ordinary.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace sosie::fusion {
namespace {

constexpr double decades_to_one_in_ten = 0.699;  ///< from one in two

double quantile_of(std::span<const double> sorted, double p) {
  return sorted[static_cast<std::size_t>(std::lround(p * static_cast<double>(sorted.size() - 1)))];
}

/// How many of a trembling sequence say something of their own: it crosses its middle upwards once
/// in four independent looks.
double independent_looks(std::span<const double> sequence, double middle) {
  double crossings = 0;
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    if (sequence[i - 1] < middle && sequence[i] >= middle) crossings += 1;
  }
  return std::clamp(4 * crossings, 4.0, static_cast<double>(sequence.size()));
}

}  // namespace

Episode::Rule ordinary_rule(std::vector<double> sample, double decades, std::size_t hold) {
  const auto sequence = sample;
  std::ranges::sort(sample);
  const double looks = independent_looks(sequence, quantile_of(sample, 0.5));
  // The upper end of what `decade` may be: it is known from half of the looks.
  const double doubt = 1 + 1.64 * std::sqrt(2 / looks);
  const double one_in_ten = quantile_of(sample, 0.9);
  const double decade =
      doubt * std::min(quantile_of(sample, 0.99) - one_in_ten,
                       (one_in_ten - quantile_of(sample, 0.5)) / decades_to_one_in_ten);
  const double on = std::max(1e-6, one_in_ten + std::max(1.0, decades) * decade);
  return {.on = on, .off = std::min(on, one_in_ten + decade), .hold = hold};
}

}  // namespace sosie::fusion
