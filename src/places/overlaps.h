#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "places/geojson.h"

namespace sosie::places {

/// Two zones of one file that have more than a border in common: what they share belongs to the
/// first.
struct Overlap {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  double share = 0;  ///< of the second's area
};

/// Where people drew one border twice, the two lines differ a little: less than this share of the
/// smaller zone is no overlap.
inline constexpr double least_overlap = 1e-3;

/// In order of the second, then the first. `zones`: as ZoneGrid's. Areas are in square degrees,
/// which does for shares of zones that lie near each other. Of more than `most_pairs` zones whose
/// bounding boxes overlap the rest is not looked at. Milliseconds for a city of districts.
std::vector<Overlap> find_overlaps(const std::vector<std::vector<Polygon>>& zones,
                                   std::size_t most_pairs = 2000);

}  // namespace sosie::places
