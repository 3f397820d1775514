#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/residual/fit.h"
#include "detectors/residual/model.h"
#include "detectors/residual/table.h"
#include "statistics/matrix.h"
#include "statistics/sketch.h"

namespace sosie::residual {

/// Blocks of rows go into one of so many folds in turn: each is tried by what the others teach.
constexpr std::size_t folds = 4;

/// Sums of products of each fold, so that a model without one fold costs a subtraction.
class Moments {
 public:
  /// Blocks are `block` rows long.
  Moments(const Table& table, std::size_t block);

  /// P of all folds but `left_out` (== folds: of all).
  Matrix precision(std::size_t left_out, double ridge) const;

 private:
  std::vector<Matrix> sums_;
  std::vector<std::size_t> rows_;
};

/// Out-of-block residuals of a table, and what they say of limits.
struct Trial {
  std::vector<double> residuals;  ///< columns a row; NaN: not known
  std::vector<double> t2;         ///< one a row
};

/// Out-of-block residuals at the three paces.
struct Trials {
  Trial fast;
  Trial slow;
  Trial band;
};

/// Residuals of every row of `table` under the model that knows the other folds, where `known`
/// (columns a row); `moments` are those of the rows to learn from. Cells beyond `limits` get their
/// predictions instead, so that faults nobody labelled do not stay in what is learned. Leaves one
/// fold's P in `model`.
Trial try_out(Table& table, std::span<const std::uint8_t> known, const Moments& moments,
              Model& model, const FitConfig& config, std::span<const double> limits);

/// The same without limits at the three paces.
Trials try_all(Table& table, std::span<const std::uint8_t> known, const Moments& moments,
               Model& model, const FitConfig& config);

/// The sizes of one column's residuals, of `n` columns.
Sketch sizes(const Trial& trial, std::size_t n, std::size_t column);

/// The deviation of residuals of these sizes, by their median.
double sigma_of(const Sketch& sizes);

}  // namespace sosie::residual
