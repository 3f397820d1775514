#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "twin/model/entity.h"
#include "twin/model/json_text.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// How entities are written. The two simplified ones write each entity as their namesakes do; it
/// is the notification around it that they leave away.
enum class Format {
  normalized,
  key_values,
  values,
  unique_values,
  simplified_normalized,
  simplified_key_values
};

/// The `attrs` or `metadata` list of a request: names in order, `*` for all the user's, and the
/// built-in names. Empty: `*`.
struct Selection {
  std::vector<Text> names{};
  std::vector<Text> except{};  ///< exceptAttrs; only with empty names

  bool operator==(const Selection&) const = default;
};

/// What changed in an attribute, for the metadata that only notifications have.
struct AttributeChange {
  Text name{};
  std::string_view action{};            ///< actionType: "append", "update" or "delete"
  std::optional<Attribute> previous{};  ///< previousValue; none: it is new
};

/// What a notification knows beyond the entity.
struct Happening {
  std::string_view alteration_type{};  ///< "entityCreate", "entityUpdate" …; a built-in attribute
  std::span<const AttributeChange> changes{};
};

/// What is shown of an entity and how.
struct View {
  Format format = Format::normalized;
  bool covered = false;  ///< attributes of `attrs` that the entity lacks come as null
  Selection attrs{};     ///< built-in: dateCreated, dateModified, dateExpires, servicePath,
                         ///< alterationType
  Selection metadata{};  ///< built-in: dateCreated, dateModified, previousValue, actionType
  Happening happening{};
};

/// Appends JSON to `out`. A user's attribute or metadata with a built-in name wins. Attributes
/// come in the order of `attrs`, those of `*` as they are in the entity.
///
/// Budget: 1 us an entity of 5 numbers.
void render_entity(const Entity& entity, const View& view, std::string& out);

/// The same without id and type, as GET …/attrs answers. `values` formats as render_entity.
void render_attributes(const Entity& entity, const View& view, std::string& out);

/// {"type": …, "value": …, "metadata": {…}}, as GET …/attrs/{name} answers.
void render_attribute(const Attribute& attribute, const View& view, std::string& out);

}  // namespace sosie::ngsi
