#pragma once

#include "core/series.h"
#include "store/chunk_table.h"
#include "store/tails.h"

namespace sosie {

/// What the tables show. Must outlive the connection they are in.
struct SqlTables {
  Database& database;  ///< whose connection they are in; inside one read transaction
  const SeriesTable& series;
  Tails::CopyOfAll tails;  ///< of the same moment
};

/// Gives the connection the tables `readings`, `rollup_1m`, `rollup_1h` and `rollup_1d`, which look
/// into the chunks. Conditions on series, t and time are used to read no more than is asked for;
/// those on value leave out chunks that cannot fulfil them.
Result<void> add_sql_tables(const SqlTables& tables);

}  // namespace sosie
