#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace sosie::forest {

/// No path has more splits: log2 of the 256 samples a tree may see at most.
inline constexpr int max_depth = 8;
inline constexpr std::uint32_t max_samples = 1U << max_depth;
inline constexpr std::uint32_t max_features = 60'000;
inline constexpr std::uint32_t max_trees = 1'000;
inline constexpr std::uint16_t no_feature = 0xFFFF;

/// A split (`x[feature] <= threshold` goes left) or, with no_feature, a leaf.
struct TreeNode {
  float threshold = 0;
  std::uint16_t feature = no_feature;
  std::uint16_t left = 0;     ///< the child's index in its tree; the right one stands behind it
  std::uint16_t samples = 0;  ///< of the tree's own sample that came by here

  bool is_leaf() const { return feature == no_feature; }
  std::size_t right() const { return left + std::size_t{1}; }
  bool operator==(const TreeNode&) const = default;
};

/// Breadth first: the root is node 0, and the k-th split's children are nodes 2k + 1 and 2k + 2.
using Tree = std::vector<TreeNode>;

/// Rows of `width` floats, one after the other.
struct Table {
  std::span<const float> cells;
  std::size_t width = 0;

  std::size_t rows() const { return width == 0 ? 0 : cells.size() / width; }
  std::span<const float> row(std::size_t i) const { return cells.subspan(i * width, width); }
};

/// What a search in a random binary tree of n keys takes on average when it fails:
/// c(n) = 2 H(n-1) - 2 (n-1) / n, the estimate that scikit-learn uses too.
double average_path_length(std::uint32_t n);

/// The largest float that is not above `t`: for every float x, x <= t exactly when x <= the result.
float float_at_most(double t);

/// Isolation forest (Liu, Ting, Zhou: Isolation Forest, ICDM 2008), on the scale of scikit-learn.
/// A value: trained once, then only read; any thread.
///
/// A tree splits a random sample of the rows at random (feature, threshold) until each stands alone
/// or `max_depth` is reached. What is isolated after few splits is unusual.
///
/// With many features a few splits meet each of them at most once, so chance is given less room
/// than its authors give it: while most of a sample is still together, features are dealt from a
/// shuffled deck, which goes round all features before one comes again.
class IsolationForest {
 public:
  struct Plan {
    std::uint32_t trees = 50;
    std::uint32_t samples = 256;  ///< rows a tree sees, drawn without putting back; at most 256
    /// The share of splits whose threshold lies in the widest gap between neighbouring values
    /// instead of anywhere between the lowest and the highest; 0: as its authors have it.
    double gaps = 0;
    bool operator==(const Plan&) const = default;
  };

  IsolationForest() = default;

  /// Needs no labels. `rows` may hold no NaN. `may_split`: the features to use; empty: all. The
  /// same rows and seed give the same forest, bit for bit. Errors: fewer than two rows, a width of
  /// 0 or beyond max_features, a plan out of bounds.
  static Result<IsolationForest> train(const Table& rows, Plan plan, Random random,
                                       std::span<const std::uint16_t> may_split = {});

  /// Of trees that came from elsewhere. Errors: a tree that is not one, a path that is too long, a
  /// feature beyond `features`, counts that do not add up.
  static Result<IsolationForest> from_trees(std::vector<Tree> trees, std::uint32_t features);

  /// Mean over the trees of the splits on the row's path, plus c(n) of the n samples in its leaf.
  /// REQUIRES: row.size() == features(), and a forest that is not empty. NaN counts as very large.
  double path_length(std::span<const float> row) const;

  /// scikit-learn's score_samples: -2^(-path_length / c(samples)), in (-1, 0); the lower, the more
  /// abnormal.
  double score_samples(std::span<const float> row) const;

  /// scikit-learn's decision_function with contamination "auto": score_samples + 0.5; below 0 is
  /// what its authors call an anomaly.
  double decision_function(std::span<const float> row) const { return score_samples(row) + 0.5; }

  bool empty() const { return trees_.empty(); }
  std::uint32_t features() const { return features_; }
  std::uint32_t samples() const { return trees_.empty() ? 0 : trees_.front().front().samples; }
  std::span<const Tree> trees() const { return trees_; }

  std::string to_bytes() const;
  /// Errors: corrupt, with what was read and expected. Takes any bytes.
  static Result<IsolationForest> from_bytes(std::string_view bytes);

  bool operator==(const IsolationForest& other) const {
    return features_ == other.features_ && trees_ == other.trees_;
  }

 private:
  /// A tree filled up to 8 full levels: node i has its children at 2i and 2i + 1, the root is 1.
  /// Below a leaf every way leads to the leaf's own length, so eight steps need no question asked.
  struct FullTree {
    struct Split {
      float threshold = std::numeric_limits<float>::infinity();
      std::uint32_t feature = 0;
    };
    std::array<Split, max_samples> split{};
    std::array<float, max_samples> length{};
  };

  IsolationForest(std::vector<Tree> trees, std::uint32_t features);
  static FullTree filled(const Tree& tree);
  template <std::size_t Lanes>
  double lengths(std::size_t first, const float* row) const;

  std::vector<Tree> trees_;
  std::vector<FullTree> full_;
  std::uint32_t features_ = 0;
  double per_split_ = 0;  ///< 1 / (trees * c(samples))
};

}  // namespace sosie::forest
