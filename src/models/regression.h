#pragma once

#include <optional>
#include <vector>

namespace sosie::models {

/// How much of each column's variance all others tell: one less the square error of a ridge
/// regression, learned from the even rows, on the odd ones, over their variance; at least 0. None:
/// it is constant, less than half known, or there are fewer than 40 rows.
///
/// `columns`: each over all rows; NaN: missing, taken for the column's mean.
std::vector<std::optional<double>> told_by_others(const std::vector<std::vector<float>>& columns);

}  // namespace sosie::models
