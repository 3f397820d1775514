#include "detectors/forest/isolation_forest.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "detectors/forest/bytes.h"

namespace sosie::forest {
namespace {

/// Grows one tree after the other over the same rows.
class Grower {
 public:
  Grower(const Table& rows, IsolationForest::Plan plan, Random& random,
         std::span<const std::uint16_t> may_split)
      : rows_(rows),
        samples_(plan.samples),
        gaps_(plan.gaps),
        random_(random),
        row_(rows.rows()),
        feature_(may_split.begin(), may_split.end()) {
    std::iota(row_.begin(), row_.end(), 0U);
    if (feature_.empty()) {
      feature_.resize(rows.width);
      std::iota(feature_.begin(), feature_.end(), std::uint16_t{0});
    }
    depth_limit_ = static_cast<int>(std::bit_width(samples_ - 1));
    deck_ = feature_;
    dealt_ = deck_.size();
  }

  Tree grow() {
    draw(row_, samples_);
    Tree tree(1);
    open_.assign(1, {.node = 0, .begin = 0, .end = samples_, .depth = 0});
    std::size_t next = 0;
    while (next < open_.size()) {
      const Part part = open_[next++];
      tree[part.node].samples = static_cast<std::uint16_t>(part.end - part.begin);
      if (part.depth < depth_limit_ && part.end - part.begin > 1) split(tree, part);
    }
    return tree;
  }

 private:
  /// Rows row_[begin .. end) have come to `node`.
  struct Part {
    std::uint16_t node;
    std::uint32_t begin;
    std::uint32_t end;
    int depth;
  };
  struct Range {
    float low;
    float high;
  };

  /// Moves `n` random ones to the front.
  template <class T>
  void draw(std::vector<T>& items, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      std::swap(items[i], items[i + random_.below(items.size() - i)]);
    }
  }

  float cell(std::uint32_t row, std::uint16_t feature) const {
    return rows_.cells[row * rows_.width + feature];
  }

