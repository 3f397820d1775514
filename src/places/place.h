#pragma once

namespace sosie::places {

/// Degrees on the WGS 84 ellipsoid, as GeoJSON has them.
struct Place {
  double longitude = 0;
  double latitude = 0;

  bool operator==(const Place&) const = default;
  bool is_on_earth() const {
    return longitude >= -180 && longitude <= 180 && latitude >= -90 && latitude <= 90;
  }
};

}  // namespace sosie::places
