#include <benchmark/benchmark.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "simulation/plant.h"

namespace sosie {

void register_plants_fleet(Catalog& catalog);

namespace {

class NoLabels final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

/// Budget: 1 µs a device and step.
void fleet_step(benchmark::State& state) {
  Catalog catalog;
  register_plants_fleet(catalog);
  auto section = Section::read_text("kind = \"fleet\"\nroads = \"" SOSIE_ROOT
                                    "/scenarios/fleet/data/roads.geojson\"\ndevices = " +
                                    std::to_string(state.range(0)) + "\n");
  if (!section) return state.SkipWithError("no section");
  auto plant = catalog.make<Plant>(*section);
  if (!plant) return state.SkipWithError("no plant");
  (*plant)->start(*from_iso8601("2026-06-10T08:00:00Z"), 42);
  std::vector<PlantValue> values((*plant)->sensor_count());
  NoLabels labels;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize((*plant)->step(values, labels));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(fleet_step)->Arg(1)->Arg(1000)->Arg(100000)->Arg(1000000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sosie
