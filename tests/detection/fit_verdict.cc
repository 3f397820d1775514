// Learns what causes look like from outputs of `measure --clues`, checks it, and writes the model
// that is part of the program, with its card. tests/detection/refit_verdict runs all of it.
//
//   fit_verdict --out FILE.toml --card FILE.md [--name TEXT] LEARN... [--check FILE...]
//
// Gradient-boosted trees, one softmax over the five kinds and "unknown" (a finding on no label);
// Friedman: Greedy Function Approximation, Annals of Statistics 29, 2001. Of each finding counts
// what was known when it opened, while it lasted and when it closed. How good it is is found by
// leaving a fifth of the files out, five times, and on the files to check, which nothing is learned
// from. --check also says what telling only of what is likely enough to have a cause would give
// ([diagnosis] least_chance): events found, and false findings a day. Deterministic.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/random.h"
#include "base/text.h"
#include "diagnosis/verdict.h"
#include "diagnosis/verdict_model.h"

namespace {

using namespace sosie;
using namespace sosie::diagnosis;

constexpr std::size_t rounds = 150;
constexpr std::size_t depth = 4;
constexpr double rate = 0.1;
constexpr double ridge = 2;
constexpr double least_weight = 3;  // of a leaf, as a sum of second derivatives
constexpr double rows_drawn = 0.7;
constexpr double clues_drawn = 0.5;
constexpr std::size_t bins = 32;
constexpr std::size_t folds = 5;
constexpr std::size_t most_between = 4;
constexpr double least = 0.25;
constexpr std::size_t splits_of_tree = (1U << depth) - 1;
constexpr std::size_t leaves_of_tree = 1U << depth;

/// What was known of a finding at one instant.
struct Sample {
  Clues clues{};
  std::size_t truth = 0;
  double weight = 1;
  std::size_t file = 0;
  bool is_last = false;
};

std::optional<Clues> clues_in(std::string_view text) {
  Clues clues{};
  std::size_t count = 0;
  for (const auto part : split(text, ' ')) {
    const auto number = to_number(part);
    if (!number || count == clue_count) return std::nullopt;
    clues.at(count++) = *number;
  }
  return count == clue_count ? std::optional(clues) : std::nullopt;
}

/// The first, the last, and a few between: together one finding.
void add_finding(const std::vector<Clues>& told, std::size_t truth, std::size_t file,
                 std::vector<Sample>& to) {
  std::vector<std::size_t> which{0};
  const auto last = told.size() - 1;
  for (std::size_t i = 1; i <= most_between; ++i) {
    const auto at = i * last / (most_between + 1);
    if (at > which.back() && at < last) which.push_back(at);
  }
  if (last > 0) which.push_back(last);
  const double others = static_cast<double>(which.size() - 1);
  for (const auto at : which) {
    const bool is_last = at == last;
    const double weight = others == 0 ? 1 : is_last ? 0.5 : 0.5 / others;
    to.push_back({told[at], truth, weight, file, is_last});
  }
}

std::vector<Sample> read(const std::string& path, std::size_t file) {
  std::map<std::string, std::vector<Clues>> told;
  std::vector<Sample> samples;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto mark = line.find(": clues ");
    const auto head = line.find("finding ");
    if (mark != std::string::npos && head < mark) {
      const auto clues = clues_in(std::string_view(line).substr(mark + 8));
      if (clues) told[line.substr(head + 8, mark - head - 8)].push_back(*clues);
    } else if (line.starts_with("truth ")) {
      const auto words = split(line, ' ');
      const auto found = told.find(std::string(words[1]));
      const auto kind = kind_from_text(words[2]);
      if (found == told.end() || !kind) continue;
      add_finding(found->second, static_cast<std::size_t>(*kind), file, samples);
    }
  }
  return samples;
}

/// What a run found, and what that was worth.
struct Life {
  double days = 0;
  std::map<std::string, std::vector<Clues>> told;
  std::vector<std::vector<std::string>> events;  ///< the findings that found each
  std::vector<std::string> wrong;                ///< the findings on no label
};

