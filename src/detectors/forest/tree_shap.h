#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/forest/isolation_forest.h"

namespace sosie::forest {

/// Exact Shapley values of an isolation forest's path length (Lundberg et al.: From local
/// explanations to global understanding with explainable AI for trees, 2020; "tree path dependent",
/// as the shap package's TreeExplainer computes them by default).
///
/// A *negative* value shortens the path: it drives the anomaly. The values of a row add up to
/// path_length(row) - expected().
///
/// A leaf's part for feature i is an integral over t in [0, 1] of a product with one factor
/// t o + (1 - t) z per other feature on its path (o: does the row go this way, z: the share of
/// the samples that did). A path has at most 8 features, so the product's degree is at most 7, and
/// 4 Gauss-Legendre nodes integrate it exactly: four lanes of one vector, in one walk down and one
/// up each tree.
///
/// Threads: one at a time (it has working space of its own).
class TreeShap {
 public:
  TreeShap() = default;
  explicit TreeShap(const IsolationForest& forest);

  /// The mean path length over the trees' own samples.
  double expected() const { return expected_; }

  /// values[f] becomes feature f's part in path_length(row). Allocates nothing.
  /// REQUIRES: both have the forest's number of features.
  void explain(std::span<const float> row, std::span<double> values);

 private:
  struct alignas(32) Lanes {
    double v __attribute__((vector_size(32)));
  };

  struct Split {
    float threshold;
    std::uint16_t feature;
    std::uint16_t left;   ///< among the tree's splits; behind them come its leaves
    std::uint16_t right;
    std::uint16_t again;  ///< 0, or 1 + index into again_: the feature stands higher on the path too
    double share_left;
  };

  /// What a path has already asked of a feature: the row is within (above, up_to] if it came here
  /// by that feature's splits, and this share of the samples did.
  struct Again {
    float above;
    float up_to;
    Lanes scale_way;  ///< see tree_shap.cc
    Lanes scale_part;
  };

  struct Shape {
    std::uint32_t first_split;
    std::uint32_t splits;
    std::uint32_t first_leaf;
    std::uint32_t leaves;
  };

  struct Builder;
  void walk_down(const Shape& tree, const float* row);
  void walk_up(const Shape& tree);

  std::vector<Shape> shapes_;
  std::vector<Split> splits_;
  std::vector<double> leaves_;  ///< path lengths, divided by the number of trees
  std::vector<Again> again_;
  double expected_ = 0;

  // Working space, of the largest tree and of the row.
  std::vector<Lanes> weight_;  ///< of each node: product of the factors above it
  std::vector<Lanes> below_;   ///< of each node: its leaves' lengths times the factors below it
  std::vector<Lanes> parts_;   ///< of each feature
};

}  // namespace sosie::forest
