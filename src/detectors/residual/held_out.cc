#include "detectors/residual/held_out.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "detectors/residual/judge.h"

namespace sosie::residual {
namespace {

std::size_t fold_of(std::size_t row, std::size_t block) {
  return row / block % folds;
}

}  // namespace

Moments::Moments(const Table& table, std::size_t block)
    : sums_(folds, Matrix(table.width)), rows_(folds, 0) {
  std::vector<double> clean(table.width);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    std::ranges::transform(table.row(r), clean.begin(), [](double x) {
      return std::isnan(x) ? 0.0 : std::clamp(x, -clip, clip);
    });
    Matrix& sum = sums_[fold_of(r, block)];
    ++rows_[fold_of(r, block)];
    for (std::size_t i = 0; i < clean.size(); ++i) {
      double* const out = sum.row(i);
      for (std::size_t j = 0; j <= i; ++j) out[j] += clean[i] * clean[j];
    }
  }
}

Matrix Moments::precision(std::size_t left_out, double ridge) const {
  Matrix all(sums_.front().size);
  double rows = 0;
  for (std::size_t f = 0; f < folds; ++f) {
    if (f == left_out) continue;
    rows += static_cast<double>(rows_[f]);
    for (std::size_t k = 0; k < all.cells.size(); ++k) all.cells[k] += sums_[f].cells[k];
  }
  for (double& cell : all.cells) cell /= std::max(rows, 1.0);
  for (std::size_t i = 0; i < all.size; ++i) all.at(i, i) += ridge;
  if (!invert(all)) return Matrix(0);  // cannot be, with a ridge: the sum is positive definite
  return all;
}

Trial try_out(Table& table, std::span<const std::uint8_t> known, const Moments& moments,
              Model& model, const FitConfig& config, std::span<const double> limits) {
  const auto n = model.columns.size();
  Trial trial;
  trial.residuals.resize(table.rows() * n, 0.0);
  trial.t2.resize(table.rows(), 0.0);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    model.precision = moments.precision(fold, config.ridge);
    Judge judge(model);
    for (std::size_t r = 0; r < table.rows(); ++r) {
      if (fold_of(r, config.block) != fold) continue;
      judge.judge(table.row(r), limits);
      const auto found = judge.residuals();
      for (std::size_t i = 0; i < n; ++i) {
        trial.residuals[r * n + i] = known[r * n + i] != 0 ? found[i] : unknown_cell;
      }
      trial.t2[r] = judge.t2();
      for (const auto culprit : judge.culprits()) table.row(r)[culprit] -= found[culprit];
    }
  }
  return trial;
}

Trials try_all(Table& table, std::span<const std::uint8_t> known, const Moments& moments,
               Model& model, const FitConfig& config) {
  const std::vector<double> no_limits(model.columns.size(),
                                      std::numeric_limits<double>::infinity());
  Trials trials;  // tables are tens of megabytes: one at a time
  trials.fast = try_out(table, known, moments, model, config, no_limits);
  {
    auto slow = averaged(table, config.drift_forget);
    trials.slow = try_out(slow, known, moments, model, config, no_limits);
  }
  auto band = banded(table, config.band_quick_forget, config.band_slow_forget);
  trials.band = try_out(band, known, moments, model, config, no_limits);
  return trials;
}

Sketch sizes(const Trial& trial, std::size_t n, std::size_t column) {
  Sketch sketch;
  for (std::size_t at = column; at < trial.residuals.size(); at += n) {
    if (!std::isnan(trial.residuals[at])) sketch.add(std::abs(trial.residuals[at]));
  }
  return sketch;
}

double sigma_of(const Sketch& sizes) {
  return std::max(sizes.quantile(0.5) * 1.4826, 1e-6);
}

}  // namespace sosie::residual
