#include "twin/broker/update_forwarding.h"

#include <algorithm>

#include "twin/broker/providers.h"

namespace sosie::ngsi {
namespace {

const Registration* provider_of(const std::vector<Registration>& providers,
                                const EntityPatch& entity, const Text& attribute) {
  for (const auto& one : providers) {
    const bool has_entity = std::ranges::any_of(one.entities, [&](const ProvidedEntity& provided) {
      return provided.matches(entity.id, entity.type);
    });
    if (has_entity && one.provides(attribute)) return &one;
  }
  return nullptr;
}

}  // namespace

ForwardedUpdate forward_update(World& world, const Call& call,
                               const std::vector<Registration>& providers,
                               const EntityPatch& patch) {
  ForwardedUpdate outcome;
  ProviderClient client(world, call);
  for (const auto& provider : providers) {
    EntityPatch part;
    part.id = patch.id;
    part.type = patch.type;
    for (const auto& attribute : patch.attributes) {
      if (provider_of(providers, patch, attribute.name) == &provider) {
        part.attributes.push_back(attribute);
      }
    }
    if (part.attributes.empty()) continue;
    if (client.update(provider, part)) {
      outcome.any_done = true;
    } else {
      for (const auto& attribute : part.attributes) outcome.failed.push_back(attribute.name);
    }
  }
  for (const auto& attribute : patch.attributes) {
    if (provider_of(providers, patch, attribute.name) == nullptr) {
      outcome.unknown.push_back(attribute.name);
    }
  }
  return outcome;
}

}  // namespace sosie::ngsi
