#pragma once

#include <set>

#include "base/result.h"
#include "core/alarm.h"
#include "core/section.h"

namespace sosie {

/// Which steps of alarms' lives a notifier tells: its keys `steps` and `min_priority`.
struct StepFilter {
  std::set<AlarmEvent::What> steps;
  Priority min_priority = Priority::low;  ///< the least urgent that is told

  static Result<StepFilter> read(Section& section);

  /// Of a shelved alarm nothing is told but that it was shelved.
  bool wants(const AlarmEvent& event) const;
};

}  // namespace sosie
