#pragma once

#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "detectors/residual/model.h"

namespace sosie::residual {

/// Memory that begins with a cache line, so that no vector lies across two.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};

  LineAllocator() = default;
  template <class Other>
  explicit LineAllocator(const LineAllocator<Other>& /*other*/) {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), line));
  }
  void deallocate(T* memory, std::size_t /*count*/) { ::operator delete(memory, line); }
  bool operator==(const LineAllocator&) const = default;
};

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
  double widening(std::uint32_t column) const { return static_cast<double>(widening_[column]); }
  /// Columns found guilty, in the order in which they were.
  std::span<const std::uint32_t> culprits() const { return culprits_; }
  /// `u` with what the others say in the place of what is not known, or guilty. Its head: what
  /// follows 2 * columns entries means nothing.
  std::span<const float> input() const { return input_; }
  /// u' P u of what remains once the guilty are replaced.
  double t2() const { return t2_; }

  static constexpr std::size_t most_culprits = 8;

 private:
  /// P_AA^-1 of each column, symmetric 2 x 2.
  struct Pairs {
    std::vector<double> now;
    std::vector<double> cross;
    std::vector<double> slow;
  };
  void start(std::span<const double> u);
  void multiply();
  void replace(std::uint32_t column);
  void do_without(std::uint32_t column);
  void widen();
  std::optional<std::uint32_t> blame(std::span<const double> limits);
  double residual_of(std::uint32_t column) const;

  const Model& model_;
  using Floats = std::vector<float, LineAllocator<float>>;
  std::size_t width_;  ///< 2 * columns, rounded up to whole cache lines
  Floats precision_;
  Floats input_;
  Floats product_;  ///< P u
  Pairs pairs_;
  std::vector<float> own_;        ///< P's diagonal
  std::vector<float> certainty_;  ///< the same, once columns are missing
  std::vector<float> widening_;
  std::vector<double> residual_;
  std::vector<std::uint8_t> is_done_;  ///< replaced, or not known
  std::vector<std::uint32_t> culprits_;
  double t2_ = 0;
};

}  // namespace sosie::residual
