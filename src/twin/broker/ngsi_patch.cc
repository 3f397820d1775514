#include "twin/broker/ngsi_patch.h"

#include <algorithm>
#include <string>
#include <vector>

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

/// What the part says its value is; a part that is no object with `value` is the value.
Value value_of(const Value& part, const MacroContext& macros) {
  if (part.object() == nullptr) return macros.put_in(part);
  const Value* value = part.find("value");
  return value == nullptr ? Value() : macros.put_in(*value);
}

std::vector<Metadata> metadata_of(const Value& part, const MacroContext& macros) {
  std::vector<Metadata> all;
  const Value* metadata = part.find("metadata");
  if (metadata == nullptr || metadata->object() == nullptr) return all;
  for (const auto& [name, item] : *metadata->object()) {
    if (name == priority_name) continue;
    const Value value = value_of(item, macros);
    all.push_back({.name = name, .type = type_of(item, value), .value = value});
  }
  return all;
}

void put(const Text& name, const Value& part, MacroContext& macros, Entity& entity) {
  Attribute attribute;
  if (const Attribute* there = entity.find(name)) attribute = *there;
  attribute.name = name;
  attribute.value = value_of(part, macros);
  attribute.type = type_of(part, attribute.value);
  attribute.metadata = metadata_of(part, macros);
  macros.set_attribute(name, attribute.value);
  if (Attribute* there = entity.find(name)) {
    *there = std::move(attribute);
  } else {
    entity.attributes.push_back(std::move(attribute));
  }
}

void put_text(const Value& ngsi, std::string_view key, const MacroContext& macros, Text& place) {
  const Value* member = ngsi.find(key);
  if (member != nullptr && member->text() != nullptr) {
    place = macros.put_in(member->text()->view(), "null");
  }
}

}  // namespace

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
