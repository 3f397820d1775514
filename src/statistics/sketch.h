#pragma once

#include <cstdint>
#include <vector>

namespace sosie {

/// How often which magnitudes occurred: a histogram whose bins are 1/32 of an octave wide, so every
/// quantile is right to 1.6 % whatever the unit (the idea of Masson, Rim, Lee: DDSketch, 2019, with
/// the bits of the double as its logarithm). Two kilobytes hold eight decades.
class Sketch {
 public:
  /// REQUIRES: `magnitude` >= 0 and finite.
  void add(double magnitude);

  std::uint64_t count() const { return count_; }

  /// The magnitude that a share `p` (0..1) of all stays at or below; 0 while empty.
  double quantile(double p) const;

  /// A magnitude that ordinary life exceeds about once in ten million times, as the last decade of
  /// the tail goes on: q(99.9 %) + 3 (q(99.9 %) - q(99 %)), which is 5.4 deviations of a normal
  /// variable, and more where the tail is heavier. Fewer than ten thousand values show no such
  /// tail: then at least q(1 - 10/n) + 3/4 d (q(1 - 10/n) - q(1 - 100/n)), d the decades from ten
  /// of n to one in ten million.
  double unlikely() const;

  void clear();

 private:
  static std::uint32_t bin_of(double magnitude);
  static double middle_of(std::uint32_t bin);

  std::vector<std::uint32_t> counts_;  ///< of bins first_, first_ + 1 …
  std::uint32_t first_ = 0;
  std::uint64_t zeros_ = 0;  ///< and what is too small to have a bin
  std::uint64_t count_ = 0;
};

}  // namespace sosie
