#include "twin/model/value.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace sosie::ngsi {

Value::Value() noexcept = default;
Value::Value(Array array) : held_(std::make_shared<const Array>(std::move(array))) {}
Value::Value(Object object) : held_(std::make_shared<const Object>(std::move(object))) {}

Kind Value::kind() const {
  constexpr Kind kinds[] = {Kind::null, Kind::boolean, Kind::number,
                            Kind::text, Kind::array,   Kind::object};
  return kinds[held_.index()];
}

const Array* Value::array() const {
  const auto* shared = std::get_if<std::shared_ptr<const Array>>(&held_);
  return shared == nullptr ? nullptr : shared->get();
}

const Object* Value::object() const {
  const auto* shared = std::get_if<std::shared_ptr<const Object>>(&held_);
  return shared == nullptr ? nullptr : shared->get();
}

const Value* Value::find(std::string_view key) const {
  const Object* members = object();
  return members == nullptr ? nullptr : ngsi::find(*members, key);
}

std::size_t Value::depth() const {
  std::size_t deepest = 0;
  if (const Array* items = array()) {
    for (const Value& item : *items) deepest = std::max(deepest, item.depth());
    return deepest + 1;
  }
  if (const Object* members = object()) {
    for (const Member& member : *members) deepest = std::max(deepest, member.value.depth());
    return deepest + 1;
  }
  return 0;
}

bool Value::operator==(const Value& other) const {
  if (held_.index() != other.held_.index()) return false;
  if (const Array* items = array()) return items == other.array() || *items == *other.array();
  if (const Object* members = object()) {
    return members == other.object() || *members == *other.object();
  }
  return held_ == other.held_;
}

namespace {

std::weak_ordering compare(const Member& a, const Member& b) {
  if (const auto keys = a.key <=> b.key; keys != 0) return keys;
  return a.value <=> b.value;
}

std::weak_ordering compare(const Value& a, const Value& b) {
  return a <=> b;
}

template <class Parts>
std::weak_ordering by_parts(const Parts& a, const Parts& b) {
  return std::lexicographical_compare_three_way(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const auto& left, const auto& right) { return compare(left, right); });
}

}  // namespace

std::weak_ordering Value::operator<=>(const Value& other) const {
  if (kind() != other.kind()) return kind() <=> other.kind();
  switch (kind()) {
    case Kind::number:
      return std::weak_order(*number(), *other.number());
    case Kind::text:
      return *text() <=> *other.text();
    case Kind::object:
      return by_parts(*object(), *other.object());
    case Kind::array:
      return by_parts(*array(), *other.array());
    case Kind::boolean:
      return *flag() <=> *other.flag();
    case Kind::null:
      break;
  }
  return std::weak_ordering::equivalent;
}

bool contains(const Array& items, const Value& wanted) {
  return std::find(items.begin(), items.end(), wanted) != items.end();
}

const Value* find(const Object& object, std::string_view key) {
  const auto found = std::ranges::find_if(object, [&](const Member& m) { return m.key == key; });
  return found == object.end() ? nullptr : &found->value;
}

const Value* find_path(const Value& root, const std::vector<std::string>& path) {
  const Value* at = &root;
  for (const std::string& step : path) {
    if (const Array* items = at->array()) {
      const auto index = to_integer(step);
      if (!index || *index < 0 || static_cast<std::size_t>(*index) >= items->size()) return nullptr;
      at = &(*items)[static_cast<std::size_t>(*index)];
    } else {
      at = at->find(step);
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

void set(Object& object, std::string_view key, Value value) {
  const auto found = std::ranges::find_if(object, [&](const Member& m) { return m.key == key; });
  if (found == object.end()) {
    object.push_back({.key = intern(key), .value = std::move(value)});
  } else {
    found->value = std::move(value);
  }
}

const Text& default_type(const Value& value) {
  static const Text none("None");
  static const Text number("Number");
  static const Text text("Text");
  static const Text flag("Boolean");
  static const Text structured("StructuredValue");
  switch (value.kind()) {
    case Kind::number:
      return number;
    case Kind::text:
      return text;
    case Kind::boolean:
      return flag;
    case Kind::array:
    case Kind::object:
      return structured;
    case Kind::null:
      break;
  }
  return none;
}

}  // namespace sosie::ngsi
