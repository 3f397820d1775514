#include "twin/broker/update_operators.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/pull_condition.h"
#include "twin/model/name_index.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

NgsiError refused(std::string words) {
  return {.status = 500,
          .error = "InternalServerError",
          .description = fmt::format("Database Error: {}", words)};
}

// Numbers.

Checked<Value> arithmetic(std::string_view verb, const Value& operand, const Value* current,
                          double where_new, double (*combine)(double, double)) {
  if (operand.number() == nullptr) {
    return refused(
        fmt::format("Cannot {} with non-numeric argument: {{value: {}}}", verb, to_json(operand)));
  }
  if (current == nullptr) return Value(where_new);
  if (current->number() == nullptr) {
    return refused(fmt::format("Cannot apply ${} to a value of non-numeric type: {{value: {}}}",
                               verb == "increment" ? "inc" : "mul", to_json(*current)));
  }
  const double result = combine(*current->number(), *operand.number());
  if (!std::isfinite(result)) return refused("the result is no finite number");
  return Value(result);
}

Checked<Value> increment(const Value& operand, const Value* current) {
  const double where_new = operand.number() == nullptr ? 0 : *operand.number();
  return arithmetic("increment", operand, current, where_new,
                    [](double a, double b) { return a + b; });
}

Checked<Value> multiply(const Value& operand, const Value* current) {
  return arithmetic("multiply", operand, current, 0, [](double a, double b) { return a * b; });
}

Checked<Value> least(const Value& operand, const Value* current) {
  return current != nullptr && *current < operand ? *current : operand;
}

Checked<Value> greatest(const Value& operand, const Value* current) {
  return current != nullptr && *current > operand ? *current : operand;
}

// Arrays.

Checked<Array> items_of(const Value* current, std::string_view name) {
  if (current == nullptr) return Array();
  if (current->array() == nullptr) {
    return refused(
        fmt::format("The field 'value' must be an array but is of another type, for {}", name));
  }
  return *current->array();
}

/// {"$each": […], "$position": n, "$sort": …, "$slice": n}, or one item.
struct Additions {
  Array items{};
  std::optional<double> position{};
  std::optional<double> slice{};
  const Value* sort = nullptr;
};

Checked<std::optional<double>> whole_number(const Value& operand, std::string_view name) {
  const Value* number = operand.find(name);
  if (number == nullptr) return std::optional<double>();
  if (number->number() == nullptr || *number->number() != std::trunc(*number->number())) {
    return refused(fmt::format("The value for {} must be an integer value", name));
  }
  return std::optional<double>(*number->number());
}

Checked<Additions> additions(const Value& operand) {
  const Value* each = operand.find("$each");
  if (each == nullptr) return Additions{.items = {operand}};
  if (each->array() == nullptr) return refused("The argument to $each must be an array");
  Additions all{.items = *each->array()};
  all.position = TRY(whole_number(operand, "$position"));
  all.slice = TRY(whole_number(operand, "$slice"));
  all.sort = operand.find("$sort");
  return all;
}

/// `1` or `-1`: by the items themselves; `{"a.b": -1}`: by members of theirs.
Checked<void> sort_items(const Value& how, Array& items) {
  const Value* way = &how;
  std::string_view path;
  if (how.object() != nullptr && how.object()->size() == 1) {
    path = how.object()->front().key.view();
    way = &how.object()->front().value;
  }
  if (way->number() == nullptr || std::abs(*way->number()) != 1) {
    return refused("The $sort element value must be either 1 or -1");
  }
  const bool descending = *way->number() < 0;
  std::ranges::stable_sort(items, [&](const Value& a, const Value& b) {
    const auto order = at_path(a, path) <=> at_path(b, path);
    return descending ? order > 0 : order < 0;
  });
  return {};
}

/// The first `count` items, or the last ones where it is negative.
void slice_items(double count, Array& items) {
  const auto size = static_cast<double>(items.size());
  if (std::abs(count) >= size) return;
  const auto keep = static_cast<std::ptrdiff_t>(std::abs(count));
  if (count < 0) {
    items.erase(items.begin(), items.end() - keep);
  } else {
    items.erase(items.begin() + keep, items.end());
  }
}

/// A negative position counts from the end; one beyond the ends is the end.
std::ptrdiff_t place(std::optional<double> position, std::size_t size) {
  const auto count = static_cast<double>(size);
  if (!position) return static_cast<std::ptrdiff_t>(size);
  const double from_start = *position < 0 ? count + *position : *position;
  return static_cast<std::ptrdiff_t>(std::clamp(from_start, 0.0, count));
}

/// Whether a list, which may grow at its end, holds a value. Few values, and few questions, are
/// looked through; beyond that a set is made, as NameIndex does it for names.
class KnownValues {
 public:
  explicit KnownValues(const Array& items) : items_(items) {}

  bool has(const Value& value) {
    constexpr std::size_t few = 32;
    if (items_.size() <= few || asked_ < few) {
      ++asked_;
      return contains(items_, value);
    }
    for (; known_ < items_.size(); ++known_) set_.insert(items_[known_]);
    return set_.contains(value);
  }

 private:
  const Array& items_;
  std::size_t asked_ = 0;
  std::size_t known_ = 0;  ///< so many of the items are in the set
  std::set<Value> set_;
};

