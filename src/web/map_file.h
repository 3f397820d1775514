#pragma once

#include <string>

#include "base/result.h"
#include "core/section.h"

namespace sosie::web {

/// What is drawn behind the devices of a fleet. Empty: nothing.
struct MapFile {
  std::string attribution;  ///< whose data they are, as the licence wants it shown
  std::string geojson;      ///< the file as it is: LineStrings in degrees
};

/// `[map]` of a scenario: `file`, and `attribution` where the file does not say it itself. Errors:
/// no such file, no GeoJSON, above 1 MiB, or nobody is named.
Result<MapFile> read_map_file(Section& scenario);

}  // namespace sosie::web
