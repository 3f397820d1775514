#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "detectors/residual/model.h"

namespace sosie::residual {

/// Residuals of one instant under a model, with the faulty columns named.
///
/// One faulty column spoils the prediction of all others. So while any is beyond its limit, the
/// column whose replacement by what the others say of it takes most away from u' P u is replaced,
/// and everything is judged anew, until the rest agrees or too many are replaced. For a single
/// faulty column the first choice is the right one (reconstruction-based contribution: Alcala, Qin,
/// Automatica 45, 2009).
class Judge {
 public:
  explicit Judge(const Model& model);

  /// `u`: 2 * columns entries, scaled; NaN: not known. `limits`: of each column's |residual|, to be
  /// found guilty. REQUIRES: both sizes match the model.
  void judge(std::span<const double> u, std::span<const double> limits);

  /// Scaled residuals: what was measured less what the others say. 0 where it was not known.
  std::span<const double> residuals() const { return residual_; }
  /// How much wider a column's residual ordinarily is now than with all others known (>= 1): what
  /// is unknown or guilty cannot help to predict it.
  double widening(std::uint32_t column) const;
  /// Columns found guilty, in the order in which they were.
  std::span<const std::uint32_t> culprits() const { return culprits_; }
  /// u' P u of what remains once the guilty are replaced.
  double t2() const { return t2_; }

  static constexpr std::size_t most_culprits = 8;

 private:
  struct Pair {  ///< P_AA^-1, symmetric 2 x 2, and its entries' rows
    double now = 0;
    double cross = 0;
    double slow = 0;
  };
  void start(std::span<const double> u);
  void multiply();
  void replace(std::uint32_t column);
  void do_without(std::uint32_t column);
  std::optional<std::uint32_t> blame(std::span<const double> limits);
  double residual_of(std::uint32_t column) const;

  const Model& model_;
  std::size_t width_;  ///< 2 * columns, rounded up to a whole vector
  std::vector<float> precision_;
  std::vector<float> input_;
  std::vector<float> product_;  ///< P u
  std::vector<Pair> pairs_;
  std::vector<float> certainty_;  ///< P's diagonal, once columns are missing
  std::vector<double> residual_;
  std::vector<std::uint8_t> is_done_;  ///< replaced, or not known
  std::vector<std::uint32_t> culprits_;
  double t2_ = 0;
};

}  // namespace sosie::residual
