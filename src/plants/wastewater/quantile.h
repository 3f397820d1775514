#pragma once

#include <cmath>

namespace sosie::wastewater {

/// The normal distribution's quantile, to 1e-7 (Wichura 1988, algorithm AS 241, PPND7): noise from
/// one uniform number each, at a third of the price of Box and Muller's logarithm, root, sine and
/// cosine, as 85 of 100 need none of them. REQUIRES: 0 < p < 1.
inline double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
           (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  const double tail = std::sqrt(-std::log(q < 0 ? p : 1 - p));
  const double r = tail <= 5 ? tail - 1.6 : tail - 5;
  const double size =
      tail <= 5 ? (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
                      ((0.12021132975 * r + 0.73700164250) * r + 1)
                : (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
                      ((0.012258202635 * r + 0.24197894225) * r + 1);
  return q < 0 ? -size : size;
}

}  // namespace sosie::wastewater