  Range range_of(const Part& part, std::uint16_t feature) const {
    Range range{.low = cell(row_[part.begin], feature), .high = cell(row_[part.begin], feature)};
    for (std::uint32_t i = part.begin + 1; i < part.end; ++i) {
      const float value = cell(row_[i], feature);
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
    return range;
  }

  std::uint16_t deal() {
    if (dealt_ == deck_.size()) {
      draw(deck_, deck_.size());
      dealt_ = 0;
    }
    return deck_[dealt_++];
  }

  /// A feature that tells the part's rows apart; none if they are all the same. Where most of the
  /// sample is still together the next card decides, elsewhere chance.
  std::optional<std::pair<std::uint16_t, Range>> choose(const Part& part) {
    if (2 * (part.end - part.begin) > samples_) {
      const std::uint16_t feature = deal();
      const Range range = range_of(part, feature);
      if (range.low < range.high) return std::pair(feature, range);
    }
    for (std::size_t tried = 0; tried < feature_.size(); ++tried) {
      std::swap(feature_[tried], feature_[tried + random_.below(feature_.size() - tried)]);
      const Range range = range_of(part, feature_[tried]);
      if (range.low < range.high) return std::pair(feature_[tried], range);
    }
    return std::nullopt;
  }

  Range widest_gap(const Part& part, std::uint16_t feature) {
    values_.clear();
    for (std::uint32_t i = part.begin; i < part.end; ++i) values_.push_back(cell(row_[i], feature));
    std::sort(values_.begin(), values_.end());
    std::size_t widest = 1;
    for (std::size_t i = 2; i < values_.size(); ++i) {
      if (values_[i] - values_[i - 1] > values_[widest] - values_[widest - 1]) widest = i;
    }
    return {.low = values_[widest - 1], .high = values_[widest]};
  }

  void split(Tree& tree, const Part& part) {
    const auto chosen = choose(part);
    if (!chosen) return;
    const std::uint16_t feature = chosen->first;
    const bool in_gap = random_.uniform() < gaps_;
    const Range range = in_gap ? widest_gap(part, feature) : chosen->second;
    // At least `low`, below `high`: neither side is empty.
    const float threshold = float_at_most(random_.uniform(range.low, range.high));
    const auto middle = std::partition(row_.begin() + part.begin, row_.begin() + part.end,
                                       [&](auto row) { return cell(row, feature) <= threshold; });
    const auto cut = static_cast<std::uint32_t>(middle - row_.begin());
    const auto left = static_cast<std::uint16_t>(tree.size());
    const auto right = static_cast<std::uint16_t>(left + 1);
    tree[part.node].threshold = threshold;
    tree[part.node].feature = feature;
    tree[part.node].left = left;
    tree.resize(tree.size() + 2);
    open_.push_back({.node = left, .begin = part.begin, .end = cut, .depth = part.depth + 1});
    open_.push_back({.node = right, .begin = cut, .end = part.end, .depth = part.depth + 1});
  }

  const Table& rows_;
  const std::uint32_t samples_;
  const double gaps_;
  Random& random_;
  std::vector<std::uint32_t> row_;
  std::vector<std::uint16_t> feature_;
  std::vector<std::uint16_t> deck_;
  std::size_t dealt_ = 0;
  std::vector<Part> open_;
  std::vector<float> values_;
  int depth_limit_;
};

Error damaged(std::string_view what) {
  return Error{Errc::corrupt, fmt::format("isolation forest: {}", what)};
}

/// What makes these nodes no tree of ours; empty: nothing.
std::string fault_of(const Tree& tree, std::uint32_t features) {
  if (tree.empty() || tree.size() > 2 * max_samples - 1) {
    return fmt::format("a tree of {} nodes, expected 1 to {}", tree.size(), 2 * max_samples - 1);
  }
  std::vector<int> depth(tree.size(), 0);
  std::size_t next_child = 1;
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const TreeNode& node = tree[i];
    if (node.samples < 1 || node.samples > max_samples) return "a node of no or too many samples";
    if (node.is_leaf()) continue;
    if (node.feature >= features) return fmt::format("feature {} of {}", node.feature, features);
    if (!std::isfinite(node.threshold)) return "a threshold that is not a number";
    if (depth[i] == max_depth) return fmt::format("a path of more than {} splits", max_depth);
    if (next_child <= i || node.left != next_child || node.right() >= tree.size()) {
      return "a child out of place";
    }
    if (tree[node.left].samples + tree[node.right()].samples != node.samples) {
      return "counts that do not add up";
    }
    depth[node.left] = depth[node.right()] = depth[i] + 1;
    next_child += 2;
  }
  return next_child == tree.size() ? "" : "a node without a parent";
}

/// Splits are (feature, threshold), leaves (no_feature, samples): the rest follows from the order.
void put_tree(const Tree& tree, ByteWriter& out) {
  out.put(static_cast<std::uint16_t>(tree.size()));
  for (const TreeNode& node : tree) {
    out.put(node.feature);
    if (node.is_leaf()) {
      out.put(node.samples);
    } else {
      out.put(node.threshold);
    }
  }
}

/// What comes out need not be a tree: fault_of decides.
Tree get_tree(ByteReader& in) {
  Tree tree(in.get<std::uint16_t>());
  std::uint16_t next_child = 1;
  for (TreeNode& node : tree) {
    if (!in.ok()) return {};
    node.feature = in.get<std::uint16_t>();
    if (node.is_leaf()) {
      node.samples = in.get<std::uint16_t>();
    } else {
      node.threshold = in.get<float>();
      node.left = std::exchange(next_child, static_cast<std::uint16_t>(next_child + 2));
    }
  }
  for (std::size_t i = tree.size(); i-- > 0;) {
    TreeNode& node = tree[i];
    if (node.is_leaf() || node.right() >= tree.size()) continue;
    node.samples = static_cast<std::uint16_t>(tree[node.left].samples + tree[node.right()].samples);
  }
  return tree;
}

}  // namespace

double average_path_length(std::uint32_t n) {
  if (n <= 1) return 0;
  if (n == 2) return 1;
  const double last = n - 1.0;
  return 2 * (std::log(last) + std::numbers::egamma) - 2 * last / n;
}

float float_at_most(double t) {
  const auto nearest = static_cast<float>(t);
  if (nearest <= t) return nearest;
  return std::nextafter(nearest, -std::numeric_limits<float>::infinity());
}

Result<IsolationForest> IsolationForest::train(const Table& rows, Plan plan, Random random,
                                               std::span<const std::uint16_t> may_split) {
  if (rows.rows() < 2) {
    return Error{Errc::invalid, fmt::format("isolation forest: {} rows to learn from, expected at "
                                            "least 2",
                                            rows.rows())};
  }
  if (rows.width > max_features || plan.trees < 1 || plan.trees > max_trees || plan.samples < 2 ||
      plan.samples > max_samples) {
    return Error{
        Errc::invalid,
        fmt::format("isolation forest: {} features, {} trees of {} samples; expected at "
                    "most {}, 1 to {} and 2 to {}",
                    rows.width, plan.trees, plan.samples, max_features, max_trees, max_samples)};
  }
  plan.samples = std::min(plan.samples, static_cast<std::uint32_t>(rows.rows()));
  Grower grower(rows, plan, random, may_split);
  std::vector<Tree> trees;
  trees.reserve(plan.trees);
  for (std::uint32_t i = 0; i < plan.trees; ++i) trees.push_back(grower.grow());
  return IsolationForest(std::move(trees), static_cast<std::uint32_t>(rows.width));
}

