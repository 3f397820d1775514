#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "core/alarm.h"
#include "core/reading.h"

namespace sosie {

/// A limit that people set on a series, for those who draw it.
struct SeriesLimit {
  SeriesId series;
  std::string_view name;  ///< "high_high", "high", "low" or "low_low"
  double value = 0;
  Priority priority = Priority::medium;
  std::optional<double> scenario{};  ///< what the scenario says, where people moved it since
};

/// What the command line asks to begin with: "high=13", "Sensor-LARI-01.energy:high=13".
struct LimitWish {
  std::string series;  ///< its name, or its entity's; empty: every series with such a limit
  std::string name;
  double value = 0;
};

/// Moves a limit: what travels to the lane.
struct LimitOrder {
  SeriesId series{};
  std::string name;
  double value = 0;
};

/// Who moved a limit, when, from what to what.
struct LimitChange {
  SeriesId series{};
  std::string name;
  double from = 0;
  double to = 0;
  bool is_reset = false;  ///< to what the scenario says
  Timestamp at;
  std::string who;
  std::string comment;
};

/// The two limits of a rule; an infinite one: it has none on that side.
struct RuleLimits {
  double high = std::numeric_limits<double>::infinity();
  double low = -std::numeric_limits<double>::infinity();
  bool operator==(const RuleLimits&) const = default;
};

/// Moves a rule's limits: what travels to the lane.
struct RuleOrder {
  std::string rule;
  RuleLimits limits;
  Timestamp since;  ///< in event time; before it all is as it was
};

/// Who moved a rule's limits, when, from what to what.
struct RuleChange {
  std::string rule;
  RuleLimits from;
  RuleLimits to;
  bool is_reset = false;  ///< all of it to what the scenario says
  Timestamp since;        ///< in event time
  Timestamp at;
  std::string who;
  std::string comment;
};

}  // namespace sosie
