#pragma once

#include <functional>
#include <span>
#include <vector>

#include "store/chunk_table.h"

namespace sosie {

/// All readings of `series` in `span` in time order, then in the order of `series`. Batches of a
/// few thousand; readings of one instant are in one batch. Inside one read transaction.
/// `tails[i]` is the tail of series[i] at the same moment.
Result<void> scan_readings(Database& database, std::span<const SeriesId> series, TimeSpan span,
                           std::vector<std::vector<Reading>> tails,
                           const std::function<bool(std::span<const Reading>)>& take);

}  // namespace sosie
