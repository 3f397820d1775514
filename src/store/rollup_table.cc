#include "store/rollup_table.h"

#include <algorithm>

namespace sosie {
namespace {

using std::chrono::hours;

/// The spans widened to whole buckets; those close to each other become one: to read what lies
/// between costs less than to begin anew.
std::vector<TimeSpan> widened(std::vector<TimeSpan> spans, Duration width, Duration close) {
  for (auto& span : spans) {
    span.from = floor_to(span.from, width);
    span.to = floor_to(span.to - Duration(1), width) + width;
  }
  std::ranges::sort(spans, {}, &TimeSpan::from);
  std::vector<TimeSpan> joined;
  for (const auto& span : spans) {
    if (!joined.empty() && span.from <= joined.back().to + close) {
      joined.back().to = std::max(joined.back().to, span.to);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

/// What `finer` points of the span become.
template <class Point>
Result<std::vector<Bucket>> rolled_up(Database& database, ChunkKey finer, TimeSpan span,
                                      Duration width) {
  ChunkCursor<Point> cursor(database, finer, span);
  std::vector<Bucket> buckets;
  std::vector<Point> some;
  while ([[maybe_unused]] const bool more = TRY(cursor.next(some)))
    roll_up(std::span<const Point>(some), width, buckets);
  return buckets;
}

/// Puts `buckets` in the place of all that start in `span`.
Result<void> replace(Database& database, ChunkKey key, TimeSpan span,
                     std::span<const Bucket> buckets) {
  ChunkTable<Bucket> table(database, key);
  const auto before = [](Timestamp at) { return [at](const Bucket& b) { return b.start < at; }; };
  while (span.from < span.to) {
    auto territory = TRY(table.territory(span.from));
    const Timestamp to = std::min(span.to, territory.end);
    auto& points = territory.points;
    const auto old_end = std::partition_point(points.begin(), points.end(), before(to));
    const auto old_begin = std::partition_point(points.begin(), old_end, before(span.from));
    const auto some = static_cast<std::size_t>(
        std::partition_point(buckets.begin(), buckets.end(), before(to)) - buckets.begin());
    if (!std::equal(old_begin, old_end, buckets.begin(),
                    buckets.begin() + static_cast<long>(some))) {
      const auto at = points.erase(old_begin, old_end);
      points.insert(at, buckets.begin(), buckets.begin() + static_cast<long>(some));
      TRY(table.put_back(territory, buckets_a_chunk));
    }
    buckets = buckets.subspan(some);
    span.from = to;
  }
  return {};
}

template <class Point>
Result<void> amend(Database& database, ChunkKey finer, ChunkKey coarser,
                   std::span<const TimeSpan> dirty) {
  for (const auto& span : dirty) {
    const auto buckets = TRY(rolled_up<Point>(database, finer, span, width_of(coarser.level)));
    TRY(replace(database, coarser, span, buckets));
  }
  return {};
}

}  // namespace

Result<void> amend_rollups(Database& database, SeriesId series, std::vector<TimeSpan> dirty) {
  const ChunkKey raw{Resolution::raw, series};
  const ChunkKey minute{Resolution::minute, series};
  const ChunkKey hour{Resolution::hour, series};
  const ChunkKey day{Resolution::day, series};
  dirty = widened(std::move(dirty), width_of(Resolution::minute), hours(1));
  TRY(amend<Reading>(database, raw, minute, dirty));
  dirty = widened(std::move(dirty), width_of(Resolution::hour), hours(24));
  TRY(amend<Bucket>(database, minute, hour, dirty));
  dirty = widened(std::move(dirty), width_of(Resolution::day), hours(24));
  return amend<Bucket>(database, hour, day, dirty);
}

}  // namespace sosie
