#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sosie::bsm1 {

/// e^x of all elements, in place: 2^n e^r with |r| <= ln2 / 2 and e^r by Taylor's series up to the
/// 12th power. Its relative error is below 1e-15. Ours rather than <cmath>'s, because the compiler
/// makes vectors of it, and because the same input gives the same bits with any C library.
/// REQUIRES: |x| <= 700.
template <std::size_t Count>
void exp_lanes(std::array<double, Count>& values) {
  constexpr double rounding = 0x1.8p52;         // added: the nearest whole number, in the low bits
  constexpr double ln2_high = 0x1.62e42feep-1;  // its low 20 bits are 0: whole * ln2_high is exact
  constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  constexpr double per_ln2 = 0x1.71547652b82fep0;
  for (std::size_t i = 0; i < Count; ++i) {
    const double shifted = values[i] * per_ln2 + rounding;
    const double whole = shifted - rounding;
    const double r = (values[i] - whole * ln2_high) - whole * ln2_low;
    const double r2 = r * r;
    const double r4 = r2 * r2;
    const double low = (1 + r) + r2 * (1.0 / 2 + r * (1.0 / 6));
    const double middle = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
    const double high = (1.0 / 40320 + r * (1.0 / 362880)) +
                        r2 * (1.0 / 3628800 + r * (1.0 / 39916800)) + r4 * (1.0 / 479001600);
    const double series = low + r4 * (middle + r4 * high);
    const auto power = (std::bit_cast<std::uint64_t>(shifted) + 1023U) << 52U;
    values[i] = series * std::bit_cast<double>(power);
  }
}

}  // namespace sosie::bsm1
