#pragma once

#include <span>

#include "core/finding.h"
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

  /// What became of findings, in order: called once it is on disk, and before
  /// Intake::wait_durable says so. Threads: the journal's, which everybody waits for: take note and
  /// return.
  virtual void found(std::span<const FindingEvent> events, const SeriesTable& series) = 0;
};

}  // namespace sosie
