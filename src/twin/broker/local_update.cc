#include "twin/broker/local_update.h"

#include <mutex>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/providers.h"
#include "twin/broker/target.h"
#include "twin/broker/update_forwarding.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {
namespace {

/// The attributes of these names, as an update of the entity that the call names.
EntityPatch part(const Call& call, const std::vector<AttributePatch>& patches,
                 const std::vector<Text>& names) {
  EntityPatch patch;
  patch.id = Text(call.captured.front());
  patch.type = Text(call.type());
  NameIndex wanted(names);
  for (const auto& one : patches) {
    if (wanted.has(one.name)) patch.attributes.push_back(one);
  }
  return patch;
}

}  // namespace

Checked<UpdateOutcome> update_existing(World& world, const Call& call, UpdateMode mode,
                                       const MakePatches& make) {
  UpdateOutcome outcome;
  std::vector<AttributePatch> patches;
  std::vector<Registration> providers;
  {
    Tenant& tenant = world.tenant(call.tenant);
    const std::unique_lock lock(tenant.mutex);
    providers = providers_of_updates(tenant, call);
    const auto entity = writable_entity(tenant, call);
    if (!entity && (providers.empty() || entity.error().status != 404)) return entity.error();
    patches = TRY(make(entity ? *entity : nullptr));
    if (entity) {
      Writer writer(world, tenant, call, mode);
      auto partial = TRY(writer.update(**entity, patches));
      outcome.unknown = std::move(partial.refused);
      outcome.any_done = partial.any_done;
      outcome.is_entity_here = true;
      outcome.ticket = writer.finish();
    } else {
      for (const auto& patch : patches) outcome.unknown.push_back(patch.name);
    }
  }
  if (outcome.unknown.empty() || providers.empty()) return outcome;
  auto forwarded = forward_update(world, call, providers, part(call, patches, outcome.unknown));
  outcome.unknown = std::move(forwarded.unknown);
  outcome.failed = std::move(forwarded.failed);
  outcome.any_done = outcome.any_done || forwarded.any_done;
  const bool is_nowhere = !outcome.is_entity_here && !outcome.any_done && outcome.failed.empty();
  if (is_nowhere) return entity_not_found();
  return outcome;
}

}  // namespace sosie::ngsi
