#include "store/quality.h"

#include <algorithm>

#include "store/history.h"
#include "store/series_cursor.h"

namespace sosie {
namespace {

/// A fortnight at 5 s; some milliseconds.
constexpr std::size_t most_readings = 250'000;

/// Joins what comes in time order.
class Joiner {
 public:
  explicit Joiner(Duration nearness) : nearness_(nearness) {}

  void add(const QualitySpan& next) {
    if (next.quality == Quality::good || next.from >= next.to) return;
    if (spans_.empty() || next.from - spans_.back().to > reach(next)) return spans_.push_back(next);
    QualitySpan& last = spans_.back();
    last.to = std::max(last.to, next.to);
    if (next.quality <= last.quality) return;
    last.quality = next.quality;
    last.reason = next.reason;
  }

  std::vector<QualitySpan> take() { return std::move(spans_); }

 private:
  /// What says the same may be joined over a gap; what says something else only if no eye could
  /// tell the two apart.
  Duration reach(const QualitySpan& next) const {
    const QualitySpan& last = spans_.back();
    if (next.quality == last.quality && next.reason == last.reason) return nearness_;
    return next.to - last.from < nearness_ ? nearness_ : Duration(-1);
  }

  const Duration nearness_;
  std::vector<QualitySpan> spans_;
};

/// Whether the chunks that touch the span hold at most `most` readings.
Result<bool> are_few(Database& database, SeriesId series, TimeSpan span, std::size_t most) {
  auto row = TRY(database.statement(
      "SELECT coalesce(sum(count), 0) FROM _chunk WHERE level = 0 AND series = ? AND first >= ? "
      "AND first < ?"));
  row.bind(series.index, span.from, span.to);
  const bool found = TRY(row.step());
  return found && static_cast<std::size_t>(row.integer(0)) <= most;
}

Result<void> of_readings(SeriesCursor cursor, TimeSpan span, Joiner& joiner) {
  std::vector<Reading> some;
  std::optional<Reading> last;
  const auto close = [&](Timestamp until) {
    if (last) joiner.add({last->at, until, last->quality, last->reason});
  };
  while ([[maybe_unused]] const bool more = TRY(cursor.next(some))) {
    for (const auto& reading : some) {
      close(reading.at);
      last = reading;
    }
  }
  close(span.to);
  return {};
}

Resolution level_for(Duration step) {
  return step >= width_of(Resolution::day)    ? Resolution::day
         : step >= width_of(Resolution::hour) ? Resolution::hour
                                              : Resolution::minute;
}

}  // namespace

Result<std::vector<QualitySpan>> make_quality(Database& database, SeriesId series, TimeSpan span,
                                              std::size_t points, std::vector<Reading> tail) {
  if (span.from >= span.to) return std::vector<QualitySpan>();
  const Duration step((span.to - span.from) /
                      static_cast<std::int64_t>(std::max<std::size_t>(points, 2)));
  Joiner joiner(step);
  const bool few = TRY(are_few(database, series, span, most_readings));
  if (few) {
    TRY(of_readings(SeriesCursor(database, series, span, std::move(tail)), span, joiner));
    return joiner.take();
  }
  const auto level = level_for(step);
  const auto buckets = TRY(read_rollups(database, {level, series}, span, std::move(tail)));
  for (const auto& bucket : buckets) {
    const auto quality = bucket.bad > 0 ? Quality::bad : Quality::good;
    joiner.add({bucket.start, bucket.start + width_of(level), quality, QualityReason::none});
  }
  return joiner.take();
}

}  // namespace sosie
