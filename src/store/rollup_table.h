#pragma once

#include <vector>

#include "store/chunk_table.h"

namespace sosie {

/// Buckets to a chunk: two hours of minutes, five days of hours, four months of days. The last one
/// of a series is written anew whenever readings are closed, so it is not large.
inline constexpr std::size_t buckets_a_chunk = 128;

/// Computes anew what the closed readings of `dirty` (in any order) belong to, in all roll-ups:
/// minutes from the readings, hours from minutes, days from hours. So the result is the same in
/// whatever order readings came, and however often.
Result<void> amend_rollups(Database& database, SeriesId series, std::vector<TimeSpan> dirty);

}  // namespace sosie
