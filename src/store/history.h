#pragma once

#include <vector>

#include "store/chunk_table.h"
#include "store/records.h"

namespace sosie {

// Inside one read transaction; `tail` is of the same moment.

Result<History> make_history(Database& database, SeriesId series, TimeSpan span, std::size_t points,
                             std::vector<Reading> tail);

Result<std::vector<Bucket>> read_rollups(Database& database, ChunkKey key, TimeSpan span,
                                         std::vector<Reading> tail);

}  // namespace sosie
