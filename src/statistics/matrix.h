#pragma once

#include <cstddef>
#include <vector>

namespace sosie {

/// A square matrix, row by row.
struct Matrix {
  Matrix() = default;
  explicit Matrix(std::size_t n) : size(n), cells(n * n, 0.0) {}

  double& at(std::size_t row, std::size_t column) { return cells[row * size + column]; }
  double at(std::size_t row, std::size_t column) const { return cells[row * size + column]; }
  double* row(std::size_t i) { return cells.data() + i * size; }
  const double* row(std::size_t i) const { return cells.data() + i * size; }

  std::size_t size = 0;
  std::vector<double> cells;
};

/// The inverse of a symmetric positive definite matrix, by Cholesky's factorization (Golub, Van
/// Loan: Matrix Computations, 4.2). Only the lower triangle is read. False, and `matrix` is
/// spoiled, if it is not positive definite.
bool invert(Matrix& matrix);

}  // namespace sosie
