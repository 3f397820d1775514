#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/reading.h"
#include "store/chunk.h"
#include "store/database.h"
#include "store/rollup.h"

namespace sosie {

/// Readings and queries lie between these, so that no sum of times overflows (36,000 years).
inline constexpr Timestamp earliest{Duration(-(std::int64_t{1} << 60U))};
inline constexpr Timestamp latest{Duration(std::int64_t{1} << 60U)};

inline Timestamp time_of(const Reading& reading) {
  return reading.at;
}
inline Timestamp time_of(const Bucket& bucket) {
  return bucket.start;
}

/// Which chunks: the readings (raw) of a series, or one of its roll-ups.
struct ChunkKey {
  Resolution level = Resolution::raw;
  SeriesId series;
};

struct TimeSpan {
  Timestamp from;
  Timestamp to;  ///< not included
};

/// Rows of _chunk, as points in time order. Point: Reading at level raw, else Bucket.
///
/// The rows of a key do not overlap. A row's territory goes from its first point to the next row's
/// first; that of the first row from the beginning, that of the last to the end of time.
template <class Point>
class ChunkTable {
 public:
  ChunkTable(Database& database, ChunkKey key) : database_(&database), key_(key) {}

  /// Adds a row after all others. REQUIRES: points begin after the last row's last.
  Result<void> append(std::span<const Point> points);

  /// The time of the last point of the last row.
  Result<std::optional<Timestamp>> last() const;
  Result<std::optional<Timestamp>> first() const;

  /// The row whose territory `at` lies in, decoded; empty and with all the time if there is none.
  struct Territory {
    std::optional<std::int64_t> row;
    std::vector<Point> points;
    Timestamp end = Timestamp::max();
  };
  Result<Territory> territory(Timestamp at) const;

  /// Writes `territory.points` back, in several rows when there are too many. None: no row.
  /// `capacity`: points a row should have.
  Result<void> put_back(const Territory& territory, std::size_t capacity);

 private:
  Result<void> insert(std::span<const Point> points);
  Result<void> update(std::int64_t row, std::span<const Point> points);
  Result<void> remove(std::int64_t row);
  std::string encoded(std::span<const Point> points) const;

  Database* database_;
  ChunkKey key_;
};

/// What a reader of values may leave out: chunks with no value in [low, high].
struct ValueBounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// Walks over the points of `span`, a row at a time. Inside one read transaction.
template <class Point>
class ChunkCursor {
 public:
  ChunkCursor(Database& database, ChunkKey key, TimeSpan span, ValueBounds bounds = {})
      : database_(&database), key_(key), span_(span), bounds_(bounds) {}

  /// Puts the next row's points that lie in the span in place of `points`; false at the end.
  Result<bool> next(std::vector<Point>& points);

 private:
  Database* database_;
  ChunkKey key_;
  TimeSpan span_;
  ValueBounds bounds_;
  std::optional<Timestamp> at_;  ///< the first of the row that was read last
};

/// All points of `span`.
template <class Point>
Result<std::vector<Point>> read_all(Database& database, ChunkKey key, TimeSpan span) {
  ChunkCursor<Point> cursor(database, key, span);
  std::vector<Point> all;
  std::vector<Point> some;
  while ([[maybe_unused]] const bool more = TRY(cursor.next(some)))
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

extern template class ChunkTable<Reading>;
extern template class ChunkTable<Bucket>;
extern template class ChunkCursor<Reading>;
extern template class ChunkCursor<Bucket>;

}  // namespace sosie
