#include "store/chunk_table.h"

#include <algorithm>
#include <cmath>

namespace sosie {
namespace {

void encode(std::span<const Reading> points, ChunkKey, std::string& out) {
  encode_chunk(points, out);
}
void encode(std::span<const Bucket> points, ChunkKey key, std::string& out) {
  encode_buckets(points, key.level, out);
}
Result<void> decode(std::string_view bytes, ChunkKey key, std::vector<Reading>& out) {
  return decode_chunk(bytes, key.series, out);
}
Result<void> decode(std::string_view bytes, ChunkKey key, std::vector<Bucket>& out) {
  return decode_buckets(bytes, key.level, out);
}

/// What stands beside the chunk. NaN becomes NULL, which keeps a chunk from being left out.
struct Summary {
  double min = 0;
  double max = 0;
  double sum = 0;
};
std::optional<Summary> summary_of(std::span<const Reading> readings) {
  Summary summary{readings.front().value, readings.front().value, 0};
  for (const auto& reading : readings) {
    if (std::isnan(reading.value)) return std::nullopt;
    summary.min = std::min(summary.min, reading.value);
    summary.max = std::max(summary.max, reading.value);
    summary.sum += reading.value;
  }
  return summary;
}
std::optional<Summary> summary_of(std::span<const Bucket>) {
  return std::nullopt;
}

void bind_summary(Statement& statement, const std::optional<Summary>& summary) {
  using Value = std::optional<double>;
  statement.bind(summary ? Value(summary->min) : Value(), summary ? Value(summary->max) : Value(),
                 summary ? Value(summary->sum) : Value());
}

/// The last row of a roll-up is filled to the brim and the rest waits for more; any other row may
/// grow to twice its size, or one late point would leave a row of its own. Then it is divided
/// evenly.
std::size_t even_piece(std::size_t points, std::size_t capacity) {
  const std::size_t pieces = points <= 2 * capacity ? 1 : (points - 1) / capacity + 1;
  return (points - 1) / pieces + 1;
}

Error at(ChunkKey key, Error error) {
  return std::move(error).in(
      fmt::format("store: series {}, {}", key.series.index, to_text(key.level)));
}

}  // namespace

template <class Point>
std::string ChunkTable<Point>::encoded(std::span<const Point> points) const {
  std::string bytes;
  encode(points, key_, bytes);
  return bytes;
}

template <class Point>
Result<void> ChunkTable<Point>::append(std::span<const Point> points) {
  return insert(points);
}

template <class Point>
Result<void> ChunkTable<Point>::insert(std::span<const Point> points) {
  auto add = TRY(database_->statement(
      "INSERT INTO _chunk (level, series, first, last, count, min, max, sum, data) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  const std::string bytes = encoded(points);
  add.bind(static_cast<int>(key_.level), key_.series.index, time_of(points.front()),
           time_of(points.back()), points.size());
  bind_summary(add, summary_of(points));
  return add.bind(Blob{bytes}).run();
}

template <class Point>
Result<void> ChunkTable<Point>::update(std::int64_t row, std::span<const Point> points) {
  auto change = TRY(database_->statement(
      "UPDATE _chunk SET first = ?, last = ?, count = ?, min = ?, max = ?, sum = ?, data = ? "
      "WHERE id = ?"));
  const std::string bytes = encoded(points);
  change.bind(time_of(points.front()), time_of(points.back()), points.size());
  bind_summary(change, summary_of(points));
  return change.bind(Blob{bytes}, row).run();
}

template <class Point>
Result<void> ChunkTable<Point>::remove(std::int64_t row) {
  auto forget = TRY(database_->statement("DELETE FROM _chunk WHERE id = ?"));
  return forget.bind(row).run();
}

template <class Point>
Result<std::optional<Timestamp>> ChunkTable<Point>::last() const {
  auto row = TRY(database_->statement(
      "SELECT last FROM _chunk WHERE level = ? AND series = ? ORDER BY first DESC LIMIT 1"));
  const bool found = TRY(row.bind(static_cast<int>(key_.level), key_.series.index).step());
  return found ? row.maybe_time(0) : std::nullopt;
}

template <class Point>
Result<std::optional<Timestamp>> ChunkTable<Point>::first() const {
  auto row = TRY(database_->statement(
      "SELECT first FROM _chunk WHERE level = ? AND series = ? ORDER BY first LIMIT 1"));
  const bool found = TRY(row.bind(static_cast<int>(key_.level), key_.series.index).step());
  return found ? row.maybe_time(0) : std::nullopt;
}

template <class Point>
Result<typename ChunkTable<Point>::Territory> ChunkTable<Point>::territory(Timestamp when) const {
  const int level = static_cast<int>(key_.level);
  Territory found;
  auto row = TRY(database_->statement(
      "SELECT id, first, data FROM _chunk WHERE level = ? AND series = ? AND first <= ? "
      "ORDER BY first DESC LIMIT 1"));
  bool any = TRY(row.bind(level, key_.series.index, when).step());
  auto first_row = TRY(database_->statement(
      "SELECT id, first, data FROM _chunk WHERE level = ? AND series = ? ORDER BY first LIMIT 1"));
  const Statement& it = any ? row : first_row;
  if (!any) any = TRY(first_row.bind(level, key_.series.index).step());
  if (!any) return found;
  found.row = it.integer(0);
  auto decoded = decode(it.bytes(2), key_, found.points);
  if (!decoded) return at(key_, std::move(decoded).error());
  auto next = TRY(database_->statement(
      "SELECT first FROM _chunk WHERE level = ? AND series = ? AND first > ? ORDER BY first "
      "LIMIT 1"));
  const bool has_next = TRY(next.bind(level, key_.series.index, it.time(1)).step());
  if (has_next) found.end = next.time(0);
  return found;
}

template <class Point>
Result<void> ChunkTable<Point>::put_back(const Territory& territory, std::size_t capacity) {
  std::span<const Point> rest(territory.points);
  if (rest.empty()) return territory.row ? remove(*territory.row) : Result<void>();
  const bool open_end = territory.end == Timestamp::max() && key_.level != Resolution::raw;
  const std::size_t piece = open_end ? capacity : even_piece(rest.size(), capacity);
  for (bool is_first = true; !rest.empty(); is_first = false) {
    const auto some = rest.first(std::min(piece, rest.size()));
    if (is_first && territory.row) {
      TRY(update(*territory.row, some));
    } else {
      TRY(insert(some));
    }
    rest = rest.subspan(some.size());
  }
  return {};
}

template <class Point>
Result<bool> ChunkCursor<Point>::next(std::vector<Point>& points) {
  points.clear();
  while (points.empty()) {
    // The first row to read is the one whose territory the span begins in.
    auto row = TRY(database_->statement(
        at_ ? "SELECT first, data FROM _chunk WHERE level = ?1 AND series = ?2 AND first > ?3 "
              "AND first < ?4 AND coalesce(max >= ?5, 1) AND coalesce(min <= ?6, 1) "
              "ORDER BY first LIMIT 1"
            : "SELECT first, data FROM _chunk WHERE level = ?1 AND series = ?2 AND first >= "
              "coalesce((SELECT first FROM _chunk WHERE level = ?1 AND series = ?2 AND "
              "first <= ?3 ORDER BY first DESC LIMIT 1), ?3) AND first < ?4 AND "
              "coalesce(max >= ?5, 1) AND coalesce(min <= ?6, 1) ORDER BY first LIMIT 1"));
    const bool found = TRY(row.bind(static_cast<int>(key_.level), key_.series.index,
                                    at_.value_or(span_.from), span_.to, bounds_.low, bounds_.high)
                               .step());
    if (!found) return false;
    at_ = row.time(0);
    auto decoded = decode(row.bytes(1), key_, points);
    if (!decoded) return at(key_, std::move(decoded).error());
    const auto begins = [&](const Point& p) { return time_of(p) < span_.from; };
    const auto ends = [&](const Point& p) { return time_of(p) < span_.to; };
    points.erase(std::partition_point(points.begin(), points.end(), ends), points.end());
    points.erase(points.begin(), std::partition_point(points.begin(), points.end(), begins));
  }
  return true;
}

template class ChunkTable<Reading>;
template class ChunkTable<Bucket>;
template class ChunkCursor<Reading>;
template class ChunkCursor<Bucket>;

}  // namespace sosie
