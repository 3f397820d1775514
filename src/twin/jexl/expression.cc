#include "twin/jexl/expression.h"

#include <utility>

#include "twin/jexl/evaluator.h"
#include "twin/jexl/node.h"

namespace sosie::ngsi {

std::optional<Expression> Expression::parse(std::string_view text) {
  auto root = jexl::parse(text);
  if (!root) return std::nullopt;
  return Expression(std::make_shared<const jexl::Node>(std::move(*root)));
}

Value Expression::evaluate(const Value& context, Timestamp now) const {
  return jexl::evaluate(*root_, context, now);
}

bool is_true(const Value& value) {
  return jexl::is_truthy(value);
}

}  // namespace sosie::ngsi
