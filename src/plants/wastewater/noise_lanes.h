#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "plants/wastewater/quantile.h"

namespace sosie::wastewater {

/// Eight streams of normal noise side by side, so that the compiler makes vectors of them: each is
/// a xoshiro256++ of its own (`base/random.h`), of whose numbers the normal quantile is taken. A
/// number costs a tenth of one that is drawn alone.
class NoiseLanes {
 public:
  static constexpr std::size_t lanes = 8;

  /// A lane goes its own way, whatever the others are seeded with.
  void seed(std::size_t lane, Random random) {
    for (auto& word : state_) word[lane] = random.bits();
  }

  /// The next of each: mean 0, deviation 1.
  void next(double* normal) {
    std::array<double, lanes> q;  // NOLINT: from -1/2 to 1/2, set below
    auto& [s0, s1, s2, s3] = state_;
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t sum = s0[i] + s3[i];
      const std::uint64_t bits = ((sum << 23U) | (sum >> 41U)) + s0[i];
      const std::uint64_t t = s1[i] << 17U;
      s2[i] ^= s0[i];
      s3[i] ^= s1[i];
      s1[i] ^= s2[i];
      s0[i] ^= s3[i];
      s2[i] ^= t;
      s3[i] = (s3[i] << 45U) | (s3[i] >> 19U);
      // 52 random bits as a number from 1 to 2; half a last bit keeps it off both ends.
      const double from_1 = std::bit_cast<double>((bits >> 12U) | 0x3ff0000000000000U);
      q[i] = (from_1 - 1.5) + 0x1.0p-53;
    }
    for (std::size_t i = 0; i < lanes; ++i) normal[i] = central(q[i]);
    int in_tails = 0;
    for (std::size_t i = 0; i < lanes; ++i) in_tails += std::abs(q[i]) > central_half ? 1 : 0;
    if (in_tails == 0) return;
    for (std::size_t i = 0; i < lanes; ++i) {
      if (std::abs(q[i]) > central_half) normal[i] = normal_quantile(q[i] + 0.5);
    }
  }

 private:
  static constexpr double central_half = 0.475;

  /// The normal quantile of q + 1/2 between 0.025 and 0.975, to 1e-8 (P. J. Acklam's rational
  /// approximation).
  static double central(double q) {
    const double r = q * q;
    const double over =
        ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
          138.3577518672690) *
             r -
         30.66479806614716) *
            r +
        2.506628277459239;
    const double under =
        ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
          66.80131188771972) *
             r -
         13.28068155288572) *
            r +
        1;
    return q * over / under;
  }

  std::array<std::array<std::uint64_t, lanes>, 4> state_{};
};

}  // namespace sosie::wastewater
