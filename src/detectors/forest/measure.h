#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "detectors/forest/isolation_forest.h"

namespace sosie::forest {

/// How long single calls took, in microseconds, reading the clock included.
struct CallTimes {
  std::uint64_t calls = 0;
  double mean_us = 0;
  double p50_us = 0;
  double p95_us = 0;
  double p99_us = 0;
};

/// Of one row a call.
struct RowTimes {
  CallTimes score{};      ///< score_samples
  CallTimes explained{};  ///< score_samples and exact Shapley values
};

struct ForestTimes {
  std::uint32_t sensors = 0;
  std::uint32_t features = 0;
  std::uint32_t trees = 0;
  std::uint64_t splits = 0;  ///< of all trees
  RowTimes row{};
  CallTimes look{};           ///< Detector::look of a frame that nothing is said of
  CallTimes look_and_tell{};  ///< Detector::look that scores, explains and reports a symptom
  CallTimes train{};          ///< Detector::settle: the forest, its calibration and bands
};

/// Times `calls` calls of each kind over the rows in turn.
RowTimes time_rows(const IsolationForest& forest, const Table& rows, std::uint64_t calls);

/// Trains the detector on made-up frames (made_up.h) with the defaults of sample.toml and times it,
/// call by call, on the calling thread. `calls`: of each kind, but for training, which is timed ten
/// times. Takes about calls * 0.1 ms.
Result<ForestTimes> time_forest(std::uint32_t sensors, std::uint64_t calls);

/// "score": {"calls": …, "mean_us": …, "p50_us": …, …}, "explained": {…}
std::string to_json(const RowTimes& times);

/// {"sensors": 127, …, "score": {"calls": …, "mean_us": …, "p50_us": …}, …}
std::string to_json(const ForestTimes& times);

}  // namespace sosie::forest
