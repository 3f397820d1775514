#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/frame.h"

namespace sosie {

/// Block means of all columns, and their slow averages.
class BlockMeans {
 public:
  void begin(std::size_t columns) {
    sum_.resize(columns, 0.0);
    count_.resize(columns, 0);
    mean_.resize(columns, std::numeric_limits<double>::quiet_NaN());
    slow_.resize(columns, std::numeric_limits<double>::quiet_NaN());
  }

  /// True when a block is complete: the means are of it.
  /// `phase`: the first block is so much longer.
  bool add(const Frame& frame, Duration length, double forget, Duration phase = {}) {
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      const double value = frame.values[i];
      const bool is_known = value == value;
      sum_[i] += is_known ? value : 0.0;
      count_[i] += is_known ? 1U : 0U;
    }
    if (frame.at < end_) return false;
    const bool is_first = end_ == Timestamp{};
    end_ = frame.at + length + (is_first ? phase : Duration{});
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      mean_[i] = count_[i] == 0 ? std::numeric_limits<double>::quiet_NaN() : sum_[i] / count_[i];
      sum_[i] = 0;
      count_[i] = 0;
      if (std::isnan(slow_[i])) slow_[i] = mean_[i];
      if (!std::isnan(mean_[i])) slow_[i] += forget * (mean_[i] - slow_[i]);
    }
    return !is_first;
  }

  std::span<const double> mean() const { return mean_; }
  std::span<const double> slow() const { return slow_; }

 private:
  Timestamp end_;
  std::vector<double> sum_;
  std::vector<std::uint32_t> count_;
  std::vector<double> mean_;
  std::vector<double> slow_;
};

}  // namespace sosie
