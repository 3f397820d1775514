#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/zoning.h"
#include "places/geojson.h"
#include "places/overlaps.h"
#include "places/zone_grid.h"

namespace sosie::places {

/// Which properties of a GeoJSON Feature name it.
struct ZoneKeys {
  std::string id = "id";
  std::string label = "name";
};

/// Named areas of one GeoJSON FeatureCollection, in the order of the file.
///
/// A place on a border belongs to a zone too; where zones share a border, or overlap, the first in
/// the file has the place. So what zones cover without a gap has none between them either.
class Zones {
 public:
  /// One that is no zone: its id is missing or there already; it has no polygon, or one that is not
  /// closed, crosses itself or leaves the earth.
  struct LeftOut {
    std::string zone;  ///< "zone '3.1'", or "feature 7"
    std::string why;   ///< "has a border that crosses itself at [1.4, 43.6]"
  };

  /// A Feature is a zone: Polygon or MultiPolygon, with holes. A label that is not there is the id.
  /// What is none is left out. Errors: not GeoJSON; none is left.
  static Result<Zones> of_geojson(std::string_view text, const ZoneKeys& keys);

  std::size_t size() const { return named_.size(); }
  const Zoning::Named& operator[](std::size_t zone) const { return named_[zone]; }

  const std::vector<LeftOut>& left_out() const { return left_out_; }
  /// Those that have more than borders in common: allowed, but mostly not meant.
  const std::vector<Overlap>& overlaps() const { return overlaps_; }
  /// A FeatureCollection of the zones alone, in their order, where some were left out; else empty.
  const std::string& rest() const { return rest_; }

  std::optional<std::uint32_t> zone_of(const Place& place) const { return grid_.zone_of(place); }

 private:
  Zones(std::vector<Zoning::Named> named, const std::vector<std::vector<Polygon>>& shapes,
        std::vector<LeftOut> left_out, std::string rest)
      : named_(std::move(named)),
        left_out_(std::move(left_out)),
        rest_(std::move(rest)),
        overlaps_(find_overlaps(shapes)),
        grid_(shapes) {}

  std::vector<Zoning::Named> named_;
  std::vector<LeftOut> left_out_;
  std::string rest_;
  std::vector<Overlap> overlaps_;
  ZoneGrid grid_;
};

}  // namespace sosie::places
