#include "diagnosis/verdict_model.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>

#include "base/text.h"

// verdict.toml, put into the program by room.cmake.
extern "C" {
extern const char sosie_verdict_model[];
extern const char sosie_verdict_model_end[];
}

namespace sosie::diagnosis {
namespace {

constexpr std::size_t most_depth = 8;
constexpr std::size_t most_trees = 5000;

std::optional<double> number_of(const Node& node) {
  if (const auto* number = std::get_if<double>(&node.value);
      number != nullptr && std::isfinite(*number)) {
    return *number;
  }
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) {
    return static_cast<double>(*number);
  }
  return std::nullopt;
}

/// A list of finite numbers; none: it is something else.
std::optional<std::vector<double>> numbers_of(const Node& node) {
  const auto* list = std::get_if<Node::List>(&node.value);
  if (list == nullptr) return std::nullopt;
  std::vector<double> numbers;
  numbers.reserve(list->size());
  for (const auto& item : *list) {
    const auto number = number_of(item);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

Chances softmax(Chances points) {
  const double top = *std::ranges::max_element(points);
  double sum = 0;
  for (auto& point : points) sum += point = std::exp(point - top);
  for (auto& point : points) point /= sum;
  return points;
}

/// A model while it is read from its file.
class ModelReading {
 public:
  explicit ModelReading(Section& file) : file_(file) {}

  Result<VerdictModel> read() {
    const auto format = TRY(file_.integer("format", 0));
    if (format != VerdictModel::format) {
      return file_.wrong("format",
                         fmt::format("is {}; this program reads {}", format, VerdictModel::format));
    }
    model_.name_ = TRY(file_.text("name"));
    model_.least_ = TRY(file_.number("least"));
    if (model_.least_ < 0 || model_.least_ >= 1) {
      return file_.wrong("least", "expected a chance from 0 to below 1");
    }
    model_.start_ = TRY(points(file_, "start"));
    TRY(read_clues());
    TRY(read_by_hand());
    TRY(read_trees());
    TRY(file_.finish());
    return std::move(model_);
  }

 private:
  /// A number for each kind.
  static Result<Chances> points(Section& section, std::string_view key) {
    const Node* const node = section.raw(key);
    const auto numbers = node == nullptr ? std::nullopt : numbers_of(*node);
    if (!numbers || numbers->size() != kind_count) {
      return section.wrong(key,
                           fmt::format("expected a list of {} numbers, one a kind", kind_count));
    }
    Chances found{};
    std::ranges::copy(*numbers, found.begin());
    return found;
  }

  Result<void> read_clues() {
    const auto names = TRY(file_.texts("clues"));
    for (const auto& name : names) {
      const auto known = std::ranges::find(clue_names(), std::string_view(name));
      if (known == clue_names().end()) {
        return file_.wrong_name("clues", name, "clues that this program knows", clue_names());
      }
      places_.push_back(static_cast<std::uint8_t>(known - clue_names().begin()));
    }
    return {};
  }

  Result<void> read_by_hand() {
    auto section = TRY(file_.table("by_hand"));
    for (const auto& key : section.keys()) {
      const auto known = std::ranges::find(clue_names(), std::string_view(key));
      if (known == clue_names().end()) {
        return section.wrong_name(key, key, "a clue that this program knows", clue_names());
      }
      const auto worth = TRY(points(section, key));
      model_.by_hand_.emplace_back(static_cast<std::size_t>(known - clue_names().begin()), worth);
    }
    return section.finish();
  }

  Result<void> read_trees() {
    auto section = TRY(file_.table("trees"));
    for (std::size_t k = 0; k < kind_count; ++k) {
      const auto key = to_text(static_cast<Kind>(k));
      const Node* const node = section.raw(key);
      if (node == nullptr) continue;
      const auto* const list = std::get_if<Node::List>(&node->value);
      if (list == nullptr || list->size() > most_trees) {
        return section.wrong(key, fmt::format("expected a list of at most {} trees", most_trees));
      }
      for (std::size_t i = 0; i < list->size(); ++i) {
        if (!add_tree((*list)[i], model_.trees_.at(k))) {
          return section.wrong(
              key, fmt::format("tree {} (line {}): expected splits (a clue's place in `clues`, a "
                               "threshold) and one leaf more, 1, 3, 7 … splits",
                               i + 1, (*list)[i].line));
        }
      }
    }
    return section.finish();
  }

  /// Numbers are clue, threshold for each split, then the leaves: 3 n + 1 for n splits. False: they
  /// are not.
  bool add_tree(const Node& node, VerdictModel::Trees& trees) const {
    const auto numbers = numbers_of(node);
    if (!numbers || numbers->size() % 3 != 1) return false;
    const auto count = numbers->size() / 3;
    const bool is_complete = (count & (count + 1)) == 0 && count < (1U << most_depth);
    if (!is_complete) return false;
    for (std::size_t i = 0; i < count; ++i) {
      const double place = (*numbers)[2 * i];
      const bool is_place =
          place >= 0 && place < static_cast<double>(places_.size()) && place == std::floor(place);
      if (!is_place) return false;
      trees.clues.push_back(places_[static_cast<std::size_t>(place)]);
      trees.above.push_back((*numbers)[2 * i + 1]);
    }
    trees.leaves.insert(trees.leaves.end(),
                        numbers->begin() + static_cast<std::ptrdiff_t>(2 * count), numbers->end());
    trees.sizes.push_back(static_cast<std::uint8_t>(count));
    return true;
  }

  Section& file_;
  VerdictModel model_;
  std::vector<std::uint8_t> places_;  ///< of the file's clues, among those known here
};

Result<VerdictModel> VerdictModel::read(Section& file) {
  return ModelReading(file).read();
}

Result<VerdictModel> VerdictModel::read_text(std::string_view text, std::string_view name) {
  auto file = TRY(Section::read_text(text, name));
  return read(file);
}

Result<VerdictModel> VerdictModel::read_file(const std::string& path) {
  auto file = TRY(Section::read_file(path));
  return read(file);
}

const VerdictModel& VerdictModel::built_in() {
  static const VerdictModel model = [] {
    auto read = read_text({sosie_verdict_model, sosie_verdict_model_end}, "verdict.toml");
    assert(read);  // the build put it in, and a test reads it
    return std::move(read).value();
  }();
  return model;
}

double VerdictModel::Trees::points(const Clues& seen) const {
  double sum = 0;
  const double* limit = above.data();
  const std::uint8_t* clue = clues.data();
  const double* leaf = leaves.data();
  for (const std::size_t size : sizes) {
    std::size_t node = 0;
    while (node < size) {  // no branch on the clue: which way it goes cannot be foretold
      node = 2 * node + 1 + static_cast<std::size_t>(seen.at(clue[node]) > limit[node]);
    }
    sum += leaf[node - size];
    limit += size;
    clue += size;
    leaf += size + 1;
  }
  return sum;
}

Chances VerdictModel::chances_before() const {
  return softmax(start_);
}

Chances VerdictModel::chances(const Clues& clues) const {
  Chances points = start_;
  for (const auto& [clue, worth] : by_hand_) {
    for (std::size_t k = 0; k < kind_count; ++k) points.at(k) += clues.at(clue) * worth.at(k);
  }
  for (std::size_t k = 0; k < kind_count; ++k) points.at(k) += trees_.at(k).points(clues);
  return softmax(points);
}

}  // namespace sosie::diagnosis
