#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/registration.h"
#include "twin/broker/world.h"
#include "twin/model/entity.h"

namespace sosie::ngsi {

/// The registrations that a call may be forwarded to: none if it says skipForwarding, or has
/// already come through four brokers (two that are each other's provider would never end).
/// REQUIRES: the tenant's lock is held; the copies are for when it is not.
std::vector<Registration> providers_of_queries(const Tenant& tenant, const Call& call);
std::vector<Registration> providers_of_updates(const Tenant& tenant, const Call& call);

/// What a provider answered.
struct ProvidedEntities {
  std::vector<Entity> entities{};
  std::size_t total = 0;  ///< its Fiware-Total-Count, or how many came
};

/// Asks context providers, one after the other (Orion's documentation, "Context Providers").
///
/// Threads: one, for one request; no lock is held.
class ProviderClient {
 public:
  ProviderClient(World& world, const Call& call) : world_(world), call_(call) {}

  /// POST {url}/op/query. None: no usable answer.
  std::optional<ProvidedEntities> query(const Registration& provider, const Array& entities,
                                        const std::vector<Text>& attrs, Page page);

  /// POST {url}/op/update with these attributes. False: they are not updated.
  bool update(const Registration& provider, const EntityPatch& patch);

 private:
  Result<ForwardAnswer> post(const Registration& provider, const std::string& target,
                             std::string body);

  World& world_;
  const Call& call_;
};

}  // namespace sosie::ngsi
