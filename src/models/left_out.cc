#include "models/left_out.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sosie::models {

std::vector<Doubtful> joined(std::vector<Doubtful> stretches) {
  std::ranges::sort(stretches, {},
                    [](const Doubtful& one) { return std::tuple(one.column, one.from, one.to); });
  std::vector<Doubtful> kept;
  kept.reserve(stretches.size());
  for (const auto& one : stretches) {
    const bool goes_on =
        !kept.empty() && kept.back().column == one.column && kept.back().to >= one.from;
    if (goes_on) {
      kept.back().to = std::max(kept.back().to, one.to);
    } else {
      kept.push_back(one);
    }
  }
  return kept;
}

LeftOut left_out(std::vector<Doubtful> stretches, const std::vector<Doubt>& doubts) {
  LeftOut made;
  Doubt all;
  for (std::size_t i = 0; i < doubts.size(); ++i) {
    all.values += doubts[i].values;
    if (doubts[i].share() > LeftOut::most_of_one) {
      made.ways_of_life.push_back(i);
    } else {
      all.doubtful += doubts[i].doubtful;
    }
  }
  made.share = all.share();
  made.is_life = made.share > LeftOut::most_of_all;
  if (made.is_life) return made;
  std::erase_if(stretches, [&](const Doubtful& one) {
    return std::ranges::find(made.ways_of_life, one.column) != made.ways_of_life.end();
  });
  made.stretches = std::move(stretches);
  return made;
}

}  // namespace sosie::models
