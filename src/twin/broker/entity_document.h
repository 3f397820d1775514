#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/entity_store.h"
#include "twin/model/entity.h"

namespace sosie::ngsi {

/// Keys of documents: parts with one blank between them. No part may have one inside.
std::string document_key(std::initializer_list<std::string_view> parts);
std::vector<std::string> key_parts(std::string_view key);

/// A member that is microseconds since the epoch; none: it is not there.
std::optional<Timestamp> read_time(const Value& object, std::string_view name);

/// {"name":…,"type":…,"value":…,"created":…,"modified":…,"metadata":[…]}
std::string attribute_document(const Attribute& attribute);
Attribute read_attribute_document(const Value& value);

/// The document of an entity: all but its key, times as microseconds since the epoch.
///
///     {"number":7,"created":…,"modified":…,"attrs":[{"name":…,"type":…,"value":…,…}]}
std::string entity_document(const StoredEntity& entity);

/// The entity of a document, with what its key says left to the caller. None: it is none.
std::optional<StoredEntity> read_entity_document(std::string_view body);
std::optional<StoredEntity> read_entity_document(const Value& document);

}  // namespace sosie::ngsi
