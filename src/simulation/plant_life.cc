#include "simulation/plant_life.h"

#include <fmt/format.h>

namespace sosie {
namespace {

Result<double> speed_from(Section& section) {
  if (!section.has("speed")) return 1.0;
  const auto word = section.text("speed");
  if (word) {
    if (*word == "max") return 0.0;
    return section.wrong("speed", fmt::format("is '{}', expected \"max\" or a number", *word));
  }
  const double speed = TRY(section.number("speed"));
  if (!is_between(speed, 0, highest_speed)) {
    return section.wrong("speed", fmt::format("is {}, expected 0 to {}", speed, highest_speed));
  }
  return speed;
}

}  // namespace

Result<PlantLife> PlantLife::read(Section& section) {
  PlantLife life;
  const auto seed = TRY(section.integer("seed", 42));
  if (seed < 0) return section.wrong("seed", "must not be negative");
  life.seed = static_cast<std::uint64_t>(seed);
  life.speed = TRY(speed_from(section));
  life.fault_rate = TRY(section.number("fault_rate", life.fault_rate));
  if (!is_between(life.fault_rate, 0, highest_fault_rate)) {
    return section.wrong("fault_rate", fmt::format("must be from 0 to {}", highest_fault_rate));
  }
  life.weather = TRY(section.text("weather", life.weather));
  return life;
}

}  // namespace sosie
