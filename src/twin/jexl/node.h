#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "twin/model/value.h"

namespace sosie::ngsi::jexl {

/// What a node of an expression's tree does with its children.
enum class Act : std::uint8_t {
  literal,
  name,         ///< of the context
  relative,     ///< `.name` in a filter: of the item looked at
  member,       ///< a.name
  element,      ///< a[b]
  filter,       ///< a[.x > 1]
  complement,   ///< !a
  minus,        ///< -a
  otherwise,    ///< a ?: b
  conditional,  ///< a ? b : c
  array,
  object,     ///< keys in `literal`, an array of texts
  transform,  ///< a|name(b, c)
  // of two operands
  add,
  subtract,
  multiply,
  divide,
  divide_whole,
  remainder,
  power,
  equal,
  unequal,
  greater,
  less,
  greater_or_equal,
  less_or_equal,
  in,
  all_of,
  any_of
};

struct Node {
  Act act = Act::literal;
  Value literal{};
  Text name{};  ///< of a name, a member, a transform
  std::vector<Node> children{};
};

inline constexpr std::size_t longest_expression = 16 << 10;  ///< bytes
inline constexpr int deepest_nesting = 200;                  ///< of brackets and signs
inline constexpr std::size_t highest_tree = 500;             ///< nodes one under the other

/// JEXL's grammar (Shawver, Jexl's readme, "All the details"). None if `text` is not of it.
std::optional<Node> parse(std::string_view text);

}  // namespace sosie::ngsi::jexl
