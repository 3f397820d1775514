#include "twin/broker/ngsi_patch.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/model/json_text.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

constexpr double last_priority = 100000;
constexpr std::string_view priority_name = "evalPriority";

double priority_of(const Value& attribute) {
  const Value* metadata = attribute.find("metadata");
  const Value* priority = metadata == nullptr ? nullptr : metadata->find(priority_name);
  const Value* value = priority == nullptr ? nullptr : priority->find("value");
  return value != nullptr && value->number() != nullptr ? *value->number() : last_priority;
}

/// Its `type` if it says one, else that of its value.
Text type_of(const Value& part, const Value& value) {
  const Value* type = part.find("type");
  return type != nullptr && type->text() != nullptr ? intern(*type->text()) : default_type(value);
}

Value value_of(const Value& part, const MacroContext& macros) {
  const Value* value = part.find("value");
  return value == nullptr ? Value() : macros.put_in(*value);
}

void put(const Text& name, const Value& part, MacroContext& macros, Entity& entity) {
  Attribute attribute;
  // What the entity has keeps its own value in the other parts, whichever is made first.
  const bool is_new = !macros.has_attribute(name);
  if (const Attribute* there = entity.find(name)) attribute = *there;
  attribute.name = name;
  attribute.value = value_of(part, macros);
  attribute.type = type_of(part, attribute.value);
  attribute.metadata.clear();  // none is allowed in a patch
  if (is_new) macros.set_attribute(name, attribute.value);
  if (Attribute* there = entity.find(name)) {
    *there = std::move(attribute);
  } else {
    entity.attributes.push_back(std::move(attribute));
  }
}

/// An id or a type; a macro that has no value leaves it as it was.
void put_text(const Value& ngsi, std::string_view key, const MacroContext& macros, Text& place) {
  const Value* member = ngsi.find(key);
  if (member == nullptr) return;
  const Value value = macros.put_in(*member);
  if (value.is_null()) return;
  place = value.text() != nullptr ? intern(*value.text()) : intern(to_json(value));
}

Checked<void> check_priority(const Value& metadata) {
  if (metadata.object() == nullptr) {
    return bad_request("metadata not a JSON object");
  }
  for (const auto& [name, item] : *metadata.object()) {
    if (name != priority_name) {
      return bad_request(
          "only evalPriority metadata is allowed in ngsi field in custom notifications");
    }
    const Value* value = item.find("value");
    const double* number = value == nullptr ? nullptr : value->number();
    if (number == nullptr || *number < 1 || *number > last_priority) {
      return bad_request("evalPriority must be a number from 1 to 100000");
    }
  }
  return {};
}

Checked<void> check_part(std::string_view name, const Value& part) {
  TRY(check_attribute_name(name));
  if (part.object() == nullptr) {
    return bad_request("attribute must be a JSON object, unless keyValues option is used");
  }
  for (const auto& [key, value] : *part.object()) {
    if (key == "metadata") {
      TRY(check_priority(value));
    } else if (key == "type" && value.text() == nullptr) {
      return bad_request("invalid JSON type for attribute type");
    } else if (key == "type") {
      TRY(check_field(*value.text(), "attribute type"));
    } else if (key != "value") {
      return bad_request("unrecognized property for context attribute");
    }
  }
  return {};
}

}  // namespace

Checked<void> check_patch(const Object& ngsi) {
  for (const auto& [name, part] : ngsi) {
    if (name != "id" && name != "type") {
      TRY(check_part(name, part));
    } else if (part.text() == nullptr) {
      return bad_request(fmt::format("Invalid JSON type for entity {}", name.view()));
    }
  }
  return {};
}

void patch_entity(const Value& ngsi, MacroContext& macros, Entity& entity) {
  std::vector<const Member*> parts;
  for (const auto& member : *ngsi.object()) {
    if (member.key != "id" && member.key != "type") parts.push_back(&member);
  }
  std::ranges::stable_sort(parts, {}, [](const Member* m) { return priority_of(m->value); });
  for (const Member* part : parts) put(part->key, part->value, macros, entity);
  put_text(ngsi, "id", macros, entity.id);
  put_text(ngsi, "type", macros, entity.type);
}

}  // namespace sosie::ngsi
