#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace sosie::models {

/// How much of each column's variance all others tell: one less the square error of a ridge
/// regression, learned from the even rows, on the odd ones, over their variance; at least 0. None:
/// it is constant, or there are fewer than 40 rows in which it is known.
///
/// `columns`: each over all rows; NaN: missing. Of the rows in which all that are known in a fifth
/// of them are, if these are a tenth; else a column is asked in its own rows, and what is missing
/// of the others is taken for their means.
std::vector<std::optional<double>> told_by_others(const std::vector<std::vector<float>>& columns);

/// The inverse of a symmetric positive definite matrix of `n` rows, in its place (Gauss and Jordan;
/// no pivoting is needed for such).
void invert(std::vector<double>& a, std::size_t n);

}  // namespace sosie::models
