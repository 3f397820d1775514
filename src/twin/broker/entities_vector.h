#pragma once

#include <string>
#include <vector>

#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// One element of `entities` in a subscription or a registration, as it is written; what is not
/// there is empty.
struct EntityWords {
  std::string id{};
  std::string id_pattern{};
  std::string type{};
  std::string type_pattern{};

  bool operator==(const EntityWords&) const = default;
};

/// The elements of a list of entities, each once: an id or a pattern of ids, maybe a type or a
/// pattern of types. 400 with Orion's words for whatever is wrong; members that nobody knows are
/// passed over. Patterns are good regular expressions.
Checked<std::vector<EntityWords>> read_entities_vector(const Value& list);

}  // namespace sosie::ngsi
