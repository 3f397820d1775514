#pragma once

#include <string>
#include <vector>

#include "plants/room/building.h"
#include "simulation/fault_roster.h"

namespace sosie::room {

/// Everything that can befall a room. `temperature`: the name of its series.
std::vector<FaultSpec> fault_specs(const std::string& temperature);

Disturbance disturbance_of(const FaultRoster& faults);

}  // namespace sosie::room
