#pragma once

#include "diagnosis/episode.h"

namespace sosie::diagnosis {

/// The sign of `column` that says best what is wrong with it: it opens the sentence. None: it has
/// no sign of its own.
const Sign* leading_sign(const Episode& episode, std::uint32_t column);

/// The sign of `column` that says best what it should have shown: its value, expected and band are
/// those that are told, in the sentence as in the table beside it. The leading one wherever that
/// says so. None: its signs say nothing of that, as that it stands still.
const Sign* telling_sign(const Episode& episode, std::uint32_t column);

/// What a column's value is said to be, NaN: it has none. `now`: in the frame.
double told_value(const Episode& episode, std::uint32_t column, double now);

/// Whether two numbers are one when they are printed.
bool is_same_in_print(double a, double b);

/// Where a value is expected, as it is told: no sensor shows what it cannot measure.
struct Band {
  double low = 0;
  double high = 0;
};
/// The part of low to high that is within the sensor's range.
Band told_band(double low, double high, const SeriesInfo& info);

/// Whether a value lies outside of a band, as both are printed. An alarm stands on: it may have
/// come back since, or have left by less than a printed digit.
bool is_beyond_in_print(double value, const Band& band);

}  // namespace sosie::diagnosis
