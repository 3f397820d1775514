#pragma once

#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "detectors/forest/isolation_forest.h"

namespace sosie::forest {

/// A forest, and what another program said of some rows, as a text that Python and C++ both read:
///
///     forest <features> <trees>
///     tree <nodes>                    breadth first
///     <feature> <threshold>             a split
///     - <samples>                       a leaf
///     row <score_samples>
///     <a value a feature>
///     <a Shapley value a feature>
struct ForestText {
  struct Row {
    double score = 0;
    std::vector<float> values;
    std::vector<double> parts;
  };
  std::uint32_t features = 0;
  std::vector<Tree> trees;
  std::vector<Row> rows;
};

inline std::string to_text(const IsolationForest& forest) {
  std::string text = fmt::format("forest {} {}\n", forest.features(), forest.trees().size());
  for (const Tree& tree : forest.trees()) {
    text += fmt::format("tree {}\n", tree.size());
    for (const TreeNode& node : tree) {
      text += node.is_leaf() ? fmt::format("- {}\n", node.samples)
                             : fmt::format("{} {}\n", node.feature, node.threshold);
    }
  }
  return text;
}

inline std::string to_text(const ForestText::Row& row) {
  return fmt::format("row {}\n{}\n{}\n", row.score, fmt::join(row.values, " "),
                     fmt::join(row.parts, " "));
}

/// Reads a file that a program of ours wrote: whatever is wrong with it is the test's to find.
class ForestTextReader {
 public:
  explicit ForestTextReader(const std::string& path)
      : file_(path), words_((std::istreambuf_iterator<char>(file_)), {}) {}

  ForestText read() {
    ForestText read;
    word();
    read.features = count();
    read.trees.resize(count());
    for (Tree& tree : read.trees) tree = read_tree();
    while (word() == "row") read.rows.push_back(read_row(read.features));
    return read;
  }

 private:
  std::string_view word() {
    const auto begin = words_.find_first_not_of(" \n", at_);
    if (begin == std::string::npos) return {};
    at_ = words_.find_first_of(" \n", begin);
    return std::string_view(words_).substr(begin, at_ - begin);
  }
  double number() { return to_number(word()).value_or(0); }
  std::uint32_t count() { return static_cast<std::uint32_t>(number()); }

  Tree read_tree() {
    word();
    Tree tree(count());
    std::uint16_t next_child = 1;
    for (TreeNode& node : tree) {
      const auto feature = word();
      if (feature == "-") {
        node.samples = static_cast<std::uint16_t>(count());
        continue;
      }
      node.feature = static_cast<std::uint16_t>(to_integer(feature).value_or(no_feature));
      node.threshold = float_at_most(number());
      node.left = next_child;
      next_child = static_cast<std::uint16_t>(next_child + 2);
    }
    for (std::size_t i = tree.size(); i-- > 0;) {
      if (tree[i].is_leaf()) continue;
      tree[i].samples =
          static_cast<std::uint16_t>(tree[tree[i].left].samples + tree[tree[i].right()].samples);
    }
    return tree;
  }

  ForestText::Row read_row(std::uint32_t features) {
    ForestText::Row row{.score = number(), .values = {}, .parts = {}};
    for (std::uint32_t i = 0; i < features; ++i) {
      row.values.push_back(static_cast<float>(number()));
    }
    for (std::uint32_t i = 0; i < features; ++i) row.parts.push_back(number());
    return row;
  }

  std::ifstream file_;
  std::string words_;
  std::size_t at_ = 0;
};

}  // namespace sosie::forest
