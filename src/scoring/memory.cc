#include "scoring/memory.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sosie::scoring {
namespace {

constexpr std::size_t memory_lanes = 32;
constexpr double outermost = 0.02;
constexpr std::size_t most_for_width = 500;

/// REQUIRES: both have `n`, a multiple of `memory_lanes`. Sums lane by lane, which a compiler may
/// keep in one vector without being told to change the order of additions.
float product(const float* a, const float* b, std::size_t n) {
  std::array<float, memory_lanes> sums{};
  for (std::size_t i = 0; i < n; i += memory_lanes) {
    for (std::size_t k = 0; k < memory_lanes; ++k) sums[k] += a[i + k] * b[i + k];
  }
  float sum = 0;
  for (const float s : sums) sum += s;
  return sum;
}

/// A row's squared distance from a memory that is being chosen.
float apart(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

float length2(std::span<const float> a) {
  float sum = 0;
  for (const float x : a) sum += x * x;
  return sum;
}

float quantile(std::vector<float> values, double p) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(
                                       std::floor(p * static_cast<double>(values.size() - 1)));
  std::ranges::nth_element(values, at);
  return *at;
}

}  // namespace

Memory::Memory(std::span<const float> rows, std::size_t columns, std::size_t most)
    : columns_(columns),
      width_((columns + memory_lanes - 1) / memory_lanes * memory_lanes),
      padded_(width_),
      expected_(width_) {
  const auto n = columns == 0 ? 0 : rows.size() / columns;
  if (n == 0) return;
  const auto row = [&](std::size_t i) { return rows.subspan(i * columns, columns); };
  std::vector<float> lengths;
  lengths.reserve(n);
  for (std::size_t i = 0; i < n; ++i) lengths.push_back(length2(row(i)));
  const float far_out = quantile(lengths, 1 - outermost);
  std::vector<float> nearest(n, std::numeric_limits<float>::infinity());
  const auto take = [&](std::size_t chosen) {
    keep(row(chosen));
    for (std::size_t i = 0; i < n; ++i)
      nearest[i] = std::min(nearest[i], apart(row(i), row(chosen)));
  };
  const auto half = std::min(most, n) / 2 + 1;
  for (std::size_t i = 0; i < half; ++i) {
    const auto at = i * n / half;
    if (lengths[at] <= far_out) take(at);
  }
  while (size() < std::min(most, n)) {
    std::size_t furthest = 0;
    float distance = -1;
    for (std::size_t i = 0; i < n; ++i) {
      if (lengths[i] > far_out || nearest[i] <= distance) continue;
      distance = nearest[i];
      furthest = i;
    }
    if (distance <= 0) break;
    take(furthest);
  }
  std::vector<float> apart_from_all;
  for (std::size_t i = 0; i < n; i += n / most_for_width + 1) {
    if (nearest[i] > 0) apart_from_all.push_back(nearest[i]);
  }
  const float width2 = apart_from_all.empty() ? 1 : quantile(std::move(apart_from_all), 0.5);
  sharpness_ = 1 / (2 * width2);
  weights_.assign(size(), 0.0F);
}

void Memory::keep(std::span<const float> row) {
  vectors_.resize(vectors_.size() + width_);
  std::ranges::copy(row, vectors_.end() - static_cast<std::ptrdiff_t>(width_));
  squares_.push_back(length2(row));
}

double Memory::distance(std::span<const float> u) {
  if (size() == 0) return 0;
  std::ranges::copy(u, padded_.begin());
  float nearest = std::numeric_limits<float>::infinity();
  for (std::size_t m = 0; m < size(); ++m) {  // |m|^2 - 2 m.u: |u|^2 is the same for all
    weights_[m] = squares_[m] - 2 * product(vectors_.data() + m * width_, padded_.data(), width_);
    nearest = std::min(nearest, weights_[m]);
  }
  std::ranges::fill(expected_, 0.0F);
  float total = 0;
  for (std::size_t m = 0; m < size(); ++m) {
    const float exponent = (weights_[m] - nearest) * sharpness_;
    if (!(exponent < 8)) continue;  // weighs less than a three-thousandth of the nearest
    const float weight = std::exp(-exponent);
    total += weight;
    const float* const vector = vectors_.data() + m * width_;
    for (std::size_t i = 0; i < width_; ++i) expected_[i] += weight * vector[i];
  }
  double sum = 0;
  for (std::size_t i = 0; i < columns_; ++i) {
    expected_[i] /= total;
    const double off = static_cast<double>(u[i]) - static_cast<double>(expected_[i]);
    sum += off * off;
  }
  return sum;
}

}  // namespace sosie::scoring
