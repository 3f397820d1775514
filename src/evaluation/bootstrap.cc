#include "evaluation/bootstrap.h"

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace sosie {

void bootstrap(std::size_t rows, const BootstrapOptions& options,
               const std::function<void(std::span<const double>)>& take) {
  if (rows == 0) return;
  const auto blocks = std::clamp<std::size_t>(options.blocks, 1, rows);
  const auto begin_of = [&](std::size_t block) { return block * rows / blocks; };
  Random random(options.seed);
  std::vector<double> weights(rows);
  std::vector<double> drawn(blocks);
  for (std::size_t draw = 0; draw < options.draws; ++draw) {
    std::ranges::fill(drawn, 0.0);
    for (std::size_t i = 0; i < blocks; ++i) drawn[random.below(blocks)] += 1;
    for (std::size_t b = 0; b < blocks; ++b) {
      std::fill(weights.begin() + static_cast<std::ptrdiff_t>(begin_of(b)),
                weights.begin() + static_cast<std::ptrdiff_t>(begin_of(b + 1)), drawn[b]);
    }
    take(weights);
  }
}

Estimate estimate(double value, std::span<double> drawn) {
  if (drawn.size() < 20) return {.value = value, .low = std::nullopt, .high = std::nullopt};
  std::ranges::sort(drawn);
  const auto cut = drawn.size() / 40;
  return {.value = value, .low = drawn[cut], .high = drawn[drawn.size() - 1 - cut]};
}

}  // namespace sosie
