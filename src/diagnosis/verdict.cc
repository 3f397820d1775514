#include "diagnosis/verdict.h"

#include <algorithm>

namespace sosie::diagnosis {
namespace {

constexpr double certain = 0.99;  ///< of a kind: nobody need think of another

}  // namespace

Verdict judge(const VerdictModel& model, const Clues& clues) {
  const Chances chances = model.chances(clues);
  std::array<std::size_t, kind_count - 1> order{0, 1, 2, 3, 4};
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return chances.at(a) > chances.at(b); });
  const auto best = static_cast<Kind>(order[0]);
  if (chances.at(order[0]) < model.least()) {
    return {.kind = Kind::unknown, .second = best, .confidence = chances.back()};
  }
  Verdict verdict{.kind = best, .second = std::nullopt, .confidence = chances.at(order[0])};
  if (verdict.confidence < certain) verdict.second = static_cast<Kind>(order[1]);
  return verdict;
}

}  // namespace sosie::diagnosis
