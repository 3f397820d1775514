#pragma once

#include <string_view>
#include <vector>

#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// Whether one of `< > " ' = ; ( )` is in it, which Orion refuses in every text of a payload.
bool has_forbidden(std::string_view text);

/// The same for each text in a value, keys of objects included.
bool has_forbidden(const Value& value);

/// Ids, types and names ("Field syntax restrictions"): ASCII 33 to 126 without `& ? / #` and the
/// forbidden eight, 1 to 256 long. `what` begins the description: "entity id", "attribute type" …
///
///     entity id length: 300, max length supported: 256
///     Invalid characters in entity id
Checked<void> check_field(std::string_view text, std::string_view what);

/// The same for a name of an attribute (`id`, `type`, `geo:distance` and `*` are reserved) or of
/// a metadata.
Checked<void> check_attribute_name(std::string_view name);
Checked<void> check_metadata_name(std::string_view name);

/// Whether forbidden characters may stand in an attribute's value: its type is TextUnrestricted, or
/// it has metadata TextUnrestricted that is true.
bool is_unrestricted(std::string_view type, const std::vector<Metadata>& metadata);

/// "Invalid characters in attribute value", unless `type` is TextUnrestricted.
Checked<void> check_attribute_value(const Value& value, std::string_view type);

}  // namespace sosie::ngsi
