#include "twin/broker/pull_condition.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace sosie::ngsi {
namespace {

bool is_one_of(const Value& item, const Value& list) {
  return list.array() != nullptr && std::ranges::binary_search(*list.array(), item);
}

/// One of the operators; others hold of nothing.
bool holds(std::string_view sign, const Value& item, const Value& operand) {
  if (sign == "$eq") return item == operand;
  if (sign == "$ne") return item != operand;
  if (sign == "$in") return is_one_of(item, operand);
  if (sign == "$nin") return !is_one_of(item, operand);
  if (item.kind() != operand.kind()) return false;
  const auto order = item <=> operand;
  if (sign == "$gt") return order > 0;
  if (sign == "$gte") return order >= 0;
  if (sign == "$lt") return order < 0;
  return sign == "$lte" && order <= 0;
}

bool is_condition(const Value& value) {
  const Object* members = value.object();
  return members != nullptr && !members->empty() && members->front().key.view().starts_with('$');
}

bool meets(const Value& item, const Value& condition) {
  if (!is_condition(condition)) return item == condition;
  return std::ranges::all_of(*condition.object(), [&](const Member& member) {
    return holds(member.key.view(), item, member.value);
  });
}

Value sorted_lists_of(const Value& condition) {
  if (!is_condition(condition)) return condition;
  Object members = *condition.object();
  for (auto& [sign, operand] : members) {
    if ((sign != "$in" && sign != "$nin") || operand.array() == nullptr) continue;
    Array sorted = *operand.array();
    std::ranges::sort(sorted);
    operand = Value(std::move(sorted));
  }
  return Value(std::move(members));
}

}  // namespace

Value with_sorted_lists(const Value& operand) {
  if (operand.object() == nullptr || is_condition(operand)) return sorted_lists_of(operand);
  Object members = *operand.object();
  for (auto& member : members) member.value = sorted_lists_of(member.value);
  return Value(std::move(members));
}

Value at_path(const Value& value, std::string_view path) {
  const Value* at = &value;
  if (path.empty()) return value;
  for (const auto name : split(path, '.')) {
    at = at->find(name);
    if (at == nullptr) return {};
  }
  return *at;
}

bool is_pulled(const Value& item, const Value& operand) {
  if (operand.object() == nullptr || is_condition(operand)) return meets(item, operand);
  if (item.object() == nullptr) return false;
  return std::ranges::all_of(*operand.object(), [&](const Member& member) {
    return meets(at_path(item, member.key.view()), member.value);
  });
}

}  // namespace sosie::ngsi