void read_told(const std::string& line, Life& life) {
  const auto words = split(line, ' ');
  if (words.size() >= 2 && words[0] == "event") {
    auto& by = life.events.emplace_back();
    for (std::size_t i = 2; i < words.size(); ++i) by.emplace_back(words[i]);
  } else if (words.size() == 3 && words[0] == "told" && words[2] == "false") {
    life.wrong.emplace_back(words[1]);
  } else if (words.size() > 6 && words[0] == "seed" && words[5] == "look") {
    life.days = to_number(words[6]).value_or(0);
  }
}

Life read_life(const std::string& path) {
  Life life;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto mark = line.find(": clues ");
    const auto head = line.find("finding ");
    if (mark == std::string::npos || head >= mark) {
      read_told(line, life);
      continue;
    }
    const auto clues = clues_in(std::string_view(line).substr(mark + 8));
    if (clues) life.told[line.substr(head + 8, mark - head - 8)].push_back(*clues);
  }
  return life;
}

/// Clues by the bin of the learning rows' quantiles that they lie in.
class Binned {
 public:
  explicit Binned(const std::vector<Sample>& samples) : rows_(samples.size()) {
    bin_.resize(rows_ * clue_count);
    std::vector<double> values(rows_);
    for (std::size_t c = 0; c < clue_count; ++c) {
      for (std::size_t r = 0; r < rows_; ++r) values[r] = samples[r].clues.at(c);
      auto& edges = edges_.at(c);
      std::ranges::sort(values);
      for (std::size_t b = 1; b < bins; ++b) {
        const double edge = values[b * (rows_ - 1) / bins];
        if (edges.empty() || edge > edges.back()) edges.push_back(edge);
      }
      // The lowest value alone is worth an edge: most clues are mostly 0.
      if (edges.empty() || edges.front() > values.front()) {
        edges.insert(edges.begin(), values.front());
      }
      for (std::size_t r = 0; r < rows_; ++r) {
        const auto above = std::ranges::lower_bound(edges, samples[r].clues.at(c));
        bin_[r * clue_count + c] = static_cast<std::uint8_t>(above - edges.begin());
      }
    }
  }
  std::uint8_t at(std::size_t row, std::size_t clue) const { return bin_[row * clue_count + clue]; }
  const std::vector<double>& edges(std::size_t clue) const { return edges_.at(clue); }

 private:
  std::size_t rows_;
  std::vector<std::uint8_t> bin_;
  std::array<std::vector<double>, clue_count> edges_;
};

struct Tree {
  std::array<std::size_t, splits_of_tree> clue{};
  std::array<double, splits_of_tree> above{};
  std::array<double, leaves_of_tree> leaf{};

  Tree() { above.fill(9); }  // no clue is as much: left

  double points(const Clues& clues) const {
    std::size_t node = 0;
    while (node < splits_of_tree) {
      node = 2 * node + (clues.at(clue.at(node)) > above.at(node) ? 2 : 1);
    }
    return leaf.at(node - splits_of_tree);
  }
};

using Points = std::array<double, kind_count>;

struct Model {
  Points start{};
  std::array<std::vector<Tree>, kind_count> trees;

  Points points(const Clues& clues) const {
    Points all = start;
    for (std::size_t k = 0; k < kind_count; ++k) {
      for (const auto& tree : trees.at(k)) all.at(k) += tree.points(clues);
    }
    return all;
  }
};

/// Grows one tree on slopes and bends of the loss.
class Grower {
 public:
  Grower(const Binned& binned, const std::vector<double>& slope, const std::vector<double>& bend)
      : binned_(binned), slope_(slope), bend_(bend) {}

  Tree grow(std::vector<std::uint32_t> rows, const std::vector<std::size_t>& clues) {
    clues_ = &clues;
    tree_ = {};
    divide(0, std::move(rows));
    return tree_;
  }

 private:
  struct Sum {
    double slope = 0;
    double bend = 0;
    double worth() const { return slope * slope / (bend + ridge); }
  };
  struct Cut {
    double gain = 1e-3;
    std::size_t clue = 0;
    std::size_t bin = 0;
    bool is_any = false;
  };

