#pragma once

#include "twin/broker/macros.h"
#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// 400 for what no patch can be: `id` and `type` are texts, attributes are written as in updates,
/// and of their metadata only `evalPriority` is allowed. Any character is, since expressions need
/// them.
Checked<void> check_patch(const Object& ngsi);

/// Lays the `ngsi` of a custom notification over an entity: its attributes take the place of those
/// of the same name or are added, `id` and `type` replace (unless they come out as null). Macros
/// are put in, attributes with a lower metadata `evalPriority` first, each seeing the results of
/// those before; the metadata itself is not shown.
void patch_entity(const Value& ngsi, MacroContext& macros, Entity& entity);

}  // namespace sosie::ngsi
