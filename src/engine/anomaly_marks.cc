#include "engine/anomaly_marks.h"

#include <algorithm>

namespace sosie {

AnomalyMarks::AnomalyMarks(std::span<const SeriesLimit> limits, std::span<const AlarmSpan> alarms) {
  for (const auto& limit : limits) {
    Marks& marks = by_series_[limit.series.index];
    if (limit.name.starts_with("high")) {
      marks.high = std::min(marks.high, limit.value);
    } else {
      marks.low = std::max(marks.low, limit.value);
    }
  }
  for (const auto& alarm : alarms) by_series_[alarm.series.index].alarms.push_back(alarm);
}

bool AnomalyMarks::holds(const Reading& reading) const {
  const auto found = by_series_.find(reading.series.index);
  if (found == by_series_.end()) return false;
  const Marks& marks = found->second;
  return reading.value > marks.high || reading.value < marks.low ||
         std::ranges::any_of(
             marks.alarms,
             [&](const AlarmSpan& span) {
               return reading.at >= span.from && reading.at < span.to;
             });
}

}  // namespace sosie
