#include "evaluation/runs.h"

#include <algorithm>

namespace sosie {

std::vector<Run> runs_of(std::span<const std::uint8_t> flags) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] == 0) continue;
    if (runs.empty() || runs.back().end != i) runs.push_back({.begin = i, .end = i});
    runs.back().end = i + 1;
  }
  return runs;
}

bool meets(std::span<const Run> runs, Run one) {
  const auto next =
      std::ranges::partition_point(runs, [&](const Run& run) { return run.end <= one.begin; });
  return next != runs.end() && next->begin < one.end;
}

}  // namespace sosie
