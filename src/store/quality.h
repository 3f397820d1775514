#pragma once

#include <vector>

#include "store/chunk_table.h"
#include "store/records.h"

namespace sosie {

/// When the readings of a series were not good, in time order; a reading's quality holds until the
/// next reading. From the readings themselves where there are not too many, else from roll-ups,
/// which count the bad ones alone and know no reason. Spans closer than a `points`th of the whole
/// are one, of the worse quality.
///
/// Inside one read transaction; `tail` is of the same moment.
Result<std::vector<QualitySpan>> make_quality(Database& database, SeriesId series, TimeSpan span,
                                              std::size_t points, std::vector<Reading> tail);

}  // namespace sosie
