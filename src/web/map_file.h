#pragma once

#include <string>

#include "base/result.h"
#include "core/section.h"

namespace sosie::web {

/// What is drawn behind the devices of a fleet or a city. Empty: nothing.
struct MapFile {
  std::string attribution;        ///< whose data they are, as the licence wants it shown
  std::string geojson;            ///< the file as it is: LineStrings in degrees
  std::string tiles;              ///< where a browser gets pictures: "https://host/{z}/{x}/{y}.png"
  std::string tiles_attribution;  ///< whose pictures they are

  /// "https://host", which a page may then ask; empty: no other host is ever asked.
  std::string tiles_origin() const;
};

/// `[map]` of a scenario: `file` or `tiles` or both, `attribution` where the file does not say it
/// itself, `tiles_attribution`. Errors: no such file, no GeoJSON, above 1 MiB, tiles without the
/// three places of their numbers, or nobody is named.
Result<MapFile> read_map_file(Section& scenario);

}  // namespace sosie::web
