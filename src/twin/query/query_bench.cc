#include <string>

#include <benchmark/benchmark.h>

#include "twin/query/filter.h"
#include "twin/query/geo.h"

namespace sosie::ngsi {
namespace {

Entity a_room() {
  Entity room{.id = "Room1", .type = "Room", .service_path = "/"};
  room.attributes.push_back({"temperature", "Number", 23.5});
  room.attributes.push_back({"humidity", "Number", 40});
  room.attributes.push_back({"color", "Text", "black"});
  room.attributes.push_back({"seen", "DateTime", "2020-01-02T03:04:05.678Z"});
  room.attributes.push_back({"location", "geo:point", "40.4, -3.7"});
  return room;
}

void ask(benchmark::State& state, std::string_view text) {
  const Entity room = a_room();
  const auto filter = Filter::q(text);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(filter->matches(room));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(ask, number, "humidity>30");
BENCHMARK_CAPTURE(ask, text, "color==red,black");
BENCHMARK_CAPTURE(ask, regex, "color~=^bl");
BENCHMARK_CAPTURE(ask, date, "seen>2020-01-01");

void ask_place(benchmark::State& state, const char* georel, const char* geometry,
               const char* coords) {
  const Entity room = a_room();
  const auto query = GeoQuery::create(georel, geometry, coords);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(query->matches(room));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(ask_place, near, "near;maxDistance:1000", "point", "40.41,-3.7");
BENCHMARK_CAPTURE(ask_place, in_box, "coveredBy", "box", "40,-4;41,-3");

}  // namespace
}  // namespace sosie::ngsi
