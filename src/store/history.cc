#include "store/history.h"

#include <algorithm>
#include <array>

#include "store/series_cursor.h"

namespace sosie {
namespace {

constexpr std::array<Resolution, resolution_count> finest_first{Resolution::raw, Resolution::minute,
                                                                Resolution::hour, Resolution::day};

void add(History& history, Timestamp at, const Bucket& bucket) {
  if (bucket.count == 0) return;
  history.t.push_back(at);
  history.mean.push_back(bucket.mean());
  history.min.push_back(bucket.min);
  history.max.push_back(bucket.max);
  history.count.push_back(bucket.count);
}

/// The finest level whose data go back as far as any, among those from `level` up. Retention has
/// removed the beginning of the finer ones.
Result<Resolution> reaching_back(Database& database, SeriesId series, Resolution level,
                                 Timestamp from) {
  Resolution best = level;
  auto best_first = TRY(ChunkTable<Reading>(database, {level, series}).first());
  for (const auto coarser : finest_first) {
    if (coarser <= best || !best_first || *best_first <= from) continue;
    const auto first = TRY(ChunkTable<Bucket>(database, {coarser, series}).first());
    // A bucket starts before its first reading, so only a whole bucket earlier is really earlier.
    if (first && *first + width_of(coarser) <= *best_first) {
      best = coarser;
      best_first = first;
    }
  }
  return best;
}

Resolution coarsest_within(Duration step) {
  Resolution level = Resolution::raw;
  for (const auto coarser : finest_first) {
    if (width_of(coarser) <= step) level = coarser;
  }
  return level;
}

/// False when the chunks surely hold more than `most` readings of the span.
Result<bool> may_be_few(Database& database, SeriesId series, TimeSpan span, std::size_t most) {
  auto row = TRY(database.statement(
      "SELECT count FROM _chunk WHERE level = 0 AND series = ? AND first >= ? AND first < ? AND "
      "last < ? ORDER BY first"));
  row.bind(series.index, span.from, span.to, span.to);
  std::size_t count = 0;
  bool more = TRY(row.step());
  while (more && count <= most) {
    count += static_cast<std::size_t>(row.integer(0));
    more = TRY(row.step());
  }
  return count <= most;
}

/// The readings themselves, if there are no more than `most` that are not bad.
Result<std::optional<History>> few_readings(SeriesCursor cursor, std::size_t most) {
  History history;
  std::vector<Reading> some;
  while ([[maybe_unused]] const bool more = TRY(cursor.next(some))) {
    for (const auto& r : some) {
      if (r.quality == Quality::bad) continue;
      add(history, r.at,
          {.start = r.at, .count = 1, .sum = r.value, .min = r.value, .max = r.value});
      if (history.t.size() > most) return std::optional<History>();
    }
  }
  return std::optional(std::move(history));
}

/// All of the buckets that `span` touches.
TimeSpan whole_buckets(TimeSpan span, Duration width) {
  return {floor_to(span.from, width), floor_to(span.to - Duration(1), width) + width};
}

/// A step of at least `least`, made of whole seconds or whole buckets so that it looks the same
/// when the chart moves on a little.
Duration step_of(Duration least, Resolution level) {
  const Duration unit = level != Resolution::raw          ? width_of(level)
                        : least > std::chrono::seconds(1) ? Duration(std::chrono::seconds(1))
                                                          : Duration(1);
  return unit * ((least.count() + unit.count() - 1) / unit.count());
}

Result<std::vector<Bucket>> stepped(Database& database, ChunkKey key, TimeSpan span, Duration step,
                                    std::vector<Reading> tail) {
  std::vector<Bucket> buckets;
  if (key.level == Resolution::raw) {
    SeriesCursor cursor(database, key.series, span, std::move(tail));
    std::vector<Reading> some;
    while ([[maybe_unused]] const bool more = TRY(cursor.next(some))) {
      roll_up(std::span<const Reading>(some), step, buckets);
    }
    return buckets;
  }
  ChunkCursor<Bucket> cursor(database, key, span);
  std::vector<Bucket> some;
  while ([[maybe_unused]] const bool more = TRY(cursor.next(some))) {
    roll_up(std::span<const Bucket>(some), step, buckets);
  }
  const auto young = TRY(unclosed(database, key.series, span, std::move(tail)));
  roll_up(std::span<const Reading>(young), step, buckets);
  return buckets;
}

}  // namespace

Result<History> make_history(Database& database, SeriesId series, TimeSpan span, std::size_t points,
                             std::vector<Reading> tail) {
  points = std::max<std::size_t>(points, 2);
  History history;
  if (span.from >= span.to) return history;
  const auto raw_reach = TRY(reaching_back(database, series, Resolution::raw, span.from));
  const bool all_raw = raw_reach == Resolution::raw;
  const bool few = TRY(may_be_few(database, series, span, points));
  if (all_raw && few) {
    auto readings = TRY(few_readings(SeriesCursor(database, series, span, tail), points));
    if (readings) return std::move(*readings);
  }
  const Duration least((span.to - span.from) / static_cast<std::int64_t>(points - 1) + Duration(1));
  const auto level = TRY(reaching_back(database, series, coarsest_within(least), span.from));
  const Duration step = step_of(std::max(least, width_of(level)), level);
  if (level != Resolution::raw) span = whole_buckets(span, width_of(level));
  const auto buckets = TRY(stepped(database, {level, series}, span, step, std::move(tail)));
  history.resolution = level;
  for (const auto& bucket : buckets) add(history, bucket.start, bucket);
  return history;
}

Result<std::vector<Bucket>> read_rollups(Database& database, ChunkKey key, TimeSpan span,
                                         std::vector<Reading> tail) {
  const Duration width = width_of(key.level);
  if (span.from >= span.to) return std::vector<Bucket>();
  // By where they start: the readings of the last bucket may lie beyond `to`.
  span.from = floor_to(span.from - Duration(1), width) + width;
  return stepped(database, key, whole_buckets(span, width), width, std::move(tail));
}

}  // namespace sosie
