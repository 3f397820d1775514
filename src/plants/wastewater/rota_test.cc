#include "plants/wastewater/rota.h"

#include <set>
#include <vector>

#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

TEST_CASE("rota: a change-over every 24 to 168 hours, one to two minutes long, with a dip") {
  Rota rota(Random(4));
  int changes = 0;
  int length = 0;
  int since = 0;
  double lowest = 1;
  bool is_told = true;
  bool is_whole = true;
  for (int i = 0; i < 365 * steps_a_day; ++i) {
    rota.step();
    ++since;
    if (rota.is_changing()) {
      if (length++ == 0 && changes++ > 0) {
        CHECK(since >= 24 * steps_an_hour);
        CHECK(since <= 169 * steps_an_hour);
      }
      if (length == 1) since = 0;
      lowest = std::min(lowest, rota.level());
      is_told = is_told && rota.is_announced();
    } else {
      if (length > 0) CHECK((length >= 11 && length <= 25));
      length = 0;
      is_whole = is_whole && rota.level() == 1;
    }
  }
  CHECK(is_told);
  CHECK(is_whole);
  CHECK(changes > 365 / 7);
  CHECK(changes < 365);
  CHECK(lowest == doctest::Approx(0.4).epsilon(0.05));
}

TEST_CASE("rota: in the station a pump stands for a moment, its flow dips, and nobody labels it") {
  Station station(7, "2026-05-05T00:00:00Z");
  std::vector<std::size_t> states;
  for (const char* tag : {"YS-114", "YS-327", "YS-328", "YS-331", "YS-414"}) {
    states.push_back(station.index(tag));
  }
  const std::size_t return_flow = station.index("FIT-401");
  std::set<std::size_t> changed;
  double lowest_return = 1e9;
  for (int i = 0; i < 7 * steps_a_day; ++i) {
    station.step();
    for (const std::size_t state : states) {
      const PlantValue& value = station.values[state];
      if (value.value != 0) continue;
      changed.insert(state);
      CHECK(value.reason == QualityReason::maintenance);
    }
    lowest_return = std::min(lowest_return, station.values[return_flow].value);
  }
  CHECK(changed.size() == 5);
  CHECK(lowest_return < 0.8 * 1041);
  CHECK(lowest_return > 0.3 * 1041);
  CHECK(station.labels.heard.empty());
}

}  // namespace
}  // namespace sosie::wastewater
