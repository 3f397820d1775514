#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "statistics/model_bytes.h"

namespace sosie {

/// Ordinary states, remembered: a row is compared with the mean of those most like it
/// (auto-associative kernel regression: Baraldi et al., Reliability Engineering & System Safety
/// 143, 2015). Unlike principal components it knows that a plant has several ways to be, and that
/// what lies between two of them is none.
class StateMemory {
 public:
  StateMemory() = default;
  /// `rows`: standardized, `columns` each. Keeps `most` of them: half evenly in time, so that the
  /// usual is there often, half each as far as can be from those kept already, so that the seldom
  /// is there at all; but of the two in a hundred that are furthest out, none.
  StateMemory(std::span<const float> rows, std::size_t columns, std::size_t most);

  /// Squared distance of `u` from what the memory expects in its place. Not const: it works in a
  /// place of its own. 30 ns a vector of 127.
  double distance(std::span<const float> u);

  /// What was expected in the place of the last `u`.
  std::span<const float> expected() const { return {expected_.data(), columns_}; }
  std::size_t size() const { return squares_.size(); }
  std::size_t columns() const { return columns_; }

  void save(ModelWriter& writer) const;
  /// Errors: corrupt.
  static Result<StateMemory> load(ModelReader& reader);

 private:
  void keep(std::span<const float> row);

  std::size_t columns_ = 0;
  std::size_t width_ = 0;  ///< columns_, rounded up to whole vectors
  std::vector<float> vectors_;
  std::vector<float> squares_;  ///< of the vectors' lengths
  std::vector<float> weights_;
  std::vector<float> padded_;  ///< u
  std::vector<float> expected_;
  float sharpness_ = 1;  ///< 1 / (2 h^2), h the kernel's width
};

}  // namespace sosie
