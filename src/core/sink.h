#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/alarm.h"
#include "core/finding.h"
#include "core/reading.h"
#include "core/series.h"

namespace sosie {

/// A committed reading on its way out.
struct SinkReading {
  Reading reading;
  bool is_anomalous = false;  ///< beyond a limit in force, or an alarm stood on its series then
  /// For sinks that mind: no younger one of its series has been given to this sink, or may have
  /// been in an earlier life of the program. So it does not amend, or make up for, the past.
  bool is_newest = true;
};

/// What a sink will never take, with its reason: it goes to quarantine.
struct SinkRefusal {
  std::string reason;
  std::string sample;  ///< what it was, for people
  std::string where;   ///< of the sink: a collection, a topic
};

/// Takes readings and the steps of alarms out of Sosie: into a database, a broker. What is given up
/// to another process (Handover) is told by that one, where it is taken over.
///
/// Each sink has a thread and a durable cursor in the journal. It gets every reading that is
/// committed, in the order of commits, and every step of the alarm log, in order; a batch that it
/// cannot take is given to it again until it can, and nothing waits for it. After an outage what is
/// new comes first and what was missed behind it, in order for each (series, time). After a crash
/// the last batches may come again, so a sink must make one of what has the same series and time.
///
/// Life: the constructor only remembers; it opens nothing. Threads: one, the sink's.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Whether it takes readings at all; who does not costs nothing for them.
  virtual bool wants_readings() const { return true; }

  /// What it refuses for good; the rest has been taken. An Error: give the same again later; of an
  /// `invalid` one only this is held up, and what it takes besides may go on meanwhile. May take up
  /// to ten seconds. At most 1000 at once, never none.
  virtual Result<std::vector<SinkRefusal>> take(std::span<const SinkReading> readings,
                                                const SeriesTable& series) = 0;

  /// The same for steps of alarms.
  virtual Result<std::vector<SinkRefusal>> take(std::span<const AlarmEvent> steps,
                                                const SeriesTable& series) = 0;

  /// Whether it looks at SinkReading::is_newest, which takes a look into the store for each series.
  virtual bool minds_newest() const { return false; }

  /// How much of what it was given it has left out since it was made, because the scenario did not
  /// ask it for that: it counts as neither sent nor refused.
  virtual std::uint64_t left_out() const { return 0; }

  /// Whether it takes findings too: what became of each, in order. An event that waits brings the
  /// finding as it is by now, so what came between may be missing, and the last never is.
  virtual bool wants_findings() const { return false; }
  virtual Result<std::vector<SinkRefusal>> take_findings(std::span<const FindingEvent> /*findings*/,
                                                         const SeriesTable& /*series*/) {
    return std::vector<SinkRefusal>();
  }
};

}  // namespace sosie
