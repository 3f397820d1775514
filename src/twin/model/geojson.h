#pragma once

#include "twin/model/value.h"

namespace sosie::ngsi {

/// The geometry in a GeoJSON value: that of a Feature, that of a FeatureCollection's only Feature,
/// and of anything else the value itself. Null where a Feature has none or a collection is not of
/// one. Points into `geojson`.
const Value* geometry_of(const Value& geojson);

}  // namespace sosie::ngsi
