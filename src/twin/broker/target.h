#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/world.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// The one entity that /v2/entities/{id}?type= names, where the request reads. 404 if there is
/// none, 409 if there are several. REQUIRES: the tenant's lock is held.
Checked<const StoredEntity*> readable_entity(const Tenant& tenant, const Call& call);

/// The same where the request writes.
Checked<StoredEntity*> writable_entity(Tenant& tenant, const Call& call);

/// "E1/T", or "E1" where the request names no type: the entity in descriptions of errors.
std::string entity_label(std::string_view id, std::string_view type);

/// "[ a, b ]"
std::string name_list(const std::vector<Text>& names);

/// 422 for an update where attributes could not be done: PartialUpdate if others could, else
/// Unprocessable. `problem`: "already exist" or "do not exist".
NgsiError refusal(std::string_view problem, std::string_view label, const std::vector<Text>& names,
                  bool any_done);

}  // namespace sosie::ngsi
