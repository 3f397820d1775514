#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "twin/model/text.h"

namespace sosie::ngsi {

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;  ///< in the order in which it was written; keys are unique

/// In the order in which values of different kinds are sorted.
enum class Kind : std::uint8_t { null, number, text, object, array, boolean };

/// A JSON value: what an attribute or a metadata holds, and any body or part of one. 24 bytes.
/// A value: copied cheaply (long parts are shared), never changed in place; to change an array,
/// copy it, change the copy and make a Value of it.
///
/// Numbers are doubles, as in Orion; never NaN or infinite when they come from a parser.
class Value {
 public:
  Value() noexcept;  // not inline: with sanitizers g++ 12 takes a null for uninitialized
  Value(std::nullptr_t) : Value() {}                    // NOLINT(google-explicit-constructor)
  Value(std::same_as<bool> auto flag) : held_(flag) {}  // NOLINT(google-explicit-constructor)
  Value(double number) : held_(number) {}               // NOLINT(google-explicit-constructor)
  Value(std::integral auto number)                      // NOLINT(google-explicit-constructor)
    requires(!std::same_as<decltype(number), bool>)
      : held_(static_cast<double>(number)) {}
  Value(Text text) : held_(std::move(text)) {}           // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : held_(Text(text)) {}    // NOLINT(google-explicit-constructor)
  Value(const std::string& text) : held_(Text(text)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* text) : held_(Text(text)) {}         // NOLINT(google-explicit-constructor)
  Value(Array array);                                    // NOLINT(google-explicit-constructor)
  Value(Object object);                                  // NOLINT(google-explicit-constructor)

  Kind kind() const;
  bool is_null() const { return held_.index() == 0; }
  /// The content if it is of this kind, else null. Valid while this Value lives.
  const bool* flag() const { return std::get_if<bool>(&held_); }
  const double* number() const { return std::get_if<double>(&held_); }
  const Text* text() const { return std::get_if<Text>(&held_); }
  const Array* array() const;
  const Object* object() const;

  /// The member of an object; null if there is none or this is no object.
  const Value* find(std::string_view key) const;

  /// Levels of arrays and objects: 0 for a number, 1 for [], 2 for {"a": []}.
  std::size_t depth() const;

  /// Same kind and content; members of objects in the same order, as MongoDB compares them.
  bool operator==(const Value& other) const;

  /// A total order: null < numbers < texts (by bytes) < objects < arrays < booleans; objects and
  /// arrays part by part, the shorter first.
  std::weak_ordering operator<=>(const Value& other) const;

 private:
  std::variant<std::monostate, bool, double, Text, std::shared_ptr<const Array>,
               std::shared_ptr<const Object>>
      held_;
};

struct Member {
  Text key{};
  Value value{};
  bool operator==(const Member&) const = default;
};

/// Whether `items` holds a value that equals `wanted`.
bool contains(const Array& items, const Value& wanted);

/// The member of an object, or null.
const Value* find(const Object& object, std::string_view key);

/// The value at a path of keys and, in arrays, of whole numbers; null if there is none. An empty
/// path is the value itself.
const Value* find_path(const Value& root, const std::vector<std::string>& path);

/// Sets or adds a member.
void set(Object& object, std::string_view key, Value value);

/// The type that an attribute or metadata gets when none was given: "Text", "Number", "Boolean",
/// "StructuredValue" or "None" (NGSI v2 specification, "Partial representations").
const Text& default_type(const Value& value);

}  // namespace sosie::ngsi
