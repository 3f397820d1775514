#pragma once

#include "twin/broker/notification.h"
#include "twin/broker/world.h"

namespace sosie::ngsi {

/// See Broker::delivered.
bool note_delivery(World& world, const Delivery& delivery);

/// Gives the Keeper the counters that have moved since the last time.
void keep_counters(World& world);

}  // namespace sosie::ngsi
