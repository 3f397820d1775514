#include "evaluation/ranking.h"

#include <algorithm>
#include <numeric>

namespace sosie {
namespace {

double weight_of(std::span<const double> weights, std::size_t row) {
  return weights.empty() ? 1.0 : weights[row];
}

/// Weights of the labelled rows and of the others.
struct Totals {
  double positive = 0;
  double negative = 0;

  void add(std::span<const std::uint8_t> labels, std::span<const double> weights, std::size_t row) {
    (labels[row] != 0 ? positive : negative) += weight_of(weights, row);
  }
};

Totals totals_of(std::span<const std::uint8_t> labels, std::span<const double> weights) {
  Totals totals;
  for (std::size_t i = 0; i < labels.size(); ++i) totals.add(labels, weights, i);
  return totals;
}

}  // namespace

Ranking::Ranking(std::span<const double> scores) : order_(scores.size()) {
  std::iota(order_.begin(), order_.end(), 0U);
  std::ranges::sort(order_, [&](std::uint32_t a, std::uint32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  for (std::uint32_t i = 0; i < order_.size(); ++i) {
    const bool is_last = i + 1 == order_.size() || scores[order_[i]] != scores[order_[i + 1]];
    if (is_last) tie_ends_.push_back(i + 1);
  }
}

std::optional<double> Ranking::average_precision(std::span<const std::uint8_t> labels,
                                                 std::span<const double> weights) const {
  const auto all = totals_of(labels, weights);
  if (all.positive <= 0) return std::nullopt;
  double sum = 0;
  Totals above;
  std::uint32_t at = 0;
  for (const auto end : tie_ends_) {
    const double before = above.positive;
    for (; at < end; ++at) above.add(labels, weights, order_[at]);
    if (above.positive == before) continue;
    sum += (above.positive - before) / all.positive * above.positive /
           (above.positive + above.negative);
  }
  return sum;
}

std::optional<double> Ranking::roc_auc(std::span<const std::uint8_t> labels,
                                       std::span<const double> weights) const {
  const auto all = totals_of(labels, weights);
  if (all.positive <= 0 || all.negative <= 0) return std::nullopt;
  double sum = 0;
  Totals above;
  std::uint32_t at = 0;
  for (const auto end : tie_ends_) {
    const auto before = above;
    for (; at < end; ++at) above.add(labels, weights, order_[at]);
    sum += (above.negative - before.negative) * (above.positive + before.positive) / 2;
  }
  return sum / (all.positive * all.negative);
}

}  // namespace sosie
