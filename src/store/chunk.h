#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/reading.h"
#include "store/rollup.h"

namespace sosie {

/// Readings of one series, compressed, without loss of a bit (NaN payloads and -0 included).
///
///     ┌────────┬──────────┬───────┬──────────┬──────────┬──────────────┬──────────────┐
///     │ layout │ n varint │ scale │ times    │ values   │ quality runs │ checksum 4 B │
///     │ 1 B    │          │ 1 B   │ integers │ doubles  │ (code, n) …  │ of all before│
///     └────────┴──────────┴───────┴──────────┴──────────┴──────────────┴──────────────┘
///
/// Times are in units of 10^scale microseconds. A sensor that keeps its rhythm costs nothing but
/// its first time and its period: each step is written as the difference to the usual step.
///
/// REQUIRES: 1 <= readings.size() <= max_column, times strictly increasing, one series.
void encode_chunk(std::span<const Reading> readings, std::string& out);

/// Appends the readings to `out`. Errors: damaged.
Result<void> decode_chunk(std::string_view bytes, SeriesId series, std::vector<Reading>& out);

/// Buckets of one roll-up of one series: the columns start, count, bad, first, last, min, max, sum;
/// one equal to `first` costs a byte.
///
/// Lossless but for `sum`: where the values are decimals the true sum is one too, and a sum that
/// differs from it by no more than its additions may have rounded is written as that decimal.
void encode_buckets(std::span<const Bucket> buckets, Resolution resolution, std::string& out);
Result<void> decode_buckets(std::string_view bytes, Resolution resolution,
                            std::vector<Bucket>& out);

}  // namespace sosie
