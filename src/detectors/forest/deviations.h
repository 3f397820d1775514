#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/frame.h"

namespace sosie::forest {

/// Each column's fast deviation: its value less a slow, exponentially weighted moving average of
/// its past. What drifts with the hours and the seasons leaves it; what happens suddenly stays.
class Deviations {
 public:
  explicit Deviations(Duration average);

  /// Columns known so far keep their averages.
  void resize(std::size_t columns);

  /// Takes the next frame in. The same instant twice changes nothing; time that runs backwards
  /// starts all averages anew. Missing values leave their column's average where it is.
  void update(const Frame& frame);

  /// Of the last frame: value less the average before it; 0 for a missing or a first value.
  double deviation(std::size_t column) const { return columns_[column].deviation; }
  /// Before the last frame; NaN: there was never a value.
  double expected(std::size_t column) const { return columns_[column].expected; }

 private:
  struct Column {
    double average;
    double expected;
    double deviation;
    double missing_s;  ///< since its last value, up to the last frame
  };

  void start_anew();
  void update(Column& column, double value, double passed_s, double usual_weight) const;

  const double average_s_;
  std::vector<Column> columns_;
  bool started_ = false;
  Timestamp at_;
};

}  // namespace sosie::forest
