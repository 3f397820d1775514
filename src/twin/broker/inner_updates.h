#pragma once

#include <span>

#include "twin/broker/broker.h"
#include "twin/broker/world.h"

namespace sosie::ngsi {

// Updates that no client asked for by HTTP.

/// See Broker::observe.
Ticket observe_readings(World& world, std::span<const Observation> observations);

/// Removes the entities whose time is over, in all tenants.
void remove_expired(World& world);

}  // namespace sosie::ngsi
