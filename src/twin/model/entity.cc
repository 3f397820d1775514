#include "twin/model/entity.h"

#include <algorithm>

namespace sosie::ngsi {

namespace {

template <class Things>
auto find_named(Things& things, std::string_view name) -> decltype(things.data()) {
  const auto found = std::ranges::find_if(things, [&](const auto& t) { return t.name == name; });
  return found == things.end() ? nullptr : &*found;
}

}  // namespace

const Metadata* Attribute::find_metadata(std::string_view wanted) const {
  return find_named(metadata, wanted);
}

const Attribute* Entity::find(std::string_view name) const {
  return find_named(attributes, name);
}
Attribute* Entity::find(std::string_view name) {
  return find_named(attributes, name);
}

Attribute to_attribute(const AttributePatch& patch, Timestamp now) {
  return {.name = patch.name,
          .type = patch.type.empty() ? default_type(patch.value) : patch.type,
          .value = patch.value,
          .metadata = patch.metadata.value_or(std::vector<Metadata>{}),
          .created = now,
          .modified = now};
}

}  // namespace sosie::ngsi
