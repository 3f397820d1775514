#pragma once

#include <optional>
#include <string_view>

namespace sosie {

/// How far from zero an attribute can be that is a latitude or a longitude in degrees by its name
/// ("position.Latitude", "lon"): 90 or 180. None: it is neither.
std::optional<double> reach_of_coordinate(std::string_view attribute);

}  // namespace sosie
