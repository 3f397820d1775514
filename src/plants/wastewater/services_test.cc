#include "plants/wastewater/services.h"

#include "plants/wastewater/rig.h"
#include "plants/wastewater/rota.h"
#include "plants/wastewater/wear.h"

namespace sosie::wastewater {
namespace {

TEST_CASE("services: each sensor has its turn on working days, two at once at most") {
  Station station(7, "2026-05-04T00:00:00Z");  // a Monday
  const std::size_t sensors = station.plant->sensor_count();
  std::vector<int> turns(sensors);
  std::vector<bool> was(sensors);
  std::vector<double> held(sensors);
  std::size_t most = 0;
  std::size_t at_weekends = 0;
  bool is_held = true;
  bool is_said = true;
  // Where a machine changes over, or what wears is put right, its sensors are announced too.
  std::vector<bool> at_machine(sensors);
  for (std::size_t which = 0; which < Wears::count; ++which) {
    for (const std::string_view tag : Wears::tags(which)) at_machine[station.index(tag)] = true;
  }
  for (std::size_t which = 0; which < Rotas::count; ++which) {
    for (const std::string_view tag : Rotas::tags(which)) at_machine[station.index(tag)] = true;
  }
  constexpr int days = 15;
  for (int day = 0; day < days; ++day) {
    for (int i = 0; i < steps_a_day; ++i) {
      station.step();
      std::size_t now = 0;
      for (std::size_t k = 0; k < sensors; ++k) {
        if (at_machine[k]) continue;
        const PlantValue& value = station.values[k];
        const bool is_serviced = value.reason == QualityReason::maintenance;
        is_said = is_said && is_serviced == (value.quality == Quality::uncertain);
        if (is_serviced && was[k]) is_held = is_held && value.value == held[k];
        turns[k] += is_serviced && !was[k] ? 1 : 0;
        was[k] = is_serviced;
        held[k] = value.value;
        now += is_serviced ? 1 : 0;
      }
      most = std::max(most, now);
      if (day % 7 >= 5) at_weekends += now;
    }
  }
  CHECK(most == 2);
  CHECK(at_weekends == 0);
  CHECK(is_held);
  CHECK(is_said);
  for (std::size_t k = 0; k < sensors; ++k) {
    if (at_machine[k]) continue;
    const auto info = station.plant->describe(k);
    CAPTURE(info.entity.str());
    const std::string_view sensor_class = info.sensor_class;
    const bool has_none = sensor_class == "S" || sensor_class == "E";
    CHECK(turns[k] >= (has_none ? 0 : 1));
    CHECK(turns[k] <= (has_none ? 0 : 3));
  }
}

}  // namespace
}  // namespace sosie::wastewater
