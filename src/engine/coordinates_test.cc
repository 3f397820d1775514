#include "engine/coordinates.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

TEST_CASE("coordinates: by an attribute's name it is one, and how large it can be") {
  for (const char* name : {"latitude", "position.Latitude", "gps_lat", "place/lat", "LAT"}) {
    CAPTURE(name);
    CHECK(reach_of_coordinate(name) == 90);
  }
  for (const char* name : {"longitude", "position.lon", "lng"}) {
    CAPTURE(name);
    CHECK(reach_of_coordinate(name) == 180);
  }
  for (const char* name : {"", "value", "flat", "long", "latency", "lat.age"}) {
    CAPTURE(name);
    CHECK_FALSE(reach_of_coordinate(name));
  }
}

}  // namespace
}  // namespace sosie
