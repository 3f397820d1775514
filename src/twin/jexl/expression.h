#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

namespace jexl {
struct Node;
}

/// A JEXL expression as Orion evaluates it in `${…}` of custom notifications and in
/// `condition.jexlExpression`: `temperature * 1.8 + 32 | round`, `name|uppercase`, `a > 3 ? 'x' :
/// b`. The transforms are listed in README.md.
///
/// Threads: any, after creation. Copies share the tree.
class Expression {
 public:
  /// None if it is no expression, over 16 KiB long or nested too deeply.
  static std::optional<Expression> parse(std::string_view text);

  /// The value over `context`, whose members are the names in the expression (REQUIRES: an object).
  /// Null where anything is wrong: a name that is not there, a wrong type, an unknown transform,
  /// too much work (a limit on the steps and on what texts and arrays may grow to).
  Value evaluate(const Value& context, Timestamp now) const;

 private:
  explicit Expression(std::shared_ptr<const jexl::Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const jexl::Node> root_;  ///< never null
};

/// Whether a value counts as true in a condition: not null, false, 0, "" (JavaScript's rules).
bool is_true(const Value& value);

}  // namespace sosie::ngsi
