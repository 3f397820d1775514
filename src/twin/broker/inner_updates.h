#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "twin/broker/broker.h"
#include "twin/broker/world.h"

namespace sosie::ngsi {

// Updates that no client asked for by HTTP.

/// See Broker::observe.
Ticket observe_readings(World& world, std::span<const Observation> observations, Kept kept);

/// How far a walk over all entities is.
struct WalkPlace {
  std::string tenant;
  std::uint64_t number = 0;  ///< of the last entity that was visited
};

/// See Broker::keep_numbers.
bool keep_numbers(World& world, WalkPlace& place, std::size_t most);

/// See Broker::bring_back.
void bring_back(World& world, const Observation& newest);

/// Removes the entities whose time is over, in all tenants.
void remove_expired(World& world);

}  // namespace sosie::ngsi
