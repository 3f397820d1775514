#pragma once

#include <limits>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/reading.h"
#include "engine/engine.h"
#include "store/records.h"

namespace sosie {

/// Tells which readings were out of the ordinary: beyond a limit that is in force, or measured
/// while an alarm stood on their series.
class AnomalyMarks {
 public:
  AnomalyMarks(std::span<const SeriesLimit> limits, std::span<const AlarmSpan> alarms);

  bool holds(const Reading& reading) const;

 private:
  struct Marks {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    std::vector<AlarmSpan> alarms;
  };
  std::unordered_map<std::uint32_t, Marks> by_series_;
};

}  // namespace sosie
