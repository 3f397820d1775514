#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "core/catalog.h"
#include "simulation/plant.h"

namespace sosie::app {

/// The plant of a scenario's simulator. Errors: it has none.
Result<std::unique_ptr<Plant>> make_plant(const std::string& file, const Catalog& catalog);

/// For those who only want the readings.
class Deaf final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

}  // namespace sosie::app
