#include "twin/model/parse.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/model/date.h"
#include "twin/model/geojson.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {

namespace {

/// `{"$max": "…"}`: an update operator, whose operand is not a value of the attribute's type.
bool is_operator(const Value& value) {
  const Object* members = value.object();
  return members != nullptr && !members->empty() && members->front().key.view().starts_with('$');
}

/// A date in canonical form; other values as they are.
Checked<Value> settle_date(const Value& value, std::string_view type, std::string_view whose) {
  if (!is_date_type(type) || value.is_null() || is_operator(value)) return value;
  const Text* text = value.text();
  const auto at = text == nullptr ? std::nullopt : parse_date(*text);
  if (!at) return bad_request(fmt::format("date has invalid format in {} value", whose));
  return Value(print_date(*at));
}

/// Of GeoJSON's features Orion gives back the geometry alone.
Value settle_place(const Value& value, std::string_view type) {
  const Value* geometry = type == "geo:json" ? geometry_of(value) : nullptr;
  return geometry == nullptr ? value : *geometry;
}

bool is_type_ignored(const std::vector<Metadata>& metadata) {
  return std::ranges::any_of(
      metadata, [](const Metadata& m) { return m.name == "ignoreType" && m.value == Value(true); });
}

Checked<Text> read_type(const Value& value, std::string_view whose) {
  const Text* text = value.text();
  if (text == nullptr) return bad_request(fmt::format("invalid JSON type for {} type", whose));
  TRY(check_field(*text, fmt::format("{} type", whose)));
  return intern(*text);
}

Checked<void> check_nesting(const Value& value) {
  if (value.depth() > max_nesting) return too_deep();
  return {};
}

Checked<Metadata> read_one_metadata(const Text& name, const Value& body) {
  TRY(check_metadata_name(name));
  const Object* members = body.object();
  if (members == nullptr) return bad_request("invalid JSON type for attribute metadata");
  Metadata metadata{.name = name, .type = {}, .value = {}};
  for (const Member& member : *members) {
    if (member.key == "type") {
      metadata.type = TRY(read_type(member.value, "metadata"));
    } else if (member.key == "value") {
      metadata.value = member.value;
    } else {
      return bad_request("unrecognized property for metadata");
    }
  }
  TRY(check_nesting(metadata.value));
  if (!is_unrestricted(metadata.type, {}) && has_forbidden(metadata.value)) {
    return bad_request("Invalid characters in metadata value");
  }
  metadata.value = TRY(settle_date(metadata.value, metadata.type, "metadata"));
  if (metadata.type.empty()) metadata.type = default_type(metadata.value);
  return metadata;
}

Checked<std::vector<Metadata>> read_metadata(const Value& body) {
  const Object* members = body.object();
  if (members == nullptr) return bad_request("metadata not a JSON object");
  std::vector<Metadata> all;
  all.reserve(members->size());
  for (const Member& member : *members) {
    auto one = TRY(read_one_metadata(member.key, member.value));
    all.push_back(std::move(one));
  }
  return all;
}

Checked<AttributePatch> read_named(const Text& name, const Value& body, Form form) {
  TRY(check_attribute_name(name));
  if (form == Form::normalized) return read_attribute(name, body);
  AttributePatch patch{.name = name};
  patch.value = TRY(read_value(body, {}, {}));
  patch.has_value = true;
  return patch;
}

Checked<void> read_property(const Member& member, AttributePatch& patch) {
  if (member.key == "type") {
    patch.type = TRY(read_type(member.value, "attribute"));
  } else if (member.key == "value") {
    patch.value = member.value;
    patch.has_value = true;
  } else if (member.key == "metadata") {
    patch.metadata = TRY(read_metadata(member.value));
  } else {
    return bad_request("unrecognized property for context attribute");
  }
  return {};
}

/// The checks and changes of a value that its type and metadata ask for, which may stand behind it.
Checked<void> settle(AttributePatch& patch) {
  TRY(check_nesting(patch.value));
  const bool is_free = patch.metadata && is_unrestricted(patch.type, *patch.metadata);
  if (!is_free) {
    TRY(check_attribute_value(patch.value, patch.type));
  }
  const bool is_ignored = patch.metadata && is_type_ignored(*patch.metadata);
  if (!is_ignored) patch.value = settle_place(patch.value, patch.type);
  patch.value = TRY(settle_date(patch.value, patch.type, "attribute"));
  return {};
}

}  // namespace

Checked<Value> read_value(const Value& body, std::string_view type,
                          const std::vector<Metadata>& metadata) {
  TRY(check_nesting(body));
  if (!is_unrestricted(type, metadata)) {
    TRY(check_attribute_value(body, type));
  }
  const Value place = is_type_ignored(metadata) ? body : settle_place(body, type);
  return settle_date(place, type, "attribute");
}

Checked<AttributePatch> read_attribute(const Text& name, const Value& body) {
  const Object* members = body.object();
  if (members == nullptr) {
    return bad_request("attribute must be a JSON object, unless keyValues option is used");
  }
  AttributePatch patch{.name = name};
  for (const Member& member : *members) {
    TRY(read_property(member, patch));
  }
  TRY(settle(patch));
  return patch;
}

Checked<std::vector<AttributePatch>> read_attributes(const Value& body, Form form) {
  const Object* members = body.object();
  if (members == nullptr) return bad_request("attributes must be a JSON object");
  std::vector<AttributePatch> patches;
  patches.reserve(members->size());
  for (const Member& member : *members) {
    if (member.key == "id") return bad_request("entity id specified in payload");
    if (member.key == "type") return bad_request("entity type specified in payload");
    auto patch = TRY(read_named(member.key, member.value, form));
    patches.push_back(std::move(patch));
  }
  return patches;
}

Checked<EntityPatch> read_entity(const Value& body, Form form) {
  const Object* members = body.object();
  if (members == nullptr) return bad_request("entity must be a JSON object");
  EntityPatch patch;
  patch.attributes.reserve(members->size());
  for (const Member& member : *members) {
    if (member.key == "id") {
      if (member.value.text() == nullptr) return bad_request("invalid JSON type for entity id");
      patch.id = *member.value.text();
    } else if (member.key == "type") {
      patch.type = TRY(read_type(member.value, "entity"));
    } else {
      auto attribute = TRY(read_named(member.key, member.value, form));
      patch.attributes.push_back(std::move(attribute));
    }
  }
  TRY(check_field(patch.id, "entity id"));
  return patch;
}

Checked<Value> read_plain(std::string_view body) {
  const std::string_view text = trim(body);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return Value(text.substr(1, text.size() - 2));
  }
  if (text == "true") return Value(true);
  if (text == "false") return Value(false);
  if (text == "null") return nullptr;
  if (const auto number = to_number(text)) return Value(*number);
  return bad_request("attribute value type not recognized");
}

}  // namespace sosie::ngsi
