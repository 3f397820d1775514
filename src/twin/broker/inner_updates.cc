#include "twin/broker/inner_updates.h"

#include <algorithm>
#include <mutex>

#include "twin/broker/call.h"
#include "twin/broker/writer.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {
namespace {

/// More attributes at once are told in parts.
constexpr std::size_t most_in_update = 64;

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

bool is_one_entity(const Observation& a, const Observation& b) {
  return a.id == b.id && a.type == b.type && a.path == b.path && a.tenant == b.tenant;
}

/// So many of the observations are one update: of one entity at one instant, each attribute once.
/// What a device measured together is told together.
std::size_t size_of_update(std::span<const Observation> observations) {
  const auto& first = observations.front();
  std::size_t size = 1;
  for (; size < observations.size() && size < most_in_update; ++size) {
    const auto& next = observations[size];
    if (next.at != first.at || !is_one_entity(next, first)) break;
    const auto before = observations.first(size);
    const bool is_again = std::ranges::any_of(
        before, [&](const Observation& other) { return other.attribute == next.attribute; });
    if (is_again) break;
  }
  return size;
}

/// `update` is of one entity. False: it cannot be written.
bool write_update(Writer& writer, Tenant& tenant, std::span<const Observation> update) {
  const auto& first = update.front();
  const std::string path(first.path.empty() ? "/" : first.path);
  const auto type = first.type.empty() ? default_entity_type : first.type;
  EntityPatch patch;
  patch.attributes.reserve(update.size());
  for (const auto& observation : update) patch.attributes.push_back(patch_of(observation));
  if (StoredEntity* entity = tenant.entities.find(path, first.id, type)) {
    return static_cast<bool>(writer.append(*entity, patch.attributes));
  }
  patch.id = Text(first.id);
  patch.type = intern(type);
  return static_cast<bool>(writer.create(path, patch));
}

/// One that cannot be written (a name taken by a geo attribute that the number would spoil) is
/// left out: its reading is kept all the same.
void observe(Writer& writer, Tenant& tenant, std::span<const Observation> update) {
  if (write_update(writer, tenant, update) || update.size() == 1) return;
  for (std::size_t i = 0; i < update.size(); ++i) {
    static_cast<void>(write_update(writer, tenant, update.subspan(i, 1)));
  }
}

}  // namespace

Ticket observe_readings(World& world, std::span<const Observation> observations, Kept kept) {
  const Call call = inner_call(world);
  Ticket ticket = 0;
  while (!observations.empty()) {
    const auto name = observations.front().tenant;
    Tenant& tenant = world.tenant(name);
    const std::unique_lock lock(tenant.mutex);
    Writer writer(world, tenant, call,
                  {.gives_readings = false, .keeps_numbers = kept == Kept::now});
    while (!observations.empty() && observations.front().tenant == name) {
      const auto size = size_of_update(observations);
      observe(writer, tenant, observations.first(size));
      observations = observations.subspan(size);
    }
    ticket = std::max(ticket, writer.finish());
  }
  return ticket;
}

bool keep_numbers(World& world, WalkPlace& place, std::size_t most) {
  const Call call = inner_call(world);
  std::size_t count = 0;
  world.each_tenant([&](Tenant& tenant) {
    if (count == most || tenant.name < place.tenant) return;
    if (tenant.name != place.tenant) place = {tenant.name, 0};
    const std::unique_lock lock(tenant.mutex);
    Writer writer(world, tenant, call, {});
    tenant.entities.each_after(place.number, [&](StoredEntity& entity) {
      place.number = entity.number;
      if (!entity.is_unkept) return true;
      writer.keep(entity);
      return ++count < most;
    });
    writer.finish();
  });
  if (count < most) place = {};
  return count == most;
}

void bring_back(World& world, const Observation& newest) {
  if (world.look_at(newest.tenant).entities.size() == 0) return;
  Tenant& tenant = world.tenant(newest.tenant);
  const std::unique_lock lock(tenant.mutex);
  StoredEntity* entity = tenant.entities.find(newest.path, newest.id, newest.type);
  if (entity == nullptr) return;
  Attribute* attribute = NameIndex(entity->attributes).find(newest.attribute);
  if (attribute == nullptr || attribute->value.number() == nullptr) return;
  if (newest.at <= attribute->modified) return;
  attribute->value = newest.value;
  attribute->modified = newest.at;
  entity->modified = std::max(entity->modified, newest.at);
  entity->is_unkept = true;
  tenant.entities.changed(*entity);
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
