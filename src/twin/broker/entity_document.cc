#include "twin/broker/entity_document.h"

#include <algorithm>

#include "base/text.h"
#include "twin/broker/exact_json.h"
#include "twin/model/parse.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

/// Deeper values are written as a text of JSON, so that the document stays within the nesting
/// that parse_json allows.
constexpr std::size_t max_plain_depth = 40;

constexpr char between = ' ';   ///< parts of a key
constexpr char blank = '\x1f';  ///< in a part: no client of NGSI may send one, other sources do

/// What a document takes about, so that its text seldom moves while it is written.
constexpr std::size_t fixed_bytes = 96;
constexpr std::size_t attribute_bytes = 128;

void write_time(std::string_view name, Timestamp at, std::string& out) {
  out.append(",\"").append(name).append("\":");
  render_integer(at.time_since_epoch().count(), out);
}

void write_value(const Value& value, std::string& out) {
  if (value.depth() <= max_plain_depth) {
    out += ",\"value\":";
    write_exact(value, out);
    return;
  }
  std::string deep;
  write_exact(value, deep);
  out += ",\"deep\":";
  render_text(deep, out);
}

void write_named(std::string_view name, std::string_view type, const Value& value,
                 std::string& out) {
  out += "{\"name\":";
  render_text(name, out);
  out += ",\"type\":";
  render_text(type, out);
  write_value(value, out);
}

void write_attribute(const Attribute& attribute, std::string& out) {
  write_named(attribute.name, attribute.type, attribute.value, out);
  write_time("created", attribute.created, out);
  write_time("modified", attribute.modified, out);
  if (!attribute.metadata.empty()) {
    char before = '[';
    out += ",\"metadata\":";
    for (const auto& metadata : attribute.metadata) {
      out += before;
      write_named(metadata.name, metadata.type, metadata.value, out);
      out += '}';
      before = ',';
    }
    out += ']';
  }
  out += '}';
}

Text read_text(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member != nullptr && member->text() != nullptr ? intern(*member->text()) : Text();
}

Value read_value(const Value& object) {
  if (const Value* plain = object.find("value")) return *plain;
  const Value* deep = object.find("deep");
  if (deep == nullptr || deep->text() == nullptr) return {};
  auto parsed = parse_json(*deep->text());
  return parsed ? *parsed : Value();
}

std::vector<Metadata> read_metadata(const Value& attribute) {
  std::vector<Metadata> all;
  const Value* list = attribute.find("metadata");
  if (list == nullptr || list->array() == nullptr) return all;
  all.reserve(list->array()->size());
  for (const auto& one : *list->array()) {
    all.push_back(
        {.name = read_text(one, "name"), .type = read_text(one, "type"), .value = read_value(one)});
  }
  return all;
}

}  // namespace

std::string attribute_document(const Attribute& attribute) {
  std::string out;
  write_attribute(attribute, out);
  return out;
}

Attribute read_attribute_document(const Value& value) {
  Attribute attribute;
  attribute.name = read_text(value, "name");
  attribute.type = read_text(value, "type");
  attribute.value = read_value(value);
  attribute.metadata = read_metadata(value);
  attribute.created = read_time(value, "created").value_or(Timestamp());
  attribute.modified = read_time(value, "modified").value_or(Timestamp());
  return attribute;
}

std::optional<Timestamp> read_time(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  if (member == nullptr || member->number() == nullptr) return std::nullopt;
  return Timestamp(Duration(static_cast<std::int64_t>(*member->number())));
}

std::string document_key(std::initializer_list<std::string_view> parts) {
  std::size_t size = parts.size();
  for (const auto part : parts) size += part.size();
  std::string key;
  key.reserve(size);
  for (const auto* part = parts.begin(); part != parts.end(); ++part) {
    if (part != parts.begin()) key += between;
    const auto begin = key.size();
    key += *part;
    std::replace(key.begin() + static_cast<std::ptrdiff_t>(begin), key.end(), between, blank);
  }
  return key;
}

std::vector<std::string> key_parts(std::string_view key) {
  std::vector<std::string> parts;
  for (const auto part : split(key, between)) {
    std::ranges::replace(parts.emplace_back(part), blank, between);
  }
  return parts;
}

std::string entity_document(const StoredEntity& entity) {
  std::string out;
  out.reserve(fixed_bytes + entity.attributes.size() * attribute_bytes);
  out += "{\"number\":";
  render_integer(static_cast<std::int64_t>(entity.number), out);
  write_time("created", entity.created, out);
  write_time("modified", entity.modified, out);
  if (entity.expires) write_time("expires", *entity.expires, out);
  char before = '[';
  out += ",\"attrs\":";
  for (const auto& attribute : entity.attributes) {
    out += before;
    write_attribute(attribute, out);
    before = ',';
  }
  out += entity.attributes.empty() ? "[]}" : "]}";
  return out;
}

std::optional<StoredEntity> read_entity_document(std::string_view body) {
  const auto parsed = parse_json(body);
  return parsed ? read_entity_document(*parsed) : std::nullopt;
}

std::optional<StoredEntity> read_entity_document(const Value& document) {
  const Value* number = document.find("number");
  const Value* attrs = document.find("attrs");
  if (number == nullptr || number->number() == nullptr) return std::nullopt;
  if (attrs == nullptr || attrs->array() == nullptr) return std::nullopt;
  StoredEntity entity;
  entity.number = static_cast<std::uint64_t>(*number->number());
  entity.created = read_time(document, "created").value_or(Timestamp());
  entity.modified = read_time(document, "modified").value_or(Timestamp());
  entity.expires = read_time(document, "expires");
  entity.attributes.reserve(attrs->array()->size());
  for (const auto& one : *attrs->array()) {
    entity.attributes.push_back(read_attribute_document(one));
  }
  return entity;
}

}  // namespace sosie::ngsi