  void divide(std::size_t node, std::vector<std::uint32_t> rows) {
    if (node >= splits_of_tree) {
      Sum sum;
      for (const auto r : rows) add(sum, r);
      tree_.leaf.at(node - splits_of_tree) = -rate * sum.slope / (sum.bend + ridge);
      return;
    }
    const Cut cut = best(rows);
    std::vector<std::uint32_t> right;
    if (cut.is_any) {
      tree_.clue.at(node) = cut.clue;
      tree_.above.at(node) = binned_.edges(cut.clue)[cut.bin];
      const auto middle = std::stable_partition(rows.begin(), rows.end(), [&](std::uint32_t r) {
        return binned_.at(r, cut.clue) <= cut.bin;
      });
      right.assign(middle, rows.end());
      rows.erase(middle, rows.end());
    }
    divide(2 * node + 1, std::move(rows));
    divide(2 * node + 2, std::move(right));
  }

  void add(Sum& sum, std::uint32_t row) const {
    sum.slope += slope_[row];
    sum.bend += bend_[row];
  }

  Cut best(const std::vector<std::uint32_t>& rows) const {
    Cut found;
    Sum whole;
    for (const auto r : rows) add(whole, r);
    for (const auto c : *clues_) {
      std::array<Sum, bins + 2> sums{};
      for (const auto r : rows) add(sums.at(binned_.at(r, c)), r);
      Sum left;
      for (std::size_t b = 0; b < binned_.edges(c).size(); ++b) {
        left.slope += sums.at(b).slope;
        left.bend += sums.at(b).bend;
        const Sum right{whole.slope - left.slope, whole.bend - left.bend};
        if (left.bend < least_weight || right.bend < least_weight) continue;
        const double gain = left.worth() + right.worth() - whole.worth();
        if (gain > found.gain) found = {gain, c, b, true};
      }
    }
    return found;
  }

  const Binned& binned_;
  const std::vector<double>& slope_;
  const std::vector<double>& bend_;
  const std::vector<std::size_t>* clues_ = nullptr;
  Tree tree_;
};

Model learn(const std::vector<Sample>& samples) {
  Model model;
  const auto n = samples.size();
  Points weight{};
  for (const auto& s : samples) weight.at(s.truth) += s.weight;
  for (std::size_t k = 0; k < kind_count; ++k) model.start.at(k) = std::log(weight.at(k) + 1);
  const Binned binned(samples);
  std::vector<Points> points(n, model.start);
  std::vector<double> slope(n);
  std::vector<double> bend(n);
  std::vector<std::uint32_t> rows;
  std::vector<std::size_t> clues(clue_count);
  std::iota(clues.begin(), clues.end(), 0U);
  Random random(1);
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<Points> chances(n);
    for (std::size_t r = 0; r < n; ++r) chances[r] = softmax(points[r]);
    rows.clear();
    for (std::uint32_t r = 0; r < n; ++r) {
      if (random.uniform() < rows_drawn) rows.push_back(r);
    }
    for (std::size_t k = 0; k < kind_count; ++k) {
      for (std::size_t r = 0; r < n; ++r) {
        const double p = chances[r].at(k);
        slope[r] = samples[r].weight * (p - (samples[r].truth == k ? 1 : 0));
        bend[r] = samples[r].weight * std::max(1e-4, p * (1 - p));
      }
      for (std::size_t i = clue_count; i > 1; --i) {
        std::swap(clues[i - 1], clues[random.below(i)]);
      }
      const std::vector<std::size_t> drawn(
          clues.begin(), clues.begin() + static_cast<std::ptrdiff_t>(clues_drawn * clue_count));
      model.trees.at(k).push_back(Grower(binned, slope, bend).grow(rows, drawn));
      for (std::size_t r = 0; r < n; ++r) {
        points[r].at(k) += model.trees.at(k).back().points(samples[r].clues);
      }
    }
  }
  return model;
}

/// As verdict.cc names it.
std::size_t said_by(const Points& chances) {
  const auto best = static_cast<std::size_t>(std::max_element(chances.begin(), chances.end() - 1) -
                                             chances.begin());
  return chances.at(best) < least ? kind_count - 1 : best;
}

/// Figures of findings as they ended.
class Check {
 public:
  void add(const Sample& sample, const Points& chances) {
    if (!sample.is_last) return;
    const auto said = said_by(chances);
    ++counts_.at(sample.truth).at(said);
    if (said == kind_count - 1) return;
    auto& bin = bins_.at(std::min<std::size_t>(static_cast<std::size_t>(chances.at(said) * 5), 4));
    bin[0] += 1;
    bin[1] += said == sample.truth ? 1 : 0;
    bin[2] += chances.at(said);
  }

