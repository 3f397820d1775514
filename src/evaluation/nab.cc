#include "evaluation/nab.h"

#include <cmath>

namespace sosie {
namespace {

/// 1 far before 0, 0 at it, -1 far behind.
double sigmoid(double x) {
  return x > 3 ? -1.0 : 2 / (1 + std::exp(5 * x)) - 1;
}

double length(Run run) {
  return static_cast<double>(run.end - run.begin);
}

double gain(std::size_t row, Run window) {
  return sigmoid(-static_cast<double>(window.end - row) / length(window)) / sigmoid(-1);
}

/// Of a detection behind `before` (none: before all windows).
double loss(std::size_t row, const std::optional<Run>& before) {
  if (!before) return -1;
  const double behind = static_cast<double>(row - (before->end - 1));
  const double width = length(*before) - 1;
  return width > 0 ? sigmoid(behind / width) : -1;
}

}  // namespace

NabScore nab_score(std::span<const std::size_t> detected, std::span<const Run> windows,
                   const NabProfile& profile) {
  const auto count = static_cast<double>(windows.size());
  NabScore score{.nothing = -profile.false_negative * count,
                 .perfect = profile.true_positive * count};
  std::size_t passed = 0;  // windows that end before this row
  std::size_t found = 0;
  bool is_found = false;  // windows[passed]
  for (const auto row : detected) {
    while (passed < windows.size() && windows[passed].end <= row) {
      ++passed;
      is_found = false;
    }
    if (passed < windows.size() && row >= windows[passed].begin) {
      if (is_found) continue;
      is_found = true;
      ++found;
      score.raw += profile.true_positive * gain(row, windows[passed]);
    } else {
      const auto before = passed == 0 ? std::nullopt : std::optional(windows[passed - 1]);
      score.raw += profile.false_positive * loss(row, before);
    }
  }
  score.raw -= profile.false_negative * (count - static_cast<double>(found));
  return score;
}

}  // namespace sosie
