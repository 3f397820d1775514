#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "cases/casebook.h"
#include "core/finding.h"
#include "engine/document_road.h"
#include "store/store.h"

namespace sosie {

/// What people say of findings, "right" or "wrong": kept for good, with who and when, and used.
///
/// A finding of the detectors that is like answered ones is believed as much as those deserved
/// (cases::Opinion), and the alarms' policy goes by that: what people called wrong again and again
/// is still found and shown, but raises no alarm. A rule's finding, and an alarm for a limit that
/// people set, are as they are.
///
/// Threads: any.
class CaseDesk {
 public:
  CaseDesk(Store& store, DocumentRoad& road, const Clock& clock)
      : store_(store), road_(road), clock_(clock) {}

  /// Before `start`: what was said in earlier lives. What is damaged is left out, and logged.
  Result<void> restore();

  /// Its time is now. It is committed when this returns. Errors: not_found (no such finding),
  /// invalid (nobody says it), unavailable (it cannot be written).
  Result<cases::Answer> answer(cases::Answer answer);

  /// In order of time.
  std::vector<cases::Answer> answers_to(std::uint64_t finding) const;
  std::vector<cases::Answer> answers() const;
  cases::Opinion all() const;
  cases::Opinion opinion(const Finding& finding) const;

  /// The lane's, before alarms are made of them.
  void weigh(std::span<FindingEvent> events) const;

 private:
  Store& store_;
  DocumentRoad& road_;
  const Clock& clock_;
  mutable Guarded<cases::Casebook> book_;
};

}  // namespace sosie
