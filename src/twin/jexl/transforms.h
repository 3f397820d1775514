#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "twin/model/value.h"

namespace sosie::ngsi::jexl {

/// Longest text and array that an expression may make.
inline constexpr std::size_t longest_result = 1 << 20;

/// What a transform is given: the first operand stood before the '|'.
class Call {
 public:
  Call(std::span<const Value> operands, Timestamp now) : operands_(operands), now_(now) {}

  const Value& input() const { return operands_[0]; }
  std::size_t count() const { return operands_.size(); }
  Timestamp now() const { return now_; }

  /// The operand at `i` if it is there and of this kind, else null.
  const Value* value(std::size_t i) const { return i < operands_.size() ? &operands_[i] : nullptr; }
  const Text* text(std::size_t i) const { return i < count() ? operands_[i].text() : nullptr; }
  const double* number(std::size_t i) const {
    return i < count() ? operands_[i].number() : nullptr;
  }
  const Array* array(std::size_t i) const { return i < count() ? operands_[i].array() : nullptr; }

 private:
  std::span<const Value> operands_;  ///< never empty
  Timestamp now_;
};

/// None: it cannot be done with these operands, and the whole expression is null.
using Transform = std::optional<Value> (*)(const Call& call);

struct NamedTransform {
  std::string_view name;
  Transform transform;
};

/// Those that Orion documents ("Available Transformations"), and those that only the IoT Agents
/// know and people write all the same.
std::span<const NamedTransform> text_transforms();
std::span<const NamedTransform> number_transforms();
std::span<const NamedTransform> list_transforms();
std::span<const NamedTransform> time_transforms();

/// Null if there is none of this name.
Transform find_transform(std::string_view name);

/// A text itself, a number as NGSI prints it, anything else as JSON.
std::string to_plain_text(const Value& value);

/// A finite number, or none.
std::optional<Value> finite(double number);

}  // namespace sosie::ngsi::jexl
