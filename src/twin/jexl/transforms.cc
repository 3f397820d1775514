#include "twin/jexl/transforms.h"

#include <array>
#include <cmath>

#include "twin/model/json_text.h"

namespace sosie::ngsi::jexl {

Transform find_transform(std::string_view name) {
  for (const auto list :
       {text_transforms(), number_transforms(), list_transforms(), time_transforms()}) {
    for (const NamedTransform& one : list) {
      if (one.name == name) return one.transform;
    }
  }
  return nullptr;
}

std::string to_plain_text(const Value& value) {
  return value.text() != nullptr ? std::string(value.text()->view()) : to_json(value);
}

std::optional<Value> finite(double number) {
  return std::isfinite(number) ? std::optional<Value>(number) : std::nullopt;
}

}  // namespace sosie::ngsi::jexl
