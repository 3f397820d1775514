#include "plants/wastewater/confounders.h"

#include <algorithm>
#include <set>

#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

bool has_confounder(const Station& station, std::string_view name) {
  const auto now = station.plant->confounders();
  return std::ranges::find(now, name) != now.end();
}

TEST_CASE("confounders: an hour of a working day in May, of a holiday, of a Sunday in the snow") {
  Station working(7, "2026-05-05T06:00:00Z");  // a Tuesday, eight o'clock
  working.live(steps_an_hour);
  CHECK(!has_confounder(working, "N3"));
  CHECK(!has_confounder(working, "N4"));
  CHECK(!has_confounder(working, "N5"));
  CHECK(has_confounder(working, "N10"));

  Station holiday(7, "2026-07-14T08:00:00Z", 0, "storm");
  holiday.live(steps_an_hour);
  for (const char* name : {"N2", "N3", "N4"}) CHECK(has_confounder(holiday, name));
  CHECK(!has_confounder(holiday, "N1"));  // a storm's runoff is the storm's
  CHECK(!has_confounder(holiday, "N10"));

  Station winter(7, "2026-02-08T08:00:00Z", 0, "rain");
  winter.live(steps_an_hour);
  for (const char* name : {"N1", "N3", "N5"}) CHECK(has_confounder(winter, name));
  CHECK(winter.plant->has_control_loops());
}

TEST_CASE("confounders: upkeep says who is looked after, each once, and what for") {
  Station station(7, "2026-05-04T00:00:00Z");
  std::set<std::string_view> kinds;
  bool is_once = true;
  bool is_same = true;
  for (int i = 0; i < 5 * steps_a_day; ++i) {
    station.step();
    std::set<std::size_t> announced;
    std::set<std::size_t> looked_after;
    for (std::size_t k = 0; k < station.values.size(); ++k) {
      if (station.values[k].reason == QualityReason::maintenance) announced.insert(k);
    }
    for (const Upkeep& one : station.plant->upkeep()) {
      kinds.insert(one.kind);
      is_once = is_once && looked_after.insert(one.sensor).second;
      if (one.kind == "backwash") looked_after.erase(one.sensor);
    }
    is_same = is_same && announced == looked_after;
    if (!station.plant->upkeep().empty()) {
      const auto now = station.plant->confounders();
      is_once = is_once && std::ranges::any_of(now, [](std::string_view name) {
                  return name == "N7" || name == "N8" || name == "N9";
                });
    }
  }
  CHECK(is_once);
  CHECK(is_same);
  CHECK(kinds == std::set<std::string_view>{"calibration", "cleaning", "rotation", "backwash"});
}

}  // namespace
}  // namespace sosie::wastewater
