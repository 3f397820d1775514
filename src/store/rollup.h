#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/reading.h"

namespace sosie {

/// What a history is made of: the readings themselves, or one of the three roll-ups.
enum class Resolution : std::uint8_t { raw, minute, hour, day };
inline constexpr std::size_t resolution_count = 4;

std::string_view to_text(Resolution resolution);  ///< "raw", "1m", "1h", "1d"

/// A bucket's length; 0 for raw. Days are UTC days.
Duration width_of(Resolution resolution);

/// The readings of one series in [start, start + width). Readings of bad quality are counted in
/// `bad` and are in no other figure; where `count` is 0 the values mean nothing.
struct Bucket {
  Timestamp start;
  std::uint32_t count = 0;  ///< of good and uncertain readings
  std::uint32_t bad = 0;
  double sum = 0;
  double min = 0;
  double max = 0;
  double first = 0;
  double last = 0;

  double mean() const {
    return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / count;
  }
  bool operator==(const Bucket&) const = default;
};

/// Where the bucket that `at` falls into starts. Also before 1970. REQUIRES: width > 0.
Timestamp floor_to(Timestamp at, Duration width);

/// Adds to `buckets` what comes after their last: readings, or finer buckets, in time order.
void roll_up(std::span<const Reading> readings, Duration width, std::vector<Bucket>& buckets);
void roll_up(std::span<const Bucket> finer, Duration width, std::vector<Bucket>& buckets);

}  // namespace sosie
