#pragma once

#include <string_view>

#include "twin/broker/call.h"
#include "twin/broker/entity_query.h"
#include "twin/model/error.h"
#include "twin/model/render.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// What POST /v2/op/query asks.
struct AskedEntities {
  EntityQuery query;
  View view;
};
Checked<AskedEntities> read_query_body(const Call& call, const Value& body);

/// One element of a list of entities: id or idPattern, type or typePattern.
Checked<EntitySelector> read_selector(const Value& element);

/// The texts of an `expression`, which live as long as `object`. 400 for one that is empty.
Checked<ExpressionTexts> read_expression(const Object& object);

}  // namespace sosie::ngsi
