#pragma once

#include <string>
#include <vector>

namespace sosie {

/// A control loop of the plant, as people declare it: what it hears, and what
/// it moves. Names are of an entity ("AIT-306-DO") or of a series
/// ("AIT-306-DO.o2_dissous"); one that the asset has not says nothing.
struct ControlLoop {
  std::string hears;               ///< the sensor that it keeps where people want it
  std::vector<std::string> moves;  ///< what follows when that sensor lies: valves, flows, powers …

  bool operator==(const ControlLoop&) const = default;
};

}  // namespace sosie
