#pragma once

#include <cstddef>
#include <vector>

namespace sosie::models {

/// Rows [from, to) in which a sensor is off from what the others say of it.
struct OffRows {
  std::size_t from = 0;
  std::size_t to = 0;
};

/// Of each column the stretches in which it contradicts the others, however long these are: by four
/// deviations of what it ordinarily differs by, in most of five rows.
///
/// Robust: a ridge regression of every column on all others, first of what comes within ten rows (a
/// level that is wrong for long is an edge there and no more), then of the rows in which nothing
/// was found, until that is the same. In each row the column is found whose replacement by what the
/// others say takes most away (as detectors/residual does), up to three. A column of which the
/// others tell nothing is held against its own median.
///
/// `columns`: each over all rows, these about even in time; NaN: missing. Nothing of fewer than 200
/// rows, or than three for each column, or where more than half of the rows would be off.
std::vector<std::vector<OffRows>> contradictions(const std::vector<std::vector<float>>& columns);

}  // namespace sosie::models
