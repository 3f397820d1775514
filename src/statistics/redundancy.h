#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "statistics/matrix.h"
#include "statistics/model_bytes.h"

namespace sosie {

/// What all other columns say of each: the ridge regressions of every column on all others at once,
/// by the inverse P of the ridged covariance. (P u)_i / P_ii is how far column i is from what the
/// rest says of it (Whittaker: Graphical Models in Applied Multivariate Statistics, 1990, 5.7);
/// here without the division, as each column is only held against itself.
class Redundancy {
 public:
  Redundancy() = default;
  /// `covariance` of standardized columns.
  explicit Redundancy(Matrix covariance);

  bool is_empty() const { return width_ == 0; }
  /// `u`: standardized, 0 where nothing is known. Valid until the next call. 2 us for 127 columns.
  std::span<const float> residuals(std::span<const float> u);

  /// The column whose replacement by what the others say of it takes most away from u' P u: the
  /// right one where one alone is wrong (Alcala, Qin, Automatica 45, 2009), while the largest
  /// residual may be that of a column which believed it. REQUIRES: not empty.
  std::size_t culprit(std::span<const float> u);

  /// Puts what the others say in the place of columns that are not known. REQUIRES: not empty.
  void fill(std::span<float> u, std::span<const std::uint32_t> unknown);

  /// What replacing each column by what the others say of it would take away from u' P u, of the
  /// last `u` whose residuals were asked for.
  void gains(std::span<double> into) const;

  std::size_t columns() const { return columns_; }
  void save(ModelWriter& writer) const;
  /// Errors: corrupt.
  static Result<Redundancy> load(ModelReader& reader);

 private:
  void take(const Matrix& precision);

  std::size_t columns_ = 0;
  std::size_t width_ = 0;  ///< columns_, rounded up to whole vectors; 0: nothing was learned
  std::vector<float> precision_;
  std::vector<float> certainty_;  ///< P's diagonal
  std::vector<float> residuals_;
};

}  // namespace sosie