Checked<Value> push(const Value& operand, const Value* current) {
  auto items = TRY(items_of(current, "$push"));
  const auto added = TRY(additions(operand));
  items.insert(items.begin() + place(added.position, items.size()), added.items.begin(),
               added.items.end());
  if (added.sort != nullptr) {
    TRY(sort_items(*added.sort, items));
  }
  if (added.slice) slice_items(*added.slice, items);
  return Value(std::move(items));
}

Checked<Value> add_to_set(const Value& operand, const Value* current) {
  auto items = TRY(items_of(current, "$addToSet"));
  const auto added = TRY(additions(operand));
  KnownValues known(items);
  for (const auto& item : added.items) {
    if (!known.has(item)) items.push_back(item);
  }
  return Value(std::move(items));
}

Checked<Value> pull(const Value& operand, const Value* current) {
  auto items = TRY(items_of(current, "$pull"));
  const Value condition = with_sorted_lists(operand);
  std::erase_if(items, [&](const Value& item) { return is_pulled(item, condition); });
  return Value(std::move(items));
}

Checked<Value> pull_all(const Value& operand, const Value* current) {
  auto items = TRY(items_of(current, "$pullAll"));
  if (operand.array() == nullptr) return refused("$pullAll requires an array argument");
  KnownValues pulled(*operand.array());
  std::erase_if(items, [&](const Value& item) { return pulled.has(item); });
  return Value(std::move(items));
}

// Objects.

// A dot in a name of $set and $unset is part of the name: Orion writes it in another way in its
// database, so that it is no path there.

Checked<Value> set_members(const Value& operand, const Value* current) {
  if (operand.object() == nullptr) return operand;
  if (current != nullptr && current->object() == nullptr) {
    return refused("Cannot create field in an element that is no object");
  }
  Object result = current == nullptr ? Object() : *current->object();
  NameIndex index(result);
  for (const auto& [key, value] : *operand.object()) {
    if (Member* there = index.find(key)) {
      there->value = value;
    } else {
      result.push_back({.key = key, .value = value});
    }
  }
  return Value(std::move(result));
}

Checked<Value> unset_members(const Value& operand, const Value* current) {
  if (current == nullptr) return Value(Object());
  if (operand.object() == nullptr || current->object() == nullptr) return *current;
  Object result = *current->object();
  NameIndex gone(*operand.object());
  std::erase_if(result, [&](const Member& member) { return gone.has(member.key); });
  return Value(std::move(result));
}

struct Operator {
  std::string_view name;
  Checked<Value> (*apply)(const Value& operand, const Value* current);
};

constexpr std::array<Operator, 10> operators{{{"$inc", increment},
                                              {"$mul", multiply},
                                              {"$min", least},
                                              {"$max", greatest},
                                              {"$push", push},
                                              {"$addToSet", add_to_set},
                                              {"$pull", pull},
                                              {"$pullAll", pull_all},
                                              {"$set", set_members},
                                              {"$unset", unset_members}}};

const Operator* operator_of(const Value& value) {
  if (value.object() == nullptr || value.object()->empty()) return nullptr;
  const auto key = value.object()->front().key.view();
  const auto* found = std::ranges::find(operators, key, &Operator::name);
  return found == operators.end() ? nullptr : found;
}

/// $set and $unset may stand side by side: they touch different members.
bool is_of_members(const Member& member) {
  return member.key == "$set" || member.key == "$unset";
}

/// MongoDB refuses to set and to unset the same member.
Checked<void> check_conflicts(const Object& operators_given) {
  const Value* set_ones = find(operators_given, "$set");
  const Value* unset_ones = find(operators_given, "$unset");
  if (set_ones == nullptr || unset_ones == nullptr) return {};
  if (set_ones->object() == nullptr || unset_ones->object() == nullptr) return {};
  NameIndex unset(*unset_ones->object());
  for (const auto& [name, unused] : *set_ones->object()) {
    if (!unset.has(name)) continue;
    return refused(
        fmt::format("Updating the path '{0}' would create a conflict at '{0}'", name.view()));
  }
  return {};
}

}  // namespace

bool is_operator(const Value& value) {
  return operator_of(value) != nullptr;
}

Checked<Value> operate(const Value& operation, const Value* current) {
  const Object& all = *operation.object();
  TRY(check_conflicts(all));
  Value result = TRY(operator_of(operation)->apply(all.front().value, current));
  if (!std::ranges::all_of(all, is_of_members)) return result;
  for (auto next = all.begin() + 1; next != all.end(); ++next) {
    const auto apply = next->key == "$set" ? set_members : unset_members;
    result = TRY(apply(next->value, &result));
  }
  return result;
}

Value reference_of(const Value& operation) {
  const auto name = operation.object()->front().key.view();
  if (name == "$set" || name == "$unset") return Object();
  const bool is_numeric = name == "$inc" || name == "$mul" || name == "$min" || name == "$max";
  return is_numeric ? Value(0) : Value(Array());
}

bool only_removes(const Value& operation) {
  if (!is_operator(operation)) return false;
  return std::ranges::all_of(*operation.object(), [](const Member& member) {
    return member.key == "$unset" || member.key == "$pull" || member.key == "$pullAll";
  });
}

}  // namespace sosie::ngsi
