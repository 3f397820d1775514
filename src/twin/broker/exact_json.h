#pragma once

#include <string>

#include "twin/model/value.h"

namespace sosie::ngsi {

/// Appends `value` as JSON from which parse_json makes the very same value: numbers keep every bit,
/// unlike in answers, where Orion's nine decimals are the rule.
void write_exact(const Value& value, std::string& out);

}  // namespace sosie::ngsi
