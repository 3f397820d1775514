#include "twin/model/geojson.h"

namespace sosie::ngsi {

const Value* geometry_of(const Value& geojson) {
  const Value* type = geojson.find("type");
  if (type == nullptr || type->text() == nullptr) return &geojson;
  if (*type->text() == "FeatureCollection") {
    const Value* features = geojson.find("features");
    const Array* list = features == nullptr ? nullptr : features->array();
    return list == nullptr || list->size() != 1 ? nullptr : geometry_of(list->front());
  }
  if (*type->text() != "Feature") return &geojson;
  const Value* geometry = geojson.find("geometry");
  return geometry == nullptr || geometry->object() == nullptr ? nullptr : geometry;
}

}  // namespace sosie::ngsi
