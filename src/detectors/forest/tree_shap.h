#pragma once

#include <array>
#include <cstddef>
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
    std::uint16_t place;  ///< in its tree
    std::uint16_t left;   ///< the child's place; the right one stands behind it
    std::uint32_t again;  ///< index into factors_ if the feature stands higher on the path too
    std::array<double, 2> share;  ///< of the samples that came here: to the left, to the right
  };

  struct Leaf {
    std::uint32_t place;
    double length;  ///< of the path, divided by the number of trees
  };

  /// How a split counts (see tree_shap.cc) for a row that is within (above, up_to] of its feature.
  struct Factors {
    float above;
    float up_to;
    Lanes way;
    Lanes part;
  };

  /// A row at a split.
  struct Turn {
    std::uint32_t way;  ///< place of the child it goes to
    std::uint32_t off;  ///< and of the other
    std::uint32_t factors;
    double share_off;
  };

  struct Range {
    std::uint32_t begin;
    std::uint32_t end;
  };
  struct Shape {
    Range splits;  ///< of splits_, parents first
    Range leaves;  ///< of leaves_
  };

  class Builder;
  std::uint32_t factors_of(const Split& split, float value) const;
  void walk_down(const Shape& tree, const float* row);
  void walk_up(const Shape& tree);

  std::vector<Shape> shapes_;
  std::vector<Split> splits_;
  std::vector<Leaf> leaves_;
  std::vector<Factors> factors_;
  Lanes whole_{};  ///< the quadrature's weights
  double expected_ = 0;

  // Working space, for the largest tree and for all features.
  std::vector<Turn> turns_;
  std::vector<Lanes> weight_;  ///< of each place: the product of the factors above it
  std::vector<Lanes> below_;   ///< of each place: its leaves' lengths times the factors below it
  std::vector<Lanes> parts_;   ///< of each feature
};

}  // namespace sosie::forest
