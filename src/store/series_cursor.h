#pragma once

#include <optional>
#include <vector>

#include "store/chunk_table.h"

namespace sosie {

/// Walks over all readings of a series in `span`: its chunks, then what of its tail is younger.
/// The tail may be older than what the transaction sees of the file (when another program writes
/// it): what has been closed since then is in a chunk, which knows better.
class SeriesCursor {
 public:
  SeriesCursor(Database& database, SeriesId series, TimeSpan span, std::vector<Reading> tail,
               ValueBounds bounds = {})
      : database_(&database),
        series_(series),
        span_(span),
        tail_(std::move(tail)),
        chunks_(database, {Resolution::raw, series}, span, bounds) {}

  /// Puts the next readings in place of `readings`; false at the end.
  Result<bool> next(std::vector<Reading>& readings);

 private:
  Database* database_;
  SeriesId series_;
  TimeSpan span_;
  std::vector<Reading> tail_;
  ChunkCursor<Reading> chunks_;
  bool chunks_done_ = false;
};

/// The readings of `tail` that lie in `span` and in no chunk.
Result<std::vector<Reading>> unclosed(Database& database, SeriesId series, TimeSpan span,
                                      std::vector<Reading> tail);

}  // namespace sosie
