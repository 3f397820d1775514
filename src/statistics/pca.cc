#include "statistics/pca.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "statistics/eigen.h"

namespace sosie {
namespace {

constexpr std::size_t pca_lanes = 16;
constexpr double least_variance = 0.01;  // of a standardized column: less is rounding

bool is_finite(double x) {
  return std::isfinite(x);
}

}  // namespace

Pca::Pca(Matrix covariance, double share) : columns_(covariance.size) {
  const auto found = eigen(std::move(covariance));
  double total = 0;
  for (const double value : found.values) total += std::max(value, 0.0);
  double held = 0;
  while (kept_ < columns_ && held < share * total && found.values[kept_] > least_variance) {
    held += found.values[kept_++];
  }
  make_room();
  for (std::size_t k = 0; k < kept_; ++k) {
    one_over_[k] = static_cast<float>(1 / found.values[k]);
    for (std::size_t c = 0; c < columns_; ++c) {
      loadings_[c * width_ + k] = static_cast<float>(found.vectors.at(k, c));
    }
  }
}

void Pca::make_room() {
  width_ = (kept_ + pca_lanes - 1) / pca_lanes * pca_lanes;
  loadings_.assign(columns_ * width_, 0.0F);
  one_over_.assign(width_, 0.0F);
  scores_.assign(width_, 0.0F);
}

void Pca::save(ModelWriter& writer) const {
  writer.integer(columns_);
  writer.integer(kept_);
  std::vector<double> row(kept_);
  std::ranges::copy_n(one_over_.begin(), static_cast<std::ptrdiff_t>(kept_), row.begin());
  writer.numbers(row);
  for (std::size_t c = 0; c < columns_; ++c) {
    std::ranges::copy_n(loadings_.begin() + static_cast<std::ptrdiff_t>(c * width_),
                        static_cast<std::ptrdiff_t>(kept_), row.begin());
    writer.numbers(row);
  }
}

Result<Pca> Pca::load(ModelReader& reader) {
  Pca pca;
  pca.columns_ = TRY(reader.count(sizeof(std::uint64_t)));
  pca.kept_ = TRY(reader.count(sizeof(double)));
  const auto take = [&](float* into) -> Result<void> {
    const auto row = TRY(reader.numbers());
    if (row.size() != pca.kept_ || !std::ranges::all_of(row, is_finite)) {
      return Error{Errc::corrupt,
                   fmt::format("a model's principal components: {} numbers in a row, "
                               "expected {} finite ones",
                               row.size(), pca.kept_)};
    }
    std::ranges::transform(row, into, [](double x) { return static_cast<float>(x); });
    return {};
  };
  if (pca.kept_ > pca.columns_) {
    return Error{Errc::corrupt, fmt::format("a model has {} principal components of {} columns",
                                            pca.kept_, pca.columns_)};
  }
  pca.make_room();
  TRY(take(pca.one_over_.data()));
  for (std::size_t c = 0; c < pca.columns_; ++c) {
    TRY(take(pca.loadings_.data() + c * pca.width_));
  }
  return pca;
}

Pca::Distances Pca::distances(std::span<const float> u) {
  std::ranges::fill(scores_, 0.0F);
  float square = 0;
  for (std::size_t c = 0; c < columns_; ++c) {
    const float x = u[c];
    square += x * x;
    const float* const loading = loadings_.data() + c * width_;
    float* const score = scores_.data();
    for (std::size_t k = 0; k < width_; ++k) score[k] += x * loading[k];
  }
  double t2 = 0;
  double explained = 0;
  for (std::size_t k = 0; k < kept_; ++k) {
    const double s = static_cast<double>(scores_[k]) * scores_[k];
    t2 += s * one_over_[k];
    explained += s;
  }
  return {.t2 = t2, .q = std::max(0.0, static_cast<double>(square) - explained)};
}

void Pca::contributions(std::span<const float> u, std::span<double> to_t2,
                        std::span<double> to_q) const {
  for (std::size_t c = 0; c < columns_; ++c) {
    const float* const loading = loadings_.data() + c * width_;
    double within = 0;
    double expected = 0;
    for (std::size_t k = 0; k < kept_; ++k) {
      within += static_cast<double>(scores_[k]) * one_over_[k] * loading[k];
      expected += static_cast<double>(scores_[k]) * loading[k];
    }
    to_t2[c] = u[c] * within;
    to_q[c] = (u[c] - expected) * (u[c] - expected);
  }
}

}  // namespace sosie
