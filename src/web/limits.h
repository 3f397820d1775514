#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/alarm.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie::web {

/// A limit that a scenario sets, for charts to draw: of `[[detector.rule]]`, keys high_high, high,
/// low, low_low. That they are kept is the detector's affair; it also checks their keys.
struct DrawnLimit {
  std::vector<std::string> on;  ///< names of series or entities; '*' and '?' are wild
  std::string name;             ///< "high"
  double value = 0;
  Priority priority = Priority::medium;

  bool fits(const SeriesInfo& info) const;
};

Result<std::vector<DrawnLimit>> read_limits(Section& scenario);

}  // namespace sosie::web
