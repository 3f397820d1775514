#pragma once

#include "twin/broker/macros.h"
#include "twin/model/entity.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// Lays the `ngsi` of a custom notification over an entity: its attributes take the place of those
/// of the same name or are added, `id` and `type` replace. Macros are put in, attributes with a
/// lower metadata `evalPriority` first, each seeing the results of those before; the metadata
/// itself is not shown.
void patch_entity(const Value& ngsi, MacroContext& macros, Entity& entity);

}  // namespace sosie::ngsi
