#include "statistics/matrix.h"

#include <cmath>

namespace sosie {
namespace {

/// A = L L', L in the lower triangle.
bool factor(Matrix& a) {
  for (std::size_t i = 0; i < a.size; ++i) {
    double* const row_i = a.row(i);
    for (std::size_t j = 0; j <= i; ++j) {
      const double* const row_j = a.row(j);
      double sum = row_i[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row_i[k] * row_j[k];
      if (j < i) {
        row_i[j] = sum / row_j[j];
      } else if (sum > 0) {
        row_i[i] = std::sqrt(sum);
      } else {
        return false;
      }
    }
  }
  return true;
}

/// L becomes its inverse, in place, row by row: row i of it needs rows 0..i-1 of it and row i of L.
void invert_lower(Matrix& l, std::vector<double>& scratch) {
  for (std::size_t i = 0; i < l.size; ++i) {
    double* const row = l.row(i);
    scratch.assign(i, 0.0);
    for (std::size_t k = 0; k < i; ++k) {
      const double factor = row[k];
      const double* const known = l.row(k);
      for (std::size_t j = 0; j <= k; ++j) scratch[j] += factor * known[j];
    }
    const double diagonal = 1 / row[i];
    for (std::size_t j = 0; j < i; ++j) row[j] = -scratch[j] * diagonal;
    row[i] = diagonal;
  }
}

}  // namespace

bool invert(Matrix& matrix) {
  if (!factor(matrix)) return false;
  std::vector<double> scratch;
  invert_lower(matrix, scratch);
  // A^-1 = L^-T L^-1: the sum of the outer products of L^-1's rows with themselves.
  Matrix inverse(matrix.size);
  for (std::size_t k = 0; k < matrix.size; ++k) {
    const double* const row = matrix.row(k);
    for (std::size_t i = 0; i <= k; ++i) {
      double* const out = inverse.row(i);
      for (std::size_t j = 0; j <= i; ++j) out[j] += row[i] * row[j];
    }
  }
  for (std::size_t i = 0; i < matrix.size; ++i) {
    for (std::size_t j = 0; j < i; ++j) inverse.at(j, i) = inverse.at(i, j);
  }
  matrix = std::move(inverse);
  return true;
}

}  // namespace sosie
