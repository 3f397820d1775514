#include "twin/broker/attribute_update.h"

#include "base/result.h"
#include "twin/broker/update_operators.h"
#include "twin/model/date.h"
#include "twin/model/name_index.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

std::vector<Metadata> merged(const std::vector<Metadata>& before,
                             const std::vector<Metadata>& patch) {
  std::vector<Metadata> all = before;
  NameIndex index(all);
  for (const auto& one : patch) {
    Metadata* there = index.find(one.name);
    if (there == nullptr) {
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

bool takes_a_date(std::string_view name) {
  return name == "$min" || name == "$max" || name == "$set";
}

/// The operation with its dates written as attributes of that type have them, so that they compare
/// as times. 400: one is none.
Checked<Value> with_dates(const Value& operation, std::string_view type) {
  if (!is_date_type(type)) return operation;
  Object all = *operation.object();
  for (auto& [name, operand] : all) {
    if (!takes_a_date(name.view()) || operand.is_null()) continue;
    const auto* text = operand.text();
    const auto at = text == nullptr ? std::nullopt : parse_date(*text);
    if (!at) return bad_request("date has invalid format in attribute value");
    operand = Value(print_date(*at));
  }
  return Value(std::move(all));
}

/// What an operator makes of `value`: no deeper than a client could have sent it.
Checked<Value> result_of(const Value& operation, const Value* value) {
  auto result = TRY(operate(operation, value));
  if (result.depth() > max_nesting) return too_deep();
  return result;
}

/// What Orion has an operator start from in a new entity: for dates, the epoch.
Value first_value(const Value& operation, std::string_view type) {
  const bool compares = operation.find("$min") != nullptr || operation.find("$max") != nullptr;
  if (is_date_type(type) && compares) return Value(print_date(Timestamp{}));
  return reference_of(operation);
}

}  // namespace

Checked<Attribute> new_attribute(const AttributePatch& patch, Timestamp now) {
  Attribute attribute = to_attribute(patch, now);
  if (is_operator(patch.value)) {
    const auto operation = TRY(with_dates(patch.value, patch.type));
    attribute.value = TRY(result_of(operation, nullptr));
    if (patch.type.empty()) attribute.type = default_type(attribute.value);
  }
  return attribute;
}

Checked<std::optional<Attribute>> attribute_of_new_entity(const AttributePatch& patch,
                                                          Timestamp now) {
  if (!is_operator(patch.value)) return std::optional(to_attribute(patch, now));
  if (only_removes(patch.value)) return std::optional<Attribute>();
  Attribute attribute = to_attribute(patch, now);
  const auto operation = TRY(with_dates(patch.value, patch.type));
  const Value reference = first_value(patch.value, patch.type);
  attribute.value = TRY(result_of(operation, &reference));
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
  if (!patch.type.empty()) {
    next.type = patch.type;
  } else {
    next.type = is_operation || mode.keeps_type ? attribute.type : default_type(patch.value);
  }
  next.value = patch.value;
  if (is_operation) {
    const auto operation = TRY(with_dates(patch.value, next.type));
    next.value = TRY(result_of(operation, &attribute.value));
  }
  return next;
}

}  // namespace sosie::ngsi
