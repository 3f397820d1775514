#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "wire/json/value.h"

namespace sosie::context {

/// One numeric attribute of an entity, as a broker's answer or notification has it.
struct Measure {
  std::string entity;
  std::string attribute;
  double value = 0;
  std::optional<Timestamp> at;  ///< none: the broker says nothing of its time
  std::string unit;             ///< the metadata unit or unitCode
};

/// The numeric attributes of one entity, in normalized or keyValues form; what is no number is
/// passed over. The time is, first found: the attribute's metadata TimeInstant, or dateModified;
/// the entity's attribute TimeInstant, or dateModified.
///
/// Errors (invalid): no object, or without an id.
Result<std::vector<Measure>> read_measures(const json::Value& entity);

}  // namespace sosie::context
