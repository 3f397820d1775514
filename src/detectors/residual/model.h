#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detectors/residual/matrix.h"

namespace sosie::residual {

/// What every sensor says of every other: the inverse P of their ridged covariance, over u = (each
/// column now, each column's slow average), both centred and scaled.
///
/// With P, the ridge regressions of all columns on all others are done at once: the residual of the
/// entries A of u given all the rest is P_AA^-1 (P u)_A (the conditional mean of a normal vector;
/// Whittaker: Graphical Models in Applied Multivariate Statistics, 1990, 5.7). A column's own slow
/// average is left out with it, or a drift would explain itself.
struct Model {
  /// What one column's row of the model says.
  struct Column {
    std::string name;
    double center = 0;
    double scale = 1;
    double fast_limit = std::numeric_limits<double>::infinity();  ///< of |residual|, scaled units
    double slow_limit = std::numeric_limits<double>::infinity();  ///< of its slow average
    double sigma = 1;                                             ///< the residual's ordinary size
  };

  /// Columns that jump whenever a state is not as usual (a filter is washed once a day): that was
  /// so in training, and nobody is to be told. They are not looked at then.
  struct Habit {
    std::string state;  ///< the name of its column, which may be none of the model's
    double usual = 0;
    std::vector<std::uint32_t> columns;  ///< of the model
  };

  std::vector<Column> columns;
  std::vector<Habit> habits;
  Matrix precision;          ///< P, 2 columns.size() wide
  double t2_limit = 0;       ///< of u' P u
  double slow_t2_limit = 0;  ///< of the same of slow averages of u

  /// A block mean of a state this far off is not as usual.
  static constexpr double state_slack = 0.05;

  bool empty() const { return columns.empty(); }
  std::string save() const;
  static Result<Model> load(std::string_view bytes);
};

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
  double ridge = 0.05;           ///< added to the correlation matrix's diagonal
  double margin = 1.3;           ///< times the furthest ordinary residual, out of block
  double drift_forget = 0.01;    ///< of the slow average of residuals, each row
  double memory_forget = 0.025;  ///< of the columns' own slow averages, each row
  std::size_t wake = 10;    ///< rows after a state is as usual again in which it still has effects
  std::size_t block = 120;  ///< rows that go into one fold together
};

/// Learns from `history`. Columns of `judged[i] == 0` help to predict, but have no limits. Limits
/// come from residuals of blocks that the regression had not seen. An empty model where there is
/// too little to learn from: fewer than three columns that move, or fewer than 200 rows.
Model fit(const History& history, std::span<const std::string> names,
          std::span<const std::uint8_t> judged, const FitConfig& config);

}  // namespace sosie::residual
