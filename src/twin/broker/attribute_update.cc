#include "twin/broker/attribute_update.h"

#include <algorithm>

#include "base/result.h"
#include "twin/broker/update_operators.h"

namespace sosie::ngsi {
namespace {

std::vector<Metadata> merged(const std::vector<Metadata>& before,
                             const std::vector<Metadata>& patch) {
  std::vector<Metadata> all = before;
  for (const auto& one : patch) {
    const auto there = std::ranges::find(all, one.name, &Metadata::name);
    if (there == all.end()) {
      all.push_back(one);
    } else {
      *there = one;
    }
  }
  return all;
}

std::vector<Metadata> updated_metadata(const Attribute& attribute, const AttributePatch& patch,
                                       const UpdateMode& mode) {
  if (mode.override_metadata) return patch.metadata.value_or(std::vector<Metadata>());
  if (!patch.metadata) return attribute.metadata;
  if (patch.metadata->empty()) return {};
  return merged(attribute.metadata, *patch.metadata);
}

}  // namespace

Checked<Attribute> new_attribute(const AttributePatch& patch, Timestamp now) {
  Attribute attribute = to_attribute(patch, now);
  if (is_operator(patch.value)) {
    attribute.value = TRY(operate(patch.value, nullptr));
    if (patch.type.empty()) attribute.type = default_type(attribute.value);
  }
  return attribute;
}

Checked<std::optional<Attribute>> attribute_of_new_entity(const AttributePatch& patch,
                                                          Timestamp now) {
  if (!is_operator(patch.value)) return std::optional(to_attribute(patch, now));
  if (only_removes(patch.value)) return std::optional<Attribute>();
  Attribute attribute = to_attribute(patch, now);
  const Value reference = reference_of(patch.value);
  attribute.value = TRY(operate(patch.value, &reference));
  if (patch.type.empty()) attribute.type = default_type(attribute.value);
  return std::optional(std::move(attribute));
}

Checked<Attribute> updated(const Attribute& attribute, const AttributePatch& patch,
                           const UpdateMode& mode, Timestamp now) {
  const bool is_operation = is_operator(patch.value);
  Attribute next;
  next.name = attribute.name;
  next.created = attribute.created;
  next.modified = now;
  next.metadata = updated_metadata(attribute, patch, mode);
  next.value = patch.value;
  if (is_operation) next.value = TRY(operate(patch.value, &attribute.value));
  if (!patch.type.empty()) {
    next.type = patch.type;
  } else {
    next.type = is_operation || mode.keeps_type ? attribute.type : default_type(patch.value);
  }
  return next;
}

}  // namespace sosie::ngsi
