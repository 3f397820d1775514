#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "twin/broker/archive.h"
#include "twin/broker/call.h"
#include "twin/broker/entity_store.h"
#include "twin/broker/world.h"
#include "twin/model/render.h"

namespace sosie::ngsi {

/// How an entity was at an instant: what it is now, less what has changed since.
///
/// Whatever changes leaves behind what was true before (EarlierState), so that going back from now
/// needs to look at nothing older than the instant. Numbers leave nothing behind as long as their
/// series tells it: an attribute that is a number, stays one and keeps its type and metadata is
/// looked up there. What is new leaves nothing behind either: its time of creation tells.
///
/// A body is {"attrs": [as they were], "expires": as it was, or null}, both where they changed, or
/// of an entity that was deleted its whole document.

/// "tenant id type path": so all entities of an id begin alike.
std::string past_key(std::string_view tenant, const Entity& entity);

/// What `changes` leave behind of an entity, which is as it is after them; empty: nothing.
std::string earlier_parts(const Entity& entity, const std::vector<AttributeChange>& changes,
                          std::optional<Timestamp> expired_before);

/// A reading was made of the number before and is made of that after, each with its own time; and
/// nothing else of the attribute has changed.
bool is_told_by_series(const Attribute& before, const Attribute& after);

/// A number before it changed, if its series tells all there is to know. None: it does not.
std::optional<Attribute> earlier_number(const AttributeChange& change, const Attribute& after);

/// A value that an attribute had, and when it was last written.
struct PastValue {
  Timestamp at{};
  Value value{};
  bool operator==(const PastValue&) const = default;
};

/// The values of an attribute that changed after `instant`, the newest first, as far as they left
/// anything behind: those of a number with a series did not. `key` is a past_key.
Result<std::vector<PastValue>> past_values(const Archive& archive, std::string_view key,
                                           std::string_view attribute, Timestamp instant);

/// The one entity that /v2/entities/{id}?type= names as it was at `instant` (a DateTime). 400 for
/// what is none and for the future; 404 if there was none, also where so much is not remembered;
/// 409 if there were several.
Checked<StoredEntity> entity_at(World& world, const Call& call, std::string_view instant);

}  // namespace sosie::ngsi
