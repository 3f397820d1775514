#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "simulation/plant.h"

namespace sosie::app {

struct DatasetOptions {
  std::string folder;  ///< made if it is not there; files in it are replaced
  std::string scenario;
  std::string asset{};  ///< the plant's: filled in
  std::uint64_t seed = 0;
  double fault_rate = 0;
  std::string weather;
  /// The share of all values that shall be under a fault's influence, direct or as a consequence;
  /// none: whatever `fault_rate` brings.
  std::optional<double> labelled{};
  Timestamp start;
  Timestamp end;
};

/// Lives `plant` from `start` to `end` as fast as possible and writes labelled data:
///
///   readings.csv  a row a step: time and a column a sensor; empty: it was silent
///   events.jsonl  a line a fault: what was done, when, and what it did
///   labels.csv    who was under which fault and when, run-length coded: direct or consequence
///   maintenance.jsonl  who was looked after, how and when: no fault
///   dataset.json  what this is, with seeds and shares
///
/// Consequences are found by a second run without the faults (GroundTruth). What chance brings is
/// drawn to its `fault_rate`, or, where a labelled share is wanted, to a rate that is steered
/// towards it; the span is lived again until the share is within a twentieth of that. `begin` does
/// to the plant what was ordered, after the second one has been taken from it. Errors: a file
/// cannot be written; `begin`'s; no rate was found, with the nearest. Stopped before its end: what
/// was lived is written whole.
Result<void> write_dataset(Plant& plant, DatasetOptions options,
                           const std::function<Result<void>()>& begin, const std::stop_token& stop);

}  // namespace sosie::app
