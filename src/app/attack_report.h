#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/detector_run.h"
#include "app/feed.h"
#include "app/table_evaluation.h"
#include "evaluation/attack.h"
#include "wire/json/writer.h"

namespace sosie::app {

/// What is left of a detector's recall while somebody attacks.
struct AttackReport {
  struct Line {
    std::string attack;  ///< "none" first
    double recall = 0;   ///< at the budget, its threshold found anew under the attack
    double false_per_day = 0;
    std::optional<double> kept;   ///< recall over that of "none"; none: there nothing is found
    std::size_t ramps = 0;        ///< of a ramp: how many there were …
    std::size_t ramps_found = 0;  ///< … and were found at the budget
  };
  double budget = 1;  ///< false alarms a day
  std::size_t events = 0;
  std::vector<Line> lines;
};

/// A scenario's detectors on a feed that is opened anew for each attack. REQUIRES: its labels are
/// known before its rows (a dataset's are). Errors: the feed's, the scenario's; nothing is
/// labelled.
Result<AttackReport> attack_detectors(const std::function<Result<std::unique_ptr<Feed>>()>& open,
                                      const DetectorRunOptions& options,
                                      const std::vector<Attack>& attacks, double budget,
                                      const Catalog& catalog);

/// The table's own detection (docs/evaluate.md). Keeps the whole table in memory.
Result<AttackReport> attack_table(const TableOptions& options, const std::vector<Attack>& attacks,
                                  double budget);

std::string to_text(const AttackReport& report);
void write(json::Writer& out, const AttackReport& report);

}  // namespace sosie::app
