#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sosie::json {

/// A JSON value as a plain tree, for small bodies and payloads of unknown shape.
struct Value {
  using List = std::vector<Value>;
  struct Member;
  using Object = std::vector<Member>;  ///< in the order of the text

  /// Whole numbers that fit are std::int64_t, all others double; never NaN or infinite.
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, List, Object> value;

  /// The member or, by a whole number, the element at a path: "a.b.c", "list.0.x". A key that has a
  /// dot in it is found too, the longest first. Null if there is none. "" is the value itself.
  const Value* find(std::string_view path) const;

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
  std::optional<double> number() const;  ///< of a number; none of anything else
  const std::string* text() const { return std::get_if<std::string>(&value); }
  const bool* flag() const { return std::get_if<bool>(&value); }
  const List* list() const { return std::get_if<List>(&value); }
  const Object* object() const { return std::get_if<Object>(&value); }

  /// "a text", "a number", "null", "an object" …: what was read, for messages.
  std::string_view kind() const;
};

struct Value::Member {
  std::string key;
  Value value;
};

/// Turns text into a Value. Keeps its buffers, so one that lives on allocates little.
///
/// Errors (invalid): not JSON; deeper than 64 levels; a key twice in one object; over 1 MiB.
/// Threads: one at a time.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  Result<Value> parse(std::string_view text);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

/// For once: a Parser of its own.
Result<Value> parse(std::string_view text);

}  // namespace sosie::json
