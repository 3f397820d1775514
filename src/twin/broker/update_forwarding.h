#pragma once

#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/registration.h"
#include "twin/broker/world.h"
#include "twin/model/entity.h"

namespace sosie::ngsi {

/// What became of attributes that were not here.
struct ForwardedUpdate {
  std::vector<Text> unknown{};  ///< nobody provides them
  std::vector<Text> failed{};   ///< their provider did not update them
  bool any_done = false;
};

/// Sends each attribute of the patch to the first provider that has it.
ForwardedUpdate forward_update(World& world, const Call& call,
                               const std::vector<Registration>& providers,
                               const EntityPatch& patch);

}  // namespace sosie::ngsi