Result<IsolationForest> IsolationForest::from_trees(std::vector<Tree> trees,
                                                    std::uint32_t features) {
  if (trees.empty() || trees.size() > max_trees) {
    return damaged(fmt::format("{} trees, expected 1 to {}", trees.size(), max_trees));
  }
  if (features < 1 || features > max_features) {
    return damaged(fmt::format("{} features, expected 1 to {}", features, max_features));
  }
  for (const Tree& tree : trees) {
    if (const auto fault = fault_of(tree, features); !fault.empty()) return damaged(fault);
    if (tree[0].samples != trees[0][0].samples) return damaged("trees of unequal samples");
  }
  if (trees[0][0].samples < 2) return damaged("trees of one sample");
  return IsolationForest(std::move(trees), features);
}

IsolationForest::IsolationForest(std::vector<Tree> trees, std::uint32_t features)
    : trees_(std::move(trees)), features_(features) {
  full_.reserve(trees_.size());
  for (const Tree& tree : trees_) full_.push_back(filled(tree));
  per_split_ = 1 / (static_cast<double>(trees_.size()) * average_path_length(samples()));
}

IsolationForest::FullTree IsolationForest::filled(const Tree& tree) {
  /// What stands at a place of the full tree: a node, `splits` below the root.
  struct Place {
    std::uint16_t node = 0;
    int splits = 0;
  };
  FullTree full{};
  std::array<Place, std::size_t{2} * max_samples> places{};
  for (std::size_t i = 1; i < max_samples; ++i) {
    const auto [at, splits] = places[i];
    const TreeNode& node = tree[at];
    if (node.is_leaf()) {
      places[2 * i] = places[2 * i + 1] = places[i];
      continue;
    }
    full.split[i] = {.threshold = node.threshold, .feature = node.feature};
    places[2 * i] = {.node = node.left, .splits = splits + 1};
    places[2 * i + 1] = {.node = static_cast<std::uint16_t>(node.right()), .splits = splits + 1};
  }
  for (std::size_t leaf = 0; leaf < max_samples; ++leaf) {
    const auto [at, splits] = places[max_samples + leaf];
    full.length[leaf] = static_cast<float>(splits + average_path_length(tree[at].samples));
  }
  return full;
}

/// Several trees at once: each step of one waits for memory, and meanwhile the others go on.
template <std::size_t Lanes>
double IsolationForest::lengths(std::size_t first, const float* row) const {
  std::array<std::uint32_t, Lanes> at{};
  at.fill(1);
  for (int step = 0; step < max_depth; ++step) {
    for (std::size_t lane = 0; lane < Lanes; ++lane) {
      const FullTree::Split& split = full_[first + lane].split[at[lane]];
      at[lane] = 2 * at[lane] + (row[split.feature] <= split.threshold ? 0U : 1U);
    }
  }
  double sum = 0;
  for (std::size_t lane = 0; lane < Lanes; ++lane) {
    sum += full_[first + lane].length[at[lane] - max_samples];
  }
  return sum;
}

double IsolationForest::path_length(std::span<const float> row) const {
  constexpr std::size_t together = 10;
  double sum = 0;
  std::size_t tree = 0;
  for (; tree + together <= full_.size(); tree += together)
    sum += lengths<together>(tree, row.data());
  for (; tree < full_.size(); ++tree) sum += lengths<1>(tree, row.data());
  return sum / static_cast<double>(full_.size());
}

double IsolationForest::score_samples(std::span<const float> row) const {
  return -std::exp2(-path_length(row) * static_cast<double>(full_.size()) * per_split_);
}

std::string IsolationForest::to_bytes() const {
  ByteWriter out;
  out.put(features_);
  out.put(static_cast<std::uint32_t>(trees_.size()));
  for (const Tree& tree : trees_) put_tree(tree, out);
  return std::move(out).take();
}

Result<IsolationForest> IsolationForest::from_bytes(std::string_view bytes) {
  ByteReader in(bytes);
  const auto features = in.get<std::uint32_t>();
  const auto count = in.get<std::uint32_t>();
  if (count > max_trees)
    return damaged(fmt::format("{} trees, expected 1 to {}", count, max_trees));
  std::vector<Tree> trees;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) trees.push_back(get_tree(in));
  if (!in.ok()) return damaged("cut short");
  if (in.left() != 0) return damaged(fmt::format("{} bytes too many", in.left()));
  return from_trees(std::move(trees), features);
}

}  // namespace sosie::forest
