#pragma once

#include <span>

#include "core/finding.h"
#include "core/handover.h"
#include "core/series.h"

namespace sosie {

/// A source whose devices go from process to process (Handover) implements this beside Source: it
/// keeps the episodes of rules where the next process finds them.
class EpisodeKeeper {
 public:
  virtual ~EpisodeKeeper() = default;

  /// Whether it does, by its configuration: then the rules know of the past only what Handover
  /// tells.
  virtual bool keeps_episodes() const = 0;

  /// What devices came and went, and what became of findings behind it, in order: called once it is
  /// on disk, and before Intake::wait_durable says so. Threads: the journal's, which everybody
  /// waits for: take note and return.
  virtual void committed(std::span<const Handover> handovers, std::span<const FindingEvent> events,
                         const SeriesTable& series) = 0;

  /// Whether what is on disk may be told to others now; not while it may be about devices that
  /// another process has by now, and may have told more of. Any thread.
  virtual bool may_tell() const { return true; }
};

}  // namespace sosie