  double macro_f1() const {
    double sum = 0;
    for (std::size_t k = 0; k + 1 < kind_count; ++k) {
      double there = 0;
      double claimed = 0;
      for (std::size_t j = 0; j < kind_count; ++j) there += counts_.at(k).at(j);
      for (std::size_t j = 0; j + 1 < kind_count; ++j) claimed += counts_.at(j).at(k);
      sum += there + claimed > 0 ? 2 * counts_.at(k).at(k) / (there + claimed) : 0;
    }
    return sum / static_cast<double>(kind_count - 1);
  }

  std::string text(std::string_view what) const {
    auto text = fmt::format("{}: macro-F1 of the five kinds {:.3f}\n\n", what, macro_f1());
    text +=
        "| true kind, of a finding at its end | failure | drift | peak | malfunction | attack | "
        "unknown |\n|---|---|---|---|---|---|---|\n";
    for (std::size_t k = 0; k < kind_count; ++k) {
      const auto name = k + 1 == kind_count ? std::string("none: a false finding")
                                            : name_of(static_cast<Kind>(k)).en;
      text += fmt::format("| {} | {} |\n", name, fmt::join(counts_.at(k), " | "));
    }
    text += "\n| confidence | findings | mean confidence | right |\n|---|---|---|---|\n";
    for (std::size_t b = 0; b < bins_.size(); ++b) {
      const auto& bin = bins_.at(b);
      if (bin[0] == 0) continue;
      text +=
          fmt::format("| {:.1f} to {:.1f} | {} | {:.2f} | {:.2f} |\n", static_cast<double>(b) / 5,
                      static_cast<double>(b + 1) / 5, bin[0], bin[2] / bin[0], bin[1] / bin[0]);
    }
    return text;
  }

 private:
  std::array<std::array<double, kind_count>, kind_count> counts_{};
  std::array<std::array<double, 3>, 5> bins_{};  ///< findings, right, sum of confidence
};

Check cross_check(const std::vector<Sample>& samples) {
  Check check;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<Sample> others;
    for (const auto& s : samples) {
      if (s.file % folds != fold) others.push_back(s);
    }
    const Model model = learn(others);
    for (const auto& s : samples) {
      if (s.file % folds == fold) check.add(s, softmax(model.points(s.clues)));
    }
  }
  return check;
}

/// Points of clues that the simulated plant's detectors never say, set by people.
std::string by_hand(const std::vector<Sample>& samples) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> points{
      {{"limit", "0, 0, 0.5, 0.5, 0, 0"},
       {"deviation", "0, 0.3, 0.8, 0.4, 0.2, 0"},
       {"command", "0, -0.5, -0.5, 2.5, 0.8, 0"}}};
  std::string text = "\n[by_hand]  # of what the simulated plant's detectors never say\n";
  for (const auto& [clue, worth] : points) {
    const auto at =
        static_cast<std::size_t>(std::ranges::find(clue_names(), clue) - clue_names().begin());
    const auto is_said = [&](const Sample& sample) { return sample.clues.at(at) > 0; };
    if (std::ranges::any_of(samples, is_said)) continue;
    text += fmt::format("{} = [{}]\n", clue, worth);
  }
  return text;
}

std::string file_of(const Model& model, const std::vector<Sample>& samples, std::string_view name) {
  std::string text =
      "# What causes look like: gradient-boosted trees, learned from simulated faults by\n"
      "# tests/detection/refit_verdict. docs/verdict-model.md is its card and says how this "
      "reads.\n";
  std::vector<std::string> quoted;
  quoted.reserve(clue_count);
  for (const auto clue : clue_names()) quoted.push_back(fmt::format("\"{}\"", clue));
  text += fmt::format("format = {}\nname = \"{}\"\nleast = {}\nclues = [{}]\nstart = [{:.3f}]\n",
                      VerdictModel::format, name, least, fmt::join(quoted, ", "),
                      fmt::join(model.start, ", "));
  text += by_hand(samples) + "\n[trees]\n";
  for (std::size_t k = 0; k < kind_count; ++k) {
    text += fmt::format("{} = [\n", to_text(static_cast<Kind>(k)));
    for (const auto& tree : model.trees.at(k)) {
      text += "[";
      for (std::size_t i = 0; i < splits_of_tree; ++i) {
        text += fmt::format("{},{:.4g},", tree.clue.at(i), tree.above.at(i));
      }
      text += fmt::format("{:.3g}],\n", fmt::join(tree.leaf, ","));
    }
    text += "]\n";
  }
  return text;
}

