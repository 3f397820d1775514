#include "detectors/forest/isolation_forest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "detectors/forest/golden/forest_text.h"
#include "detectors/forest/tree_shap.h"

namespace sosie::forest {
namespace {

struct Cloud {
  std::vector<float> cells;
  std::size_t width;
  Table table() const { return {.cells = cells, .width = width}; }
};

/// Rows of values that share a driver.
Cloud cloud(std::size_t rows, std::size_t width, std::uint64_t seed = 1) {
  Random random(seed);
  Cloud made{.cells = {}, .width = width};
  for (std::size_t i = 0; i < rows; ++i) {
    const double driver = random.normal();
    for (std::size_t j = 0; j < width; ++j) {
      made.cells.push_back(static_cast<float>(driver + 0.5 * random.normal()));
    }
  }
  return made;
}

IsolationForest trained(const Cloud& rows, IsolationForest::Plan plan = {},
                        std::uint64_t seed = 7) {
  auto forest = IsolationForest::train(rows.table(), plan, Random(seed));
  REQUIRE(forest);
  return *forest;
}

/// The path length as the paper has it: walk each tree.
double walked(const IsolationForest& forest, std::span<const float> row) {
  double sum = 0;
  for (const Tree& tree : forest.trees()) {
    std::size_t at = 0;
    for (; !tree[at].is_leaf(); sum += 1) {
      at = row[tree[at].feature] <= tree[at].threshold ? tree[at].left : tree[at].right();
    }
    sum += average_path_length(tree[at].samples);
  }
  return sum / static_cast<double>(forest.trees().size());
}

TEST_CASE("forest: agrees with scikit-learn and shap on a forest of theirs") {
  const ForestText text =
      ForestTextReader(SOSIE_ROOT "/src/detectors/forest/golden/sklearn_forest.txt").read();
  REQUIRE(text.rows.size() == 60);
  REQUIRE(text.features == 40);
  const auto forest = IsolationForest::from_trees(text.trees, text.features);
  REQUIRE(forest);
  CHECK(forest->trees().size() == 50);
  CHECK(forest->samples() == 256);
  TreeShap shap(*forest);
  std::vector<double> parts(text.features);
  double score_off = 0;
  double part_off = 0;
  for (const auto& row : text.rows) {
    score_off = std::max(score_off, std::abs(forest->score_samples(row.values) - row.score));
    shap.explain(row.values, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      part_off = std::max(part_off, std::abs(parts[i] - row.parts[i]));
    }
  }
  CHECK(score_off < 1e-6);
  CHECK(part_off < 1e-6);
}

TEST_CASE("forest: the same rows and seed give the same forest, bit for bit") {
  const Cloud rows = cloud(500, 12);
  for (const double gaps : {0.0, 0.5, 1.0}) {
    CAPTURE(gaps);
    CHECK(trained(rows, {.gaps = gaps}).to_bytes() == trained(rows, {.gaps = gaps}).to_bytes());
    CHECK(trained(rows, {.gaps = gaps}, 8).to_bytes() != trained(rows, {.gaps = gaps}).to_bytes());
  }
}

TEST_CASE("forest: the full trees say what the trees say, also with odd numbers of trees") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const Cloud rows = cloud(600, 9);
  const Cloud others = cloud(50, 9, 2);
  for (const std::uint32_t trees : {1U, 9U, 10U, 37U, 50U}) {
    CAPTURE(trees);
    const auto forest = trained(rows, {.trees = trees});
    for (std::size_t i = 0; i < 50; ++i) {
      std::vector<float> row(others.table().row(i).begin(), others.table().row(i).end());
      if (i % 5 == 1) row[i % 9] = infinity;
      if (i % 5 == 2) row[i % 9] = -infinity;
      if (i % 5 == 3) row[i % 9] = std::numeric_limits<float>::quiet_NaN();
      CHECK(forest.path_length(row) == doctest::Approx(walked(forest, row)).epsilon(1e-7));
    }
  }
}

TEST_CASE("forest: Shapley values add up to the path's length less its mean") {
  struct Case {
    std::size_t rows = 0;
    std::size_t width = 0;
    IsolationForest::Plan plan;
  };
  // Few features: every path asks of the same ones again and again.
  const Case cases[] = {{300, 1, {}},
                        {300, 2, {}},
                        {1000, 5, {.trees = 20}},
                        {1000, 40, {}},
                        {2000, 254, {.gaps = 1}},
                        {30, 3, {.trees = 5, .samples = 16}},
                        {2, 1, {.trees = 3}}};
  for (const Case& c : cases) {
    CAPTURE(c.width);
    const Cloud rows = cloud(c.rows, c.width);
    const Cloud others = cloud(100, c.width, 3);
    const auto forest = trained(rows, c.plan);
    TreeShap shap(forest);
    std::vector<double> parts(c.width);
    for (std::size_t i = 0; i < 100; ++i) {
      const auto row = others.table().row(i);
      shap.explain(row, parts);
      double sum = shap.expected();
      for (const double part : parts) sum += part;
      CHECK(sum == doctest::Approx(walked(forest, row)).epsilon(1e-9));
    }
  }
}

TEST_CASE("forest: Shapley values are those of the definition") {
  // Three features: v(S) follows the row's way at splits of S, and all ways, by their samples,
  // elsewhere; a feature's value is its mean gain over the orders in which features may join.
  const Cloud rows = cloud(200, 3);
  const auto forest = trained(rows, {.trees = 4, .samples = 64});
  TreeShap shap(forest);
  const auto known = [&](std::span<const float> row, unsigned features) {
    const auto walk = [&](const auto& self, const Tree& tree, std::size_t at, int depth) -> double {
      const TreeNode& node = tree[at];
      if (node.is_leaf()) return depth + average_path_length(node.samples);
      const double left = self(self, tree, node.left, depth + 1);
      const double right = self(self, tree, node.right(), depth + 1);
      if ((features >> node.feature & 1U) != 0) {
        return row[node.feature] <= node.threshold ? left : right;
      }
      return (left * tree[node.left].samples + right * tree[node.right()].samples) / node.samples;
    };
    double sum = 0;
    for (const Tree& tree : forest.trees()) sum += walk(walk, tree, 0, 0);
    return sum / 4;
  };
  std::vector<double> parts(3);
  for (std::size_t i = 0; i < 30; ++i) {
    const auto row = rows.table().row(i);
    shap.explain(row, parts);
    for (unsigned f = 0; f < 3; ++f) {
      const unsigned a = 1U << (f + 1) % 3;
      const unsigned b = 1U << (f + 2) % 3;
      const auto gain = [&](unsigned with) {
        return known(row, with | 1U << f) - known(row, with);
      };
      const double expected = gain(0) / 3 + gain(a) / 6 + gain(b) / 6 + gain(a | b) / 3;
      CHECK(parts[f] == doctest::Approx(expected).epsilon(1e-9));
    }
  }
}

TEST_CASE("forest: what stands alone is isolated sooner, and its feature's value is negative") {
  const Cloud rows = cloud(2000, 10);
  const auto forest = trained(rows);
  std::vector<float> row(10, 0.0F);
  const double usual = forest.score_samples(row);
  CHECK(usual > -0.5);
  CHECK(forest.decision_function(row) == usual + 0.5);
  row[6] = 5;
  CHECK(forest.score_samples(row) < usual);
  TreeShap shap(forest);
  std::vector<double> parts(10);
  shap.explain(row, parts);
  CHECK(std::min_element(parts.begin(), parts.end()) - parts.begin() == 6);
  CHECK(parts[6] < 0);
}

TEST_CASE("forest: a threshold rounded down lets the same floats pass") {
  Random random(4);
  for (int i = 0; i < 10'000; ++i) {
    const double t = random.normal() * std::exp(20 * random.normal());
    const float kept = float_at_most(t);
    CHECK(kept <= t);
    CHECK(std::nextafter(kept, std::numeric_limits<float>::infinity()) > t);
  }
  CHECK(float_at_most(0.5) == 0.5F);
  CHECK(float_at_most(1e300) == std::numeric_limits<float>::max());
}

TEST_CASE("forest: bytes there and back, and damage told") {
  const auto forest = trained(cloud(400, 6), {.trees = 7});
  const std::string bytes = forest.to_bytes();
  const auto again = IsolationForest::from_bytes(bytes);
  REQUIRE(again);
  CHECK(*again == forest);
  CHECK(again->to_bytes() == bytes);
  for (std::size_t size = 0; size < bytes.size(); size += 13) {
    CHECK_FALSE(IsolationForest::from_bytes(std::string_view(bytes).substr(0, size)));
  }
  CHECK(IsolationForest::from_bytes(bytes + "x").error().what ==
        "isolation forest: 1 bytes too many");
}

TEST_CASE("forest: no tree, no forest") {
  const TreeNode split{.threshold = 1, .feature = 0, .left = 1, .samples = 2};
  const TreeNode leaf{.samples = 1};
  struct Case {
    const char* name;
    Tree tree;
    const char* expected;
  };
  TreeNode far = split;
  far.feature = 3;
  TreeNode astray = split;
  astray.left = 2;
  TreeNode more = split;
  more.samples = 3;
  TreeNode nowhere = split;
  nowhere.threshold = std::numeric_limits<float>::quiet_NaN();
  const Case cases[] = {
      {"empty", {}, "a tree of 0 nodes, expected 1 to 511"},
      {"a feature too far", {far, leaf, leaf}, "feature 3 of 2"},
      {"a child astray", {astray, leaf, leaf, leaf}, "a child out of place"},
      {"its own child", {split, leaf}, "a child out of place"},
      {"counts", {more, leaf, leaf}, "counts that do not add up"},
      {"not a number", {nowhere, leaf, leaf}, "a threshold that is not a number"},
      {"an orphan", {split, leaf, leaf, leaf}, "a node without a parent"},
      {"nobody", {{.samples = 0}}, "a node of no or too many samples"},
      {"alone", {leaf}, "trees of one sample"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto made = IsolationForest::from_trees({c.tree}, 2);
    REQUIRE_FALSE(made);
    CHECK(made.error().what == std::string("isolation forest: ") + c.expected);
  }
  CHECK(IsolationForest::from_trees({{split, leaf, leaf}}, 1));
  CHECK_FALSE(IsolationForest::from_trees({}, 1));
  CHECK_FALSE(IsolationForest::from_trees({{split, leaf, leaf}}, 0));
}

TEST_CASE("forest: a plan out of bounds is told") {
  const Cloud rows = cloud(10, 2);
  CHECK_FALSE(IsolationForest::train(rows.table(), {.trees = 0}, Random(1)));
  CHECK_FALSE(IsolationForest::train(rows.table(), {.samples = 257}, Random(1)));
  CHECK_FALSE(IsolationForest::train({}, {}, Random(1)));
  CHECK(IsolationForest::train(rows.table(), {}, Random(1))->samples() == 10);
}

}  // namespace
}  // namespace sosie::forest
