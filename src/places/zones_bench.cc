#include <benchmark/benchmark.h>

#include "places/boost_polygon.h"
#include "places/city_test.h"
#include "places/zone_grid.h"

namespace sosie::places {
namespace {

constexpr std::size_t many = 4096;

std::vector<Place> places_of(CityOfDistricts& city) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < many; ++i) places.push_back(city.anywhere());
  return places;
}

/// One of 60 districts, whose borders have 4 × `range` sides each.
void zone_of_a_place(benchmark::State& state) {
  CityOfDistricts city(6, 10, static_cast<int>(state.range(0)), 3);
  const ZoneGrid grid(city.districts());
  const auto places = places_of(city);
  std::size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(grid.zone_of(places[i]));
    i = (i + 1) % many;
  }
  state.counters["bytes"] = static_cast<double>(grid.bytes());
}
BENCHMARK(zone_of_a_place)->Arg(12)->Arg(50)->Arg(125);

/// The same by a box of each district and Boost.Geometry.
void by_boxes_and_boost(benchmark::State& state) {
  CityOfDistricts city(6, 10, static_cast<int>(state.range(0)), 3);
  const auto districts = city.districts();
  std::vector<BoostPolygon> polygons;
  std::vector<boost::geometry::model::box<BoostPoint>> boxes;
  for (const auto& district : districts) {
    polygons.push_back(to_boost(district.front()));
    boxes.emplace_back();
    boost::geometry::envelope(polygons.back(), boxes.back());
  }
  const auto places = places_of(city);
  std::size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    const BoostPoint point(places[i].longitude, places[i].latitude);
    std::size_t zone = 0;
    while (zone < polygons.size() && !(boost::geometry::covered_by(point, boxes[zone]) &&
                                       boost::geometry::covered_by(point, polygons[zone]))) {
      ++zone;
    }
    benchmark::DoNotOptimize(zone);
    i = (i + 1) % many;
  }
}
BENCHMARK(by_boxes_and_boost)->Arg(12)->Arg(50)->Arg(125);

}  // namespace
}  // namespace sosie::places
