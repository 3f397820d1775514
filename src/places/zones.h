#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/zoning.h"
#include "places/geojson.h"
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
  /// A Feature is a zone: Polygon or MultiPolygon, with holes. A label that is not there is the id.
  /// Errors: not GeoJSON; no zones; an id that is missing or there twice; a zone without a polygon;
  /// one that is not closed, crosses itself or leaves the earth.
  static Result<Zones> of_geojson(std::string_view text, const ZoneKeys& keys);

  std::size_t size() const { return named_.size(); }
  const Zoning::Named& operator[](std::size_t zone) const { return named_[zone]; }

  std::optional<std::uint32_t> zone_of(const Place& place) const { return grid_.zone_of(place); }

 private:
  Zones(std::vector<Zoning::Named> named, const std::vector<std::vector<Polygon>>& shapes)
      : named_(std::move(named)), grid_(shapes) {}

  std::vector<Zoning::Named> named_;
  ZoneGrid grid_;
};

}  // namespace sosie::places
