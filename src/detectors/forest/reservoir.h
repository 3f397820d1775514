#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "detectors/forest/isolation_forest.h"

namespace sosie::forest {

/// A uniform sample of all rows ever offered, in bounded memory (Vitter: Random Sampling with a
/// Reservoir, 1985, algorithm R). The same rows and seed leave the same sample.
class Reservoir {
 public:
  Reservoir(std::size_t capacity, Random random) : capacity_(capacity), random_(random) {}

  /// Rows get `width` cells; what the rows held so far do not have is NaN. REQUIRES: no narrower.
  void widen(std::size_t width) {
    std::vector<float> wide(rows() * width, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < rows(); ++i) {
      for (std::size_t j = 0; j < width_; ++j) wide[i * width + j] = cells_[i * width_ + j];
    }
    cells_ = std::move(wide);
    width_ = width;
  }

  /// Where to write a row of instant `at`; empty when chance leaves it out.
  std::span<float> place(Timestamp at) {
    if (offered_++ == 0) from_ = at;
    to_ = at;
    std::size_t row = rows();
    if (row < capacity_) {
      at_.push_back(at);
      cells_.resize(cells_.size() + width_);
    } else {
      row = random_.below(offered_);
      if (row >= capacity_) return {};
      at_[row] = at;
    }
    return std::span(cells_).subspan(row * width_, width_);
  }

  std::size_t rows() const { return at_.size(); }
  std::uint64_t offered() const { return offered_; }
  Timestamp from() const { return from_; }
  Timestamp to() const { return to_; }
  std::span<const Timestamp> times() const { return at_; }
  Table table() const { return {.cells = cells_, .width = width_}; }

 private:
  const std::size_t capacity_;
  Random random_;
  std::size_t width_ = 0;
  std::vector<float> cells_;
  std::vector<Timestamp> at_;
  std::uint64_t offered_ = 0;
  Timestamp from_;
  Timestamp to_;
};

}  // namespace sosie::forest
