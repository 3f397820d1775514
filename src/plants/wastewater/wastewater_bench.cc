#include <benchmark/benchmark.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "simulation/plant.h"

namespace sosie {

void register_plants_wastewater(Catalog& catalog);

namespace {

class NoLabels final : public LabelSink {
 public:
  void label(const Label&) override {}
};

std::unique_ptr<Plant> station() {
  Catalog catalog;
  register_plants_wastewater(catalog);
  auto section = Section::read_text("kind = \"wastewater\"\nsensors = \"" SOSIE_ROOT
                                    "/scenarios/traffeyere/sensors.csv\"\n");
  if (!section) return nullptr;
  auto made = catalog.make<Plant>(*section);
  if (!made) return nullptr;
  (*made)->start(*from_iso8601("2026-05-05T00:00:00Z"), 42);
  return std::move(made).value();
}

/// Budget: 10 µs a step of all 127 sensors, so that a day is lived in less than 0.2 s.
void wastewater_step(benchmark::State& state) {
  const auto plant = station();
  std::vector<PlantValue> values(plant->sensor_count());
  NoLabels labels;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(plant->step(values, labels));
}
BENCHMARK(wastewater_step);

/// Budget: 40 s, 6.3 million steps of 127 sensors.
void wastewater_year(benchmark::State& state) {
  const auto plant = station();
  std::vector<PlantValue> values(plant->sensor_count());
  NoLabels labels;
  constexpr int steps = 365 * 17280;
  for ([[maybe_unused]] auto _ : state) {
    for (int i = 0; i < steps; ++i) benchmark::DoNotOptimize(plant->step(values, labels));
  }
}
BENCHMARK(wastewater_year)->Iterations(1)->Unit(benchmark::kSecond);

void wastewater_save(benchmark::State& state) {
  const auto plant = station();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(plant->save().size());
}
BENCHMARK(wastewater_save);

}  // namespace
}  // namespace sosie
