#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace sosie {

/// xoshiro256++ (Blackman, Vigna: Scrambled Linear Pseudorandom Number Generators, 2019), seeded by
/// splitmix64. Ours rather than <random>'s distributions, because those may differ from one
/// standard library to the next, and the same seed must give the same readings, bit for bit.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) word = split_mix(seed);
  }

  std::uint64_t bits() {
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// In [0, 1), 53 random bits.
  double uniform() { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// In [0, n). REQUIRES: n > 0. The bias is below n / 2^64.
  std::uint64_t below(std::uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(bits()) * n) >> 64U);
  }

  /// Mean 0, deviation 1 (Box and Muller, 1958). The pair's other half is kept for the next call.
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

  /// The time to the next event of a Poisson process, in units of its mean.
  double exponential() { return -std::log(1 - uniform()); }

  /// An independent generator for a part of the whole, so that adding a sensor does not change the
  /// others' noise.
  Random fork(std::uint64_t salt) const {
    std::uint64_t seed = state_[0] ^ (salt * 0x9e3779b97f4a7c15U);
    return Random(split_mix(seed));
  }

 private:
  static std::uint64_t rotate(std::uint64_t x, unsigned k) { return (x << k) | (x >> (64U - k)); }
  static std::uint64_t split_mix(std::uint64_t& x) {
    x += 0x9e3779b97f4a7c15U;
    std::uint64_t z = x;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  std::array<std::uint64_t, 4> state_{};
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace sosie
