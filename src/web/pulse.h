#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "engine/engine.h"

namespace sosie::web {

/// How fast counters grow: looks at them now and then, and remembers the last ten seconds.
///
/// Threads: `look` from one, the rest from any.
class Pulse {
 public:
  /// Reads the counters; called twice a second.
  void look(const Statistics& statistics, Timestamp now);

  double readings_per_s() const;  ///< of wall time
  double predictions_per_s() const;
  std::optional<Timestamp> last_commit() const;  ///< as seen; none since the start

 private:
  struct Beat {
    std::chrono::steady_clock::time_point at;
    std::uint64_t readings = 0;
    std::uint64_t predictions = 0;
  };
  double per_second(std::uint64_t Beat::* counter) const;

  mutable std::mutex mutex_;
  std::deque<Beat> beats_;  ///< oldest first
  std::uint64_t commits_ = 0;
  std::optional<Timestamp> last_commit_;
};

}  // namespace sosie::web
