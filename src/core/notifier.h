#pragma once

#include "base/result.h"
#include "core/alarm.h"

namespace sosie {

/// Tells people (or their tools) of an alarm's steps. Each notifier has a thread and a durable
/// cursor over the alarm log: what fails is tried again, later, in order, and nothing waits for it.
class Notifier {
 public:
  virtual ~Notifier() = default;

  /// Whether it tells of such a step at all. Any thread.
  virtual bool wants(const AlarmEvent& /*event*/) const { return true; }

  /// Tells of one step. An Error: not delivered, ask again later. May take up to ten seconds.
  virtual Result<void> tell(const AlarmEvent& event, const SeriesTable& series) = 0;
};

}  // namespace sosie
