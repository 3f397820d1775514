#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sosie::scoring {

/// A day in parts, and what a column usually is in each. Empty: the column knows no time of day.
using Season = std::vector<float>;
inline constexpr std::size_t season_parts = 96;  ///< a quarter of an hour each

/// The part that a time of day lies in. REQUIRES: 0 <= `of_day` < 1.
inline std::size_t part_of_day(double of_day) {
  const auto part = static_cast<std::size_t>(of_day * static_cast<double>(season_parts));
  return part < season_parts ? part : season_parts - 1;
}

/// The daily course of `values` (NaN: missing) at the times `of_day` (share of the day that is
/// over, or below 0: not known), if it is worth to have: what the other days had at that time must
/// leave less than a quarter of the square error that the mean of the half-day before leaves, which
/// is what the column is held against otherwise. Empty with fewer than two days.
Season season_of(std::span<const double> values, std::span<const double> of_day);

/// What the *other* days had at each row's time: what a season that did not know the row's day
/// would have let expect. Rows held against a season that they helped to make look calmer than
/// later ones will. 0 where the time is not known. REQUIRES: season_of gave one for the same.
std::vector<double> left_out_course(std::span<const double> values, std::span<const double> of_day);

}  // namespace sosie::scoring
