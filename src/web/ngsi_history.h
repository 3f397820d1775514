#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"
#include "twin/broker/past.h"
#include "web/http.h"
#include "wire/json/writer.h"

namespace sosie::web {

/// What is asked of an attribute's past.
struct HistoryQuestion {
  static constexpr std::size_t most = 10'000;

  Timestamp from;
  Timestamp to;                         ///< not included
  std::vector<std::string> aggregates;  ///< "mean", "max" …; empty: the readings themselves
  Duration every{};                     ///< length of what an aggregate is over; starts at its
                                        ///< multiples since 1970
  std::size_t limit = 1000;             ///< readings or buckets

  /// From the query's from, to (ISO 8601), aggr, every ("15m") and limit. Without `from` a day;
  /// without `to` until `now`. Errors: invalid, for who asks.
  static Result<HistoryQuestion> read(const Request& request, Timestamp now);
};

/// Writes members "values": [{"time", "value"}] or [{"time", "mean", …}], and, where the limit cut
/// it short, "next": what to give as `from`.
Result<void> write_history(const Store& store, SeriesId series, const HistoryQuestion& question,
                           json::Writer& out);

/// The same of an attribute without a series: `values` are all it ever was, the newest first. They
/// are shown as they are; no aggregates.
void write_values(std::vector<ngsi::PastValue> values, const HistoryQuestion& question,
                  json::Writer& out);

}  // namespace sosie::web
