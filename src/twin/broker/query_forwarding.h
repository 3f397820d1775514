#pragma once

#include <functional>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/entity_query.h"
#include "twin/broker/world.h"
#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/model/render.h"

namespace sosie::ngsi {

/// The answer to a query, from here and from context providers: what is here comes first, then the
/// providers in the order of their registration; their counts add up.
Answer answer_query(World& world, const Call& call, const EntityQuery& query, const View& view);

/// Calls `use` with the one entity that /v2/entities/{id}?type= names, completed by what providers
/// have of `attrs` (empty: of all) and is not here; with ?at= as it was then, and no provider is
/// asked. 404, 409 as readable_entity.
Checked<Answer> with_entity(World& world, const Call& call, const std::vector<Text>& attrs,
                            const std::function<Checked<Answer>(const Entity&)>& use);

}  // namespace sosie::ngsi
