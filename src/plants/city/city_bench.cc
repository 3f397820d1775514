#include <benchmark/benchmark.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "simulation/plant.h"

namespace sosie {

void register_plants_city(Catalog& catalog);

namespace {

class NoLabels final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

/// Budget: 0.2 µs an object and step.
void city_step(benchmark::State& state) {
  Catalog catalog;
  register_plants_city(catalog);
  auto section = Section::read_text("kind = \"city\"\ndistricts = \"" SOSIE_ROOT
                                    "/scenarios/toulouse/data/districts.geojson\"\nobjects = " +
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
BENCHMARK(city_step)->Arg(10)->Arg(1000)->Arg(100000)->Arg(1000000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sosie
