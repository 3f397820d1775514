#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "statistics/matrix.h"
#include "statistics/model_bytes.h"

namespace sosie {

/// Principal components of standardized columns: how far a row is out within the directions in
/// which ordinary rows vary (Hotelling's T2), and how far it leaves them (Q, the squared prediction
/// error).
class Pca {
 public:
  Pca() = default;
  /// `covariance` of the standardized columns. Keeps the components that hold `share` of the
  /// variance.
  Pca(Matrix covariance, double share);

  struct Distances {
    double t2 = 0;
    double q = 0;
  };
  /// `u`: standardized, 0 where nothing is known. Not const: it works in a place of its own.
  Distances distances(std::span<const float> u);

  /// What each column adds to T2 and Q of `u`, as they were found by the last `distances(u)`.
  void contributions(std::span<const float> u, std::span<double> to_t2,
                     std::span<double> to_q) const;

  std::size_t components() const { return kept_; }
  std::size_t columns() const { return columns_; }

  void save(ModelWriter& writer) const;
  /// Errors: corrupt.
  static Result<Pca> load(ModelReader& reader);

 private:
  void make_room();

  std::size_t columns_ = 0;
  std::size_t kept_ = 0;
  std::size_t width_ = 0;        ///< kept_, rounded up to whole vectors
  std::vector<float> loadings_;  ///< column by column, `width_` each
  std::vector<float> one_over_;  ///< the components' variances
  std::vector<float> scores_;
};

}  // namespace sosie
