#include "store/series_cursor.h"

#include <algorithm>

namespace sosie {

Result<bool> SeriesCursor::next(std::vector<Reading>& readings) {
  if (!chunks_done_) {
    const bool more = TRY(chunks_.next(readings));
    if (more) return true;
    chunks_done_ = true;
  }
  readings = TRY(unclosed(*database_, series_, span_, std::move(tail_)));
  tail_.clear();
  return !readings.empty();
}

Result<std::vector<Reading>> unclosed(Database& database, SeriesId series, TimeSpan span,
                                      std::vector<Reading> tail) {
  if (tail.empty()) return tail;
  const ChunkTable<Reading> chunks(database, {Resolution::raw, series});
  const auto closed = TRY(chunks.last());
  const Timestamp from = closed ? std::max(span.from, *closed + Duration(1)) : span.from;
  std::erase_if(tail, [&](const Reading& r) { return r.at < from || r.at >= span.to; });
  return tail;
}

}  // namespace sosie
