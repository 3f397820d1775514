#pragma once

#include <cmath>
#include <cstdint>

namespace sosie::city {

/// splitmix64's last steps: any two inputs give unrelated outputs.
inline std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// The number that object, step and purpose have in one life of the city: no generator of chance is
/// kept anywhere.
inline std::uint64_t hashed(std::uint64_t seed, std::uint64_t object, std::uint64_t moment) {
  return mixed(seed + object * 0x9e3779b97f4a7c15U + moment * 0xd1342543de82ef95U);
}

/// In [0, 1), of 16 of the 64 bits.
inline float share(std::uint64_t bits, unsigned part = 0) {
  return static_cast<float>((bits >> (16 * part)) & 0xffffU) * 0x1p-16F;
}

inline float between(float low, float high, float share) {
  return low + (high - low) * share;
}

/// Mean 0, deviation 1: two uniform numbers together (a triangle), near enough to a normal one.
inline float trembling(std::uint64_t bits, unsigned pair = 0) {
  return (share(bits, 2 * pair) + share(bits, 2 * pair + 1) - 1) * 2.449F;
}

/// To tenths, hundredths … : half away from zero, which costs a fifth of nearbyint's.
inline double rounded(float value, double per_unit) {
  const double scaled = static_cast<double>(value) * per_unit;
  return static_cast<double>(static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5))) /
         per_unit;
}

}  // namespace sosie::city
