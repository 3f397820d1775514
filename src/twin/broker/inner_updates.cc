#include "twin/broker/inner_updates.h"

#include <algorithm>
#include <mutex>

#include "twin/broker/call.h"
#include "twin/broker/writer.h"

namespace sosie::ngsi {
namespace {

/// A call that stands for none: what triggers notifications needs a time and a correlator.
Call inner_call(World& world) {
  static const Request none{};
  return {.request = none, .now = world.clock.now(), .correlator = world.new_uuid()};
}

AttributePatch patch_of(const Observation& observation) {
  static const Text number = "Number";
  AttributePatch patch;
  patch.name = intern(observation.attribute);
  patch.type = number;
  patch.value = observation.value;
  patch.has_value = true;
  return patch;
}

/// One that cannot be written (a name taken by a geo attribute that the number would spoil) is
/// left out: its reading is kept all the same.
void observe(Writer& writer, Tenant& tenant, const Observation& observation) {
  const std::string path(observation.path.empty() ? "/" : observation.path);
  const auto type = observation.type.empty() ? default_entity_type : observation.type;
  if (StoredEntity* entity = tenant.entities.find(path, observation.id, type)) {
    static_cast<void>(writer.append(*entity, {patch_of(observation)}));
    return;
  }
  EntityPatch patch;
  patch.id = Text(observation.id);
  patch.type = intern(type);
  patch.attributes.push_back(patch_of(observation));
  static_cast<void>(writer.create(path, patch));
}

}  // namespace

Ticket observe_readings(World& world, std::span<const Observation> observations) {
  const Call call = inner_call(world);
  Ticket ticket = 0;
  while (!observations.empty()) {
    const auto name = observations.front().tenant;
    Tenant& tenant = world.tenant(name);
    const std::unique_lock lock(tenant.mutex);
    Writer writer(world, tenant, call, {.gives_readings = false});
    while (!observations.empty() && observations.front().tenant == name) {
      observe(writer, tenant, observations.front());
      observations = observations.subspan(1);
    }
    ticket = std::max(ticket, writer.finish());
  }
  return ticket;
}

void remove_expired(World& world) {
  const Call call = inner_call(world);
  world.each_tenant([&](Tenant& tenant) {
    const std::unique_lock lock(tenant.mutex);
    Writer writer(world, tenant, call, {});
    for (StoredEntity* entity : tenant.entities.expired(call.now)) writer.remove(*entity);
    writer.finish();
  });
}

}  // namespace sosie::ngsi
