#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "core/catalog.h"
#include "generating/generator.h"
#include "simulation/plant.h"
#include "simulation/plant_life.h"

namespace sosie::app {

/// The plant of a scenario's simulator. Errors: it has none.
Result<std::unique_ptr<Plant>> make_plant(const std::string& file, const Catalog& catalog);

struct Simulated {
  std::unique_ptr<Plant> plant;
  PlantLife life;
  std::optional<generating::MessageConfig> message;  ///< none: the scenario says nothing of it
};

/// The same, with how it lives and what its devices' messages look like. Errors: these are wrong.
Result<Simulated> make_simulated(const std::string& file, const Catalog& catalog);

/// For those who only want the readings.
class Deaf final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

}  // namespace sosie::app