struct Call {
  std::string out;
  std::string card;
  std::string name = "a model";
  std::vector<std::string> learn;
  std::vector<std::string> check;
};

Call read_call(int count, char** arguments) {
  Call call;
  auto* list = &call.learn;
  for (int i = 1; i < count; ++i) {
    const std::string_view key = arguments[i];
    if (key == "--check") {
      list = &call.check;
    } else if (key.starts_with("--") && i + 1 < count) {
      (key == "--out" ? call.out : key == "--card" ? call.card : call.name) = arguments[++i];
    } else {
      list->emplace_back(key);
    }
  }
  return call;
}

std::vector<Sample> read_all(const std::vector<std::string>& files) {
  std::vector<Sample> all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto some = read(files[i], i);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// What there is for telling only of what is likely to have a cause. A finding is told once it was
/// likely enough in one of its states, of which the one at its end does not count, as it is over.
std::string trade_of(const VerdictModel& model, const std::vector<std::string>& files) {
  constexpr int steps = 20;
  std::array<double, steps> found{};
  std::array<double, steps> wrong{};
  double events = 0;
  double days = 0;
  for (const auto& file : files) {
    const Life life = read_life(file);
    std::map<std::string, double> likely;
    for (const auto& [id, states] : life.told) {
      for (std::size_t i = 0; i < std::max<std::size_t>(1, states.size() - 1); ++i) {
        likely[id] = std::max(likely[id], 1 - model.chances(states[i]).back());
      }
    }
    events += static_cast<double>(life.events.size());
    days += life.days;
    for (int step = 0; step < steps; ++step) {
      const double least_chance = static_cast<double>(step) / steps;
      const auto is_told = [&](const std::string& id) { return likely[id] >= least_chance; };
      for (const auto& by : life.events) {
        found.at(static_cast<std::size_t>(step)) += std::ranges::any_of(by, is_told) ? 1 : 0;
      }
      wrong.at(static_cast<std::size_t>(step)) +=
          static_cast<double>(std::ranges::count_if(life.wrong, is_told));
    }
  }
  std::string text = "\n| least chance | events found | false a day |\n|---|---|---|\n";
  for (std::size_t step = 0; step < steps; ++step) {
    text +=
        fmt::format("| {:.2f} | {:.3f} | {:.2f} |\n", static_cast<double>(step) / steps,
                    found.at(step) / std::max(1.0, events), wrong.at(step) / std::max(1e-9, days));
  }
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  const Call call = read_call(count, arguments);
  const auto samples = read_all(call.learn);
  if (samples.empty()) {
    fmt::print(stderr, "fit_verdict: no finding to learn from; files must be of measure --clues\n");
    return 2;
  }
  const auto findings = std::ranges::count_if(samples, &Sample::is_last);
  std::string card = fmt::format("{} findings of {} runs, {} states of them.\n\n", findings,
                                 call.learn.size(), samples.size());
  card += cross_check(samples).text("A fifth of the runs left out, five times");
  const auto text = file_of(learn(samples), samples, call.name);
  const auto model = VerdictModel::read_text(text, "the new model");
  if (!model) {
    fmt::print(stderr, "fit_verdict: {}\n", model.error().what);
    return 1;
  }
  if (!call.check.empty()) {
    Check check;
    for (const auto& s : read_all(call.check)) check.add(s, model->chances(s.clues));
    card += "\n" + check.text("Runs of other seeds, sizes and onsets");
    for (const auto& [part, title] : {std::pair("ordered", "Faults ordered in turn there"),
                                      std::pair("chance", "Faults by chance there"),
                                      std::pair("quiet", "Nothing but weather there")}) {
      std::vector<std::string> files;
      for (const auto& file : call.check) {
        if (file.find(part) != std::string::npos) files.push_back(file);
      }
      if (files.empty()) continue;
      card += fmt::format("\n{}, if only what is likely to have a cause is told:\n", title);
      card += trade_of(*model, files);
    }
  }
  if (!call.out.empty()) std::ofstream(call.out) << text;
  if (!call.card.empty()) std::ofstream(call.card) << card;
  fmt::print("{}", card);
}
