#pragma once

#include <set>
#include <span>

#include "core/series.h"
#include "store/database.h"

namespace sosie {

/// Fills `table` with the file's series, in their order. What `described` says of one wins over
/// what the file says; those it changed are put into `changed`.
Result<void> load_series(Database& database, std::span<const SeriesInfo> described,
                         SeriesTable& table, std::set<std::uint32_t>& changed);

/// Writes one row of the table, new or changed.
Result<void> save_series(Database& database, const SeriesTable& table, SeriesId id);

}  // namespace sosie
