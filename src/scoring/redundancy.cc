#include "scoring/redundancy.h"

#include <algorithm>

namespace sosie::scoring {
namespace {

constexpr double ridge = 0.05;  ///< as the residual detector's: a twentieth of a column's variance
constexpr std::size_t vector_size = 8;

}  // namespace

Redundancy::Redundancy(Matrix covariance) : columns_(covariance.size) {
  for (std::size_t i = 0; i < columns_; ++i) covariance.at(i, i) += ridge;
  if (columns_ < 2 || !invert(covariance)) return;
  width_ = (columns_ + vector_size - 1) / vector_size * vector_size;
  precision_.assign(columns_ * width_, 0.0F);
  residuals_.assign(width_, 0.0F);
  certainty_.reserve(columns_);
  for (std::size_t i = 0; i < columns_; ++i) {
    certainty_.push_back(static_cast<float>(covariance.at(i, i)));
    for (std::size_t j = 0; j < columns_; ++j) {
      precision_[i * width_ + j] = static_cast<float>(covariance.at(i, j));
    }
  }
}

std::span<const float> Redundancy::residuals(std::span<const float> u) {
  std::ranges::fill(residuals_, 0.0F);
  float* const into = residuals_.data();
  std::size_t i = 0;
  for (; i + 4 <= columns_; i += 4) {  // four rows at a time: a fourth of the loads and stores
    const float* const row = precision_.data() + i * width_;
    for (std::size_t j = 0; j < width_; ++j) {
      into[j] += u[i] * row[j] + u[i + 1] * row[width_ + j] + u[i + 2] * row[2 * width_ + j] +
                 u[i + 3] * row[3 * width_ + j];
    }
  }
  for (; i < columns_; ++i) {
    const float* const row = precision_.data() + i * width_;
    for (std::size_t j = 0; j < width_; ++j) into[j] += u[i] * row[j];
  }
  return std::span(residuals_).first(columns_);
}

std::size_t Redundancy::culprit(std::span<const float> u) {
  const auto found = residuals(u);
  std::size_t worst = 0;
  float most = -1;
  for (std::size_t i = 0; i < columns_; ++i) {
    const float taken = found[i] * found[i] / certainty_[i];
    if (taken <= most) continue;
    most = taken;
    worst = i;
  }
  return worst;
}

}  // namespace sosie::scoring
