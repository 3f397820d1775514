#include "statistics/redundancy.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sosie {
namespace {

constexpr double ridge = 0.05;  ///< as the residual detector's: a twentieth of a column's variance
constexpr std::size_t vector_size = 8;

}  // namespace

Redundancy::Redundancy(Matrix covariance) : columns_(covariance.size) {
  for (std::size_t i = 0; i < columns_; ++i) covariance.at(i, i) += ridge;
  if (columns_ < 2 || !invert(covariance)) return;
  take(covariance);
}

void Redundancy::take(const Matrix& precision) {
  width_ = (columns_ + vector_size - 1) / vector_size * vector_size;
  precision_.assign(columns_ * width_, 0.0F);
  residuals_.assign(width_, 0.0F);
  certainty_.reserve(columns_);
  for (std::size_t i = 0; i < columns_; ++i) {
    certainty_.push_back(static_cast<float>(precision.at(i, i)));
    for (std::size_t j = 0; j < columns_; ++j) {
      precision_[i * width_ + j] = static_cast<float>(precision.at(i, j));
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

void Redundancy::fill(std::span<float> u, std::span<const std::uint32_t> unknown) {
  if (unknown.empty()) return;
  for (const auto i : unknown) u[i] = 0;
  residuals(u);
  for (int sweep = 0; sweep < 2; ++sweep) {  // unknown columns that lean on each other settle
    for (const auto i : unknown) {
      const float off = residuals_[i] / certainty_[i];
      u[i] -= off;
      const float* const row = precision_.data() + i * width_;
      for (std::size_t j = 0; j < width_; ++j) residuals_[j] -= off * row[j];
    }
  }
}

void Redundancy::gains(std::span<double> into) const {
  for (std::size_t i = 0; i < columns_; ++i) {
    const auto residual = static_cast<double>(residuals_[i]);
    into[i] = residual * residual / static_cast<double>(certainty_[i]);
  }
}

void Redundancy::save(ModelWriter& writer) const {
  writer.integer(columns_);
  std::vector<double> row;
  for (std::size_t i = 0; i < columns_; ++i) {  // the lower triangle says it all
    const float* const from = precision_.data() + i * width_;
    row.assign(from, from + i + 1);
    writer.numbers(row);
  }
}

Result<Redundancy> Redundancy::load(ModelReader& reader) {
  Redundancy made;
  made.columns_ = TRY(reader.count(sizeof(std::uint64_t)));
  Matrix precision(made.columns_);
  for (std::size_t i = 0; i < made.columns_; ++i) {
    const auto row = TRY(reader.numbers());
    const bool is_whole = row.size() == i + 1 && row.back() > 0 &&
                          std::ranges::all_of(row, [](double x) { return std::isfinite(x); });
    if (!is_whole) {
      return Error{Errc::corrupt,
                   fmt::format("a model's redundancy: a bad row {} of its matrix", i)};
    }
    for (std::size_t j = 0; j <= i; ++j) precision.at(i, j) = precision.at(j, i) = row[j];
  }
  made.take(precision);
  return made;
}

}  // namespace sosie
