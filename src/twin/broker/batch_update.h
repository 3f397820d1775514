#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/world.h"
#include "twin/model/entity.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// What POST /v2/op/update does with its entities.
enum class BatchAction { append, append_strict, update, replace, remove };

/// "append", "appendStrict" …, or the old "APPEND", "APPEND_STRICT" …
std::optional<BatchAction> batch_action(std::string_view word);

/// One entity after the other; what can be done is done, whatever becomes of the others (NGSI v2
/// specification, "Update"). The answer: 204, or what could not be done.
Checked<Answer> update_batch(World& world, const Call& call, BatchAction action,
                             const std::vector<EntityPatch>& entities);

}  // namespace sosie::ngsi
