#include "store/scan.h"

#include <algorithm>

#include "store/series_cursor.h"

namespace sosie {
namespace {

constexpr std::size_t batch_readings = 4096;

/// One series on its way into the common order.
struct Stream {
  SeriesCursor cursor;
  std::vector<Reading> readings;
  std::size_t at = 0;

  const Reading& front() const { return readings[at]; }

  /// To the next reading; false at the end.
  Result<bool> advance() {
    if (++at < readings.size()) return true;
    at = 0;
    return cursor.next(readings);
  }
};

/// Whose turn it is: the smallest on top.
struct Turn {
  Timestamp at;
  std::uint32_t stream = 0;
  auto operator<=>(const Turn&) const = default;
};

/// Puts a new turn in the place of the top. Half the price of pop and push, and this is where a
/// scan spends its time.
void replace_top(std::vector<Turn>& heap, Turn turn) {
  std::size_t hole = 0;
  for (std::size_t child = 1; child < heap.size(); child = 2 * hole + 1) {
    if (child + 1 < heap.size() && heap[child + 1] < heap[child]) ++child;
    if (!(heap[child] < turn)) break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = turn;
}

void remove_top(std::vector<Turn>& heap) {
  const Turn last = heap.back();
  heap.pop_back();
  if (!heap.empty()) replace_top(heap, last);
}

}  // namespace

Result<void> scan_readings(Database& database, std::span<const SeriesId> series, TimeSpan span,
                           std::vector<std::vector<Reading>> tails,
                           const std::function<bool(std::span<const Reading>)>& take) {
  std::vector<Stream> streams;
  std::vector<Turn> heap;
  streams.reserve(series.size());
  for (std::uint32_t i = 0; i < series.size(); ++i) {
    Stream stream{SeriesCursor(database, series[i], span, std::move(tails[i])), {}, 0};
    const bool any = TRY(stream.cursor.next(stream.readings));
    if (any) heap.push_back({stream.front().at, i});
    streams.push_back(std::move(stream));
  }
  std::ranges::make_heap(heap, std::greater<>());
  std::vector<Reading> batch;
  batch.reserve(batch_readings + series.size());
  while (!heap.empty()) {
    const Turn turn = heap.front();
    if (batch.size() >= batch_readings && batch.back().at != turn.at) {
      if (!take(batch)) return {};
      batch.clear();
    }
    Stream& stream = streams[turn.stream];
    batch.push_back(stream.front());
    const bool more = TRY(stream.advance());
    if (more) {
      replace_top(heap, {stream.front().at, turn.stream});
    } else {
      remove_top(heap);
    }
  }
  if (!batch.empty()) take(batch);
  return {};
}

}  // namespace sosie
