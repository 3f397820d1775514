#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/alarm.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie::limits {

/// Limits that people set for the series whose names fit: [[detector.rule]].
struct Rule {
  std::vector<std::string> on;  ///< names of series or of their entities; '*' and '?' are wild
  std::optional<double> high_high;
  std::optional<double> high;
  std::optional<double> low;
  std::optional<double> low_low;
  double deadband = 0;
  Duration on_delay{};
  Duration off_delay{};
  Priority priority = Priority::medium;  ///< of high and low; the outer two are one more urgent

  bool fits(const SeriesInfo& info) const;
};

Result<Rule> read_rule(Section& section);

/// Whether `text` fits `pattern`: '*' stands for any run of characters, '?' for one.
bool glob_fits(std::string_view pattern, std::string_view text);

}  // namespace sosie::limits
