#include "detectors/forest/tree_shap.h"

#include <algorithm>
#include <limits>
#include <optional>

// The walk, for one tree and one node t of the quadrature.
//
// A split sends the row one way (share z_way of its samples) and not the other (z_off = 1 - z_way).
// With h the sum, over the leaves of a part of the tree, of the leaf's length times the factors on
// the way from that part's root, and w the product of the factors above the split:
//
//     factor of the way taken     1 - (1 - t) z_off
//     factor of the other         (1 - t) z_off
//     h    =  h_way - (1 - t) z_off (h_way - h_off)
//     part of the split's feature  +=  w z_off (h_way - h_off)
//
// The last line sums (o - z) / factor times the weight over both ways, where o - z is z_off for the
// way taken and -z_off for the other.
//
// When the feature stands higher on the path already, with share z of the samples, then its one
// factor there, F = t + (1 - t) z if the row came that way, is replaced. All this still has the
// same form, with (1 - t) replaced by (1 - t) z / F ("way") and the part multiplied by z / F^2
// ("part"). If the row did not come that way, o stays 0 whatever is asked: the factors are the mere
// shares, and the part is 0.

namespace sosie::forest {
namespace {

// Gauss-Legendre on [0, 1], exact up to degree 7 (Abramowitz, Stegun 25.4.30).
constexpr std::array<double, 4> node = {0.06943184420297371, 0.33000947820757187,
                                        0.66999052179242813, 0.93056815579702629};
constexpr std::array<double, 4> node_weight = {0.17392742256872693, 0.32607257743127307,
                                               0.32607257743127307, 0.17392742256872693};

constexpr std::uint32_t first_time = 0;  ///< the path has not asked of this feature before
constexpr std::uint32_t not_here = 1;    ///< it has, and the row went elsewhere

}  // namespace

/// Lays the trees out for the walk. Trees stay breadth first: neighbours do not wait for each
/// other's results, as they would if a child followed its parent.
class TreeShap::Builder {
 public:
  Builder(TreeShap& to, std::size_t trees) : to_(to), per_tree_(1 / static_cast<double>(trees)) {}

  void add(const Tree& tree) {
    const Range before = {.begin = size_of(to_.splits_), .end = size_of(to_.leaves_)};
    parent_.assign(tree.size(), 0);
    for (std::size_t i = 0; i < tree.size(); ++i) {
      if (tree[i].is_leaf()) {
        add_leaf(tree, i);
      } else {
        add_split(tree, i);
      }
    }
    to_.shapes_.push_back({.splits = {.begin = before.begin, .end = size_of(to_.splits_)},
                           .leaves = {.begin = before.end, .end = size_of(to_.leaves_)}});
  }

 private:
  /// What the splits above a node have asked of one feature, and the share of samples they let by.
  struct Asked {
    float above = -std::numeric_limits<float>::infinity();
    float up_to = std::numeric_limits<float>::infinity();
    double share = 1;
    bool ever = false;
  };

  template <class T>
  static std::uint32_t size_of(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
  }

  void add_leaf(const Tree& tree, std::size_t at) {
    int splits = 0;
    for (std::size_t i = at; i != 0; i = parent_[i]) ++splits;
    const double length = (splits + average_path_length(tree[at].samples)) * per_tree_;
    to_.leaves_.push_back({.place = static_cast<std::uint32_t>(at), .length = length});
    to_.expected_ += length * tree[at].samples / tree[0].samples;
  }

  void add_split(const Tree& tree, std::size_t at) {
    const TreeNode& node = tree[at];
    parent_[node.left] = parent_[node.right()] = at;
    to_.splits_.push_back({.threshold = node.threshold,
                           .feature = node.feature,
                           .place = static_cast<std::uint16_t>(at),
                           .left = node.left,
                           .again = factors_for(asked_above(tree, at)),
                           .share = {share_of(tree, node.left), share_of(tree, node.right())}});
  }

  /// Of the samples at its parent.
  double share_of(const Tree& tree, std::size_t at) const {
    return static_cast<double>(tree[at].samples) / tree[parent_[at]].samples;
  }

