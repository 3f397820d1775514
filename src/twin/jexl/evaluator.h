#pragma once

#include "base/clock.h"
#include "twin/jexl/node.h"
#include "twin/model/value.h"

namespace sosie::ngsi::jexl {

/// The value of an expression over a context; null where anything is wrong.
Value evaluate(const Node& root, const Value& context, Timestamp now);

bool is_truthy(const Value& value);

}  // namespace sosie::ngsi::jexl
