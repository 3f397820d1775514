#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "twin/model/text.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// What is said about an attribute's value.
struct Metadata {
  Text name{};
  Text type{};
  Value value{};

  bool operator==(const Metadata&) const = default;
};

/// One property of an entity. A DateTime's value is held as canonical text (date.h).
struct Attribute {
  Text name{};
  Text type{};
  Value value{};
  std::vector<Metadata> metadata{};  ///< in the order in which it came
  Timestamp created{};
  Timestamp modified{};

  const Metadata* find_metadata(std::string_view wanted) const;
  bool operator==(const Attribute&) const = default;
};

/// A thing of the real world: its key is (service path, id, type).
struct Entity {
  Text id{};
  Text type{};
  Text service_path{};
  std::vector<Attribute> attributes{};  ///< in the order in which they were first written
  Timestamp created{};
  Timestamp modified{};
  std::optional<Timestamp> expires{};  ///< dateExpires; none: stays

  const Attribute* find(std::string_view name) const;
  Attribute* find(std::string_view name);
  bool operator==(const Entity&) const = default;
};

/// What a request says of one attribute; what it leaves unsaid is told apart from empty.
struct AttributePatch {
  Text name{};
  Text type{};  ///< empty: not given
  Value value{};
  bool has_value = false;                           ///< false: left out, `value` is null
  std::optional<std::vector<Metadata>> metadata{};  ///< none: not given; types are filled in

  bool operator==(const AttributePatch&) const = default;
};

/// What a request says of one entity.
struct EntityPatch {
  Text id{};
  Text type{};  ///< empty: not given
  std::vector<AttributePatch> attributes{};

  bool operator==(const EntityPatch&) const = default;
};

/// The attribute that a patch makes where there was none.
Attribute to_attribute(const AttributePatch& patch, Timestamp now);

/// "Thing": the type of an entity that was created without one.
inline constexpr std::string_view default_entity_type = "Thing";

}  // namespace sosie::ngsi
