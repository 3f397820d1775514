#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace sosie {

/// Where a sink stands in the feed, durably.
///
/// As a rule there is one cursor, `behind`. After an outage there are two: what has come since the
/// feed's number `jump` is passed on first (`ahead`), as far as it was measured after `edge`, which
/// is the latest event time before the jump. What was missed is passed on from `behind` on, and
/// with it what came since and was measured before `edge` (late readings, corrections). So of two
/// values for one instant the later committed one always comes last.
struct SinkPlace {
  std::uint64_t behind = 0;
  std::uint64_t jump = 0;
  std::uint64_t ahead = 0;  ///< 0: one cursor
  Timestamp edge;
  std::uint64_t alarms = 0;    ///< over the alarm log
  std::uint64_t findings = 0;  ///< over the findings' log

  static Result<SinkPlace> load(const Store& store, const std::string& sink);
  Result<void> save(Store& store, const std::string& sink) const;

  bool is_split() const { return ahead != 0; }
  /// Readings still to be passed on, when so many were ever fed.
  std::uint64_t lag(std::uint64_t head) const;

  bool operator==(const SinkPlace&) const = default;
};

}  // namespace sosie