  Asked asked_above(const Tree& tree, std::size_t at) const {
    Asked asked;
    for (std::size_t i = at; i != 0; i = parent_[i]) {
      const TreeNode& split = tree[parent_[i]];
      if (split.feature != tree[at].feature) continue;
      if (i == split.left) {
        asked.up_to = std::min(asked.up_to, split.threshold);
      } else {
        asked.above = std::max(asked.above, split.threshold);
      }
      asked.share *= share_of(tree, i);
      asked.ever = true;
    }
    return asked;
  }

  /// The index in factors_ that holds if the row came by this way.
  std::uint32_t factors_for(const Asked& asked) {
    if (!asked.ever) return first_time;
    Factors factors{.above = asked.above, .up_to = asked.up_to, .way = {}, .part = {}};
    for (std::size_t k = 0; k < node.size(); ++k) {
      const double factor = node[k] + (1 - node[k]) * asked.share;
      factors.way.v[k] = (1 - node[k]) * asked.share / factor;
      factors.part.v[k] = asked.share / (factor * factor);
    }
    to_.factors_.push_back(factors);
    return size_of(to_.factors_) - 1;
  }

  TreeShap& to_;
  const double per_tree_;
  std::vector<std::size_t> parent_;  ///< of each node of the tree in work; the root's is the root
};

TreeShap::TreeShap(const IsolationForest& forest) : parts_(forest.features()) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  factors_.assign(2, Factors{.above = -infinity, .up_to = infinity, .way = {}, .part = {}});
  for (std::size_t k = 0; k < node.size(); ++k) {
    factors_[first_time].way.v[k] = 1 - node[k];
    factors_[first_time].part.v[k] = 1;
    factors_[not_here].way.v[k] = 1;
    factors_[not_here].part.v[k] = 0;
    whole_.v[k] = node_weight[k];
  }
  Builder builder(*this, forest.trees().size());
  std::size_t most = 0;
  for (const Tree& tree : forest.trees()) {
    builder.add(tree);
    most = std::max(most, tree.size());
  }
  turns_.resize(most);
  weight_.resize(most);
  below_.resize(most);
}

inline std::uint32_t TreeShap::factors_of(const Split& split, float value) const {
  if (split.again == first_time) return first_time;
  const Factors& here = factors_[split.again];
  return here.above < value && value <= here.up_to ? split.again : not_here;
}

void TreeShap::walk_down(const Shape& tree, const float* row) {
  weight_[0] = whole_;
  Turn* turn = turns_.data();
  for (std::uint32_t i = tree.splits.begin; i < tree.splits.end; ++i, ++turn) {
    const Split& split = splits_[i];
    // No branch on the row's value: which way it goes cannot be foretold.
    const float value = row[split.feature];
    const std::uint32_t goes_right = value <= split.threshold ? 0 : 1;
    const std::uint32_t way = split.left + goes_right;
    const std::uint32_t off = split.left + 1 - goes_right;
    const double share_off = split.share[1 - goes_right];
    const std::uint32_t factors = factors_of(split, value);
    const auto here = weight_[split.place].v;
    const auto weight_off = factors_[factors].way.v * share_off * here;
    weight_[off].v = weight_off;
    weight_[way].v = here - weight_off;
    // Field by field: one copy of the whole would wait for each of its parts to be written.
    turn->way = way;
    turn->off = off;
    turn->factors = factors;
    turn->share_off = share_off;
  }
}

void TreeShap::walk_up(const Shape& tree) {
  for (std::uint32_t i = tree.leaves.begin; i < tree.leaves.end; ++i) {
    below_[leaves_[i].place].v = Lanes{}.v + leaves_[i].length;
  }
  for (std::uint32_t i = tree.splits.end; i-- > tree.splits.begin;) {
    const Split& split = splits_[i];
    const Turn& turn = turns_[i - tree.splits.begin];
    const Factors& factors = factors_[turn.factors];
    const auto way = below_[turn.way].v;
    const auto gain = (way - below_[turn.off].v) * turn.share_off;
    below_[split.place].v = way - factors.way.v * gain;
    parts_[split.feature].v += factors.part.v * weight_[split.place].v * gain;
  }
}

void TreeShap::explain(std::span<const float> row, std::span<double> values) {
  std::fill(parts_.begin(), parts_.end(), Lanes{});
  for (const Shape& tree : shapes_) {
    walk_down(tree, row.data());
    walk_up(tree);
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& part = parts_[i].v;
    values[i] = (part[0] + part[1]) + (part[2] + part[3]);
  }
}

}  // namespace sosie::forest
