#pragma once

#include <vector>

#include "base/result.h"
#include "simulation/plant.h"
#include "simulation/what_if.h"
#include "wire/json/value.h"

namespace sosie::web {

// What people order of a plant, out of a JSON body. Errors say what was read and expected.

/// `fault`, `target`, `size`, `minutes`: the last three may be left out.
Result<FaultOrder> read_fault(const json::Value& object);

/// `"setpoints": {"oxygen": 1.5}` of a body; none: an empty list.
Result<std::vector<SetpointOrder>> read_setpoints(const json::Value& body);

}  // namespace sosie::web
