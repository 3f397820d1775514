#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "detectors/residual/model.h"

namespace sosie::residual {

constexpr std::size_t least_rows = 200;  ///< of fewer, nothing is learned

/// Rows of learning: block means of all columns and their slow averages, row by row.
struct History {
  std::size_t columns = 0;
  std::vector<float> cells;  ///< 2 * columns a row; NaN: no value

  std::size_t rows() const { return columns == 0 ? 0 : cells.size() / (2 * columns); }
  std::span<const float> row(std::size_t i) const {
    return std::span(cells).subspan(i * 2 * columns, 2 * columns);
  }
};

struct FitConfig {
  double ridge = 0.05;              ///< added to the correlation matrix's diagonal
  double margin = 1.3;              ///< times the furthest ordinary residual, out of block
  double drift_forget = 0.01;       ///< of the slow average of residuals, each row
  double band_quick_forget = 0.1;   ///< what came in the last hours is one average …
  double band_slow_forget = 0.008;  ///< … less the other
  double memory_forget = 0.025;     ///< of the columns' own slow averages, each row
  std::size_t wake = 10;    ///< rows after a state is as usual again in which it still has effects
  std::size_t block = 120;  ///< rows that go into one fold together
  double allowed_per_day = 0;  ///< false episodes of all columns together; 0: `margin` says it all
  double rows_per_day = 1440;
};

/// Learns from `history`. Columns of `judged[i] == 0` help to predict, but have no limits. Limits
/// come from residuals of blocks that the regression had not seen. `least`: of each column, in its
/// unit, what it may be off by and still be right. An empty model where there is
/// too little to learn from: fewer than three columns that move, or fewer than 200 rows.
Model fit(const History& history, std::span<const std::string> names,
          std::span<const std::uint8_t> judged, std::span<const double> least,
          const FitConfig& config);

}  // namespace sosie::residual
