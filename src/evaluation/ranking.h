#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sosie {

/// Rows by falling score: what every figure needs that knows no threshold. Rows of one score stand
/// or fall together.
///
/// `labels`: 0 or 1 a row. `weights`: how often each row counts (for the bootstrap); empty: once.
class Ranking {
 public:
  explicit Ranking(std::span<const double> scores);

  /// Sum over thresholds of (recall gained) * precision, as scikit-learn's average_precision_score.
  /// What a score without knowledge has is the share of labelled rows. None: no row is labelled.
  std::optional<double> average_precision(std::span<const std::uint8_t> labels,
                                          std::span<const double> weights = {}) const;

  /// The chance that a labelled row has a higher score than one that is not, ties half. None: all
  /// rows are of one sort.
  std::optional<double> roc_auc(std::span<const std::uint8_t> labels,
                                std::span<const double> weights = {}) const;

  std::span<const std::uint32_t> order() const { return order_; }
  /// One past the last place in `order` of each distinct score, rising.
  std::span<const std::uint32_t> tie_ends() const { return tie_ends_; }

 private:
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> tie_ends_;
};

}  // namespace sosie
