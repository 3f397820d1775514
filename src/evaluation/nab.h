#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "evaluation/runs.h"

namespace sosie {

/// What the Numenta Anomaly Benchmark pays for detections (Lavin, Ahmad: Evaluating Real-time
/// Anomaly Detection Algorithms, ICMLA 2015; profile "standard").
struct NabProfile {
  double true_positive = 1;
  double false_positive = 0.11;
  double false_negative = 1;
};

/// Of one file, or of several added up.
struct NabScore {
  double raw = 0;
  double nothing = 0;  ///< what a detector has that never says anything
  double perfect = 0;

  NabScore& operator+=(const NabScore& other) {
    raw += other.raw;
    nothing += other.nothing;
    perfect += other.perfect;
    return *this;
  }
  /// 0: as never saying anything; 100: as saying each window in its first row and nothing else.
  /// None: there was no window.
  std::optional<double> normalized() const {
    if (perfect == nothing) return std::nullopt;
    return 100 * (raw - nothing) / (perfect - nothing);
  }
};

/// Of each window the earliest detection counts, the more the earlier; a window without any costs a
/// false negative; each detection outside costs, less just behind a window.
/// `detected`: rows, rising. `windows`: sorted and disjoint.
NabScore nab_score(std::span<const std::size_t> detected, std::span<const Run> windows,
                   const NabProfile& profile = {});

}  // namespace sosie
