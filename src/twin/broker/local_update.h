#pragma once

#include <functional>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/world.h"
#include "twin/broker/writer.h"
#include "twin/model/entity.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// What an update of existing attributes is made of, once the entity is known (null: it is not
/// here).
using MakePatches = std::function<Checked<std::vector<AttributePatch>>(const StoredEntity*)>;

/// What an update could and could not do, here and at the providers of what is not here.
struct UpdateOutcome {
  std::vector<Text> unknown{};  ///< attributes that are nowhere
  std::vector<Text> failed{};   ///< attributes that their provider did not update
  bool is_entity_here = false;
  bool any_done = false;
  Ticket ticket = 0;
};

/// Updates attributes of the entity that /v2/entities/{id} names, and forwards those that are not
/// here to their context providers. 404 and 409 for the entity, if no provider can help.
Checked<UpdateOutcome> update_existing(World& world, const Call& call, UpdateMode mode,
                                       const MakePatches& make);

}  // namespace sosie::ngsi
