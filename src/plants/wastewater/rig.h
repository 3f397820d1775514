#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "simulation/label_book_test.h"
#include "simulation/plant.h"

namespace sosie {

void register_plants_wastewater(Catalog& catalog);

namespace wastewater {

/// The station of Traffeyère as the tests want it: begun, with its values and labels at hand.
class Station {
 public:
  explicit Station(std::uint64_t seed = 7, const std::string& begins = "2026-05-05T00:00:00Z",
                   double fault_rate = 0, const std::string& weather = "dry",
                   const std::string& more = "") {
    Catalog catalog;
    register_plants_wastewater(catalog);
    auto section = Section::read_text(std::string("kind = \"wastewater\"\nsensors = \"" SOSIE_ROOT
                                                  "/scenarios/traffeyere/sensors.csv\"\n") +
                                      more);
    REQUIRE(section);
    auto made = catalog.make<Plant>(*section);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
    plant = std::move(made).value();
    plant->set_fault_rate(fault_rate);
    REQUIRE(plant->set_weather(weather));
    plant->start(*from_iso8601(begins), seed);
    values.resize(plant->sensor_count());
  }

  void step() { now = plant->step(values, labels); }
  void live(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

  std::uint64_t inject(const std::string& fault, const std::string& target = "",
                       std::optional<double> size = {}, std::optional<Duration> lasts = {}) {
    const auto label = plant->inject({fault, target, size, lasts});
    REQUIRE_MESSAGE(label, (label ? "" : label.error().what));
    Result<std::uint64_t> copy = label;
    return *copy;
  }

  std::size_t index(std::string_view tag) const {
    for (std::size_t i = 0; i < plant->sensor_count(); ++i) {
      if (plant->describe(i).entity == tag) return i;
    }
    FAIL("no sensor ", std::string(tag));
    return 0;
  }
  double value(std::string_view tag) const { return values[index(tag)].value; }

  std::unique_ptr<Plant> plant;
  std::vector<PlantValue> values;
  LabelBook labels;
  Timestamp now;
};

inline constexpr int steps_an_hour = 720;
inline constexpr int steps_a_day = 17280;

}  // namespace wastewater
}  // namespace sosie
