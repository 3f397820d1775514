#include <benchmark/benchmark.h>

#include "base/random.h"
#include "scoring/stack.h"

namespace sosie::scoring {
namespace {

/// 127 columns of ordinary noise; budget of a look: 30 us.
void stack_look(benchmark::State& state) {
  constexpr std::size_t columns = 127;
  constexpr std::size_t rows = 4000;
  Random random(1);
  Block block{.columns = columns, .cells = {}};
  block.cells.reserve(columns * rows);
  double common = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    common = 0.9 * common + random.normal();
    for (std::size_t c = 0; c < columns; ++c) {
      block.cells.push_back(common * static_cast<double>(c % 5) + random.normal());
    }
  }
  Stack stack(block, 0);
  std::size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(stack.look(block.row(i)));
    i = (i + 1) % rows;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(stack_look);

}  // namespace
}  // namespace sosie::scoring
