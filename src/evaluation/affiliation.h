#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "evaluation/runs.h"

namespace sosie {

/// Affiliation of flagged rows with labelled events (Huet, Navarro, Rossi: Local Evaluation of Time
/// Series Anomaly Detection Algorithms, KDD 2022). The record is cut into zones half-way between
/// neighbouring events. In each zone, precision is how much nearer to the event the flagged rows
/// are than a row thrown at random there, recall how much nearer the flagged rows are to each row
/// of the event. A random guess has 0.5 of both, so 0.5 is the floor, not 0.
struct Affiliation {
  std::vector<std::optional<double>> precision;  ///< of each zone; none: nothing is flagged in it
  std::vector<double> recall;                    ///< of each zone

  /// Means over the zones; none where there is none. `weights`: of each zone; empty: 1.
  std::optional<double> mean_precision(std::span<const double> weights = {}) const;
  std::optional<double> mean_recall(std::span<const double> weights = {}) const;
};

/// `events`, `flagged`: sorted and disjoint runs of rows within [0, rows). Exact up to a quarter of
/// a row: integrals are summed over half rows.
Affiliation affiliation(std::span<const Run> events, std::span<const Run> flagged,
                        std::size_t rows);

}  // namespace sosie
