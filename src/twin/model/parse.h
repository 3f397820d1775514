#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// Deepest nesting of arrays and objects in a value, of an attribute or of metadata.
inline constexpr std::size_t max_nesting = 50;

/// The same of a whole body: the metadata of an entity of a batch are the sixth level of theirs.
inline constexpr std::size_t max_body_nesting = max_nesting + 6;

/// How attributes stand in a payload: {"value": 1, "type": …} or 1.
enum class Form { normalized, key_values };

/// The whole of `body` as JSON. 400 ParseError if it is not, if it is deeper than
/// `max_body_nesting` or not UTF-8. A key twice in one object: 400 BadRequest. Any thread; buffers
/// are kept per thread.
Checked<Value> parse_json(std::string_view body);

/// An entity as in POST /v2/entities or in `entities` of /v2/op/update: id, maybe type, attributes.
/// Checks everything but places: id, types, names, forbidden characters, nesting, dates, metadata.
/// Dates come out canonical, features of GeoJSON as their geometry.
Checked<EntityPatch> read_entity(const Value& body, Form form);

/// The attributes of a body without id and type, as in POST, PUT and PATCH of …/attrs.
Checked<std::vector<AttributePatch>> read_attributes(const Value& body, Form form);

/// One attribute as in PUT …/attrs/{name}. REQUIRES: `name` was checked.
Checked<AttributePatch> read_attribute(const Text& name, const Value& body);

/// One attribute's value alone, as in keyValues or PUT …/value, for an attribute of `type` (empty:
/// not known) with `metadata`: forbidden characters, and dates made canonical where the type is a
/// date's.
Checked<Value> read_value(const Value& body, std::string_view type,
                          const std::vector<Metadata>& metadata);

/// The value that a text/plain body says: "in quotes", true, false, null or a number. Anything
/// else: 400. Not yet checked: read_value does.
Checked<Value> read_plain(std::string_view body);

}  // namespace sosie::ngsi
