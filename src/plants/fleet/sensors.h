#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/series.h"
#include "plants/fleet/devices.h"

namespace sosie::fleet {

/// "temperature", "humidity" …
const char* attribute_of(Quantity quantity);

/// What is known of a device's sensor.
SeriesInfo described(const Register& names, std::size_t device, Quantity quantity,
                     const std::string& asset);

struct Target {
  std::size_t device = 0;
  std::optional<Quantity> quantity;  ///< none: the whole device is meant
};

/// "truck-0017" or "truck-0017.speed". Errors: no such device or attribute.
Result<Target> sensor_named(std::string_view name, const Register& names);

}  // namespace sosie::fleet
