#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <sqlite3.h>

#include "core/series.h"
#include "store/chunk_table.h"

namespace sosie {

/// The first columns of all four tables; in readings the next is value.
enum SqlColumn { series_column, t_column, time_column, value_column };

/// Conditions that a cursor can make use of.
struct Conditions {
  std::optional<SeriesId> series;
  bool nothing = false;  ///< no row can fulfil them
  TimeSpan span{earliest, latest};
  ValueBounds bounds;
};

/// xBestIndex: says which conditions a cursor will see to. The plan (idxStr) is a text of two
/// letters a condition, in the order of xFilter's arguments: its column and its comparison.
int plan_conditions(sqlite3_index_info* info, Resolution level);

/// What the plan's conditions come to with these values. Errors: a time that cannot be read.
Result<Conditions> read_conditions(const SeriesTable& series, std::string_view plan,
                                   std::span<sqlite3_value*> values);

}  // namespace sosie
