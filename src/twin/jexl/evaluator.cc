#include "twin/jexl/evaluator.h"

#include <cmath>
#include <string>
#include <utility>

#include "twin/jexl/transforms.h"

namespace sosie::ngsi::jexl {

namespace {

/// What a node came to. A name that is not in the context is undefined, which only `||`, `&&`, `!=`
/// and conditions can live with; all else makes it a failure, and a failure makes everything one.
struct Outcome {
  enum class State : std::uint8_t { value, undefined, failed };

  Outcome(Value made)  // NOLINT(google-explicit-constructor): most outcomes are values
      : state(State::value), value(std::move(made)) {}
  Outcome(State without_value) : state(without_value) {}  // NOLINT(google-explicit-constructor)
  Outcome(std::optional<Value> maybe)                     // NOLINT(google-explicit-constructor)
      : state(maybe ? State::value : State::failed), value(std::move(maybe).value_or(Value())) {}

  bool is_value() const { return state == State::value; }
  bool is_failed() const { return state == State::failed; }
  bool holds() const { return is_value() && is_truthy(value); }

  State state;
  Value value{};
};

constexpr auto failed = Outcome::State::failed;
constexpr auto undefined = Outcome::State::undefined;

Outcome found(const Value* value) {
  return value == nullptr ? Outcome(undefined) : *value;
}

Outcome add(const Value& a, const Value& b) {
  if (a.number() != nullptr && b.number() != nullptr) return finite(*a.number() + *b.number());
  if (a.text() == nullptr && b.text() == nullptr) return failed;
  const std::string joined = to_plain_text(a) + to_plain_text(b);
  if (joined.size() > longest_result) return failed;
  return Value(joined);
}

Outcome calculate(Act act, const Value& left, const Value& right) {
  if (act == Act::add) return add(left, right);
  if (left.number() == nullptr || right.number() == nullptr) return failed;
  const double a = *left.number();
  const double b = *right.number();
  switch (act) {
    case Act::subtract:
      return finite(a - b);
    case Act::multiply:
      return finite(a * b);
    case Act::divide:
      return finite(a / b);
    case Act::divide_whole:
      return finite(std::floor(a / b));
    case Act::remainder:
      return finite(std::fmod(a, b));
    default:
      return finite(std::pow(a, b));
  }
}

/// Numbers with numbers, texts with texts.
Outcome rank(Act act, const Value& a, const Value& b) {
  if (a.kind() != b.kind() || (a.number() == nullptr && a.text() == nullptr)) return failed;
  const auto order = a <=> b;
  switch (act) {
    case Act::greater:
      return Value(order > 0);
    case Act::less:
      return Value(order < 0);
    case Act::greater_or_equal:
      return Value(order >= 0);
    default:
      return Value(order <= 0);
  }
}

Outcome is_in(const Value& part, const Value& whole) {
  if (whole.array() != nullptr) return Value(contains(*whole.array(), part));
  if (whole.text() == nullptr || part.text() == nullptr) return failed;
  return Value(whole.text()->view().find(part.text()->view()) != std::string_view::npos);
}

Outcome member(const Value& of, std::string_view name) {
  if (of.object() != nullptr) return found(of.find(name));
  const Array* items = of.array();  // Jexl: of a list, its first item's
  if (items == nullptr || items->empty()) return undefined;
  return found(items->front().find(name));
}

Outcome element(const Value& of, const Value& at) {
  if (at.text() != nullptr) return member(of, *at.text());
  const Array* items = of.array();
  if (items == nullptr || at.number() == nullptr) return failed;
  const double index = *at.number();
  if (index < 0 || index >= static_cast<double>(items->size())) return undefined;
  return (*items)[static_cast<std::size_t>(index)];
}

class Evaluator {
 public:
  Evaluator(const Value& context, Timestamp now) : context_(context), now_(now) {}

  Outcome evaluate(const Node& node) {
    if (++steps_ > most_steps) return failed;
    switch (node.act) {
      case Act::literal:
        return node.literal;
      case Act::name:
        return found(context_.find(node.name));
      case Act::relative:
        return item_ == nullptr ? Outcome(failed) : found(item_->find(node.name));
      case Act::array:
        return array(node);
      case Act::object:
        return object(node);
      case Act::transform:
        return transform(node);
      case Act::conditional:
      case Act::otherwise:
      case Act::all_of:
      case Act::any_of:
        return choose(node);
      default:
        return node.children.size() == 1 ? of_one(node) : of_two(node);
    }
  }

 private:
  static constexpr std::size_t most_steps = 200000;

  /// Those that look at their first child before they look at another.
  Outcome choose(const Node& node) {
    const Outcome first = evaluate(node.children[0]);
    if (first.is_failed()) return failed;
    switch (node.act) {
      case Act::conditional:
        return evaluate(node.children[first.holds() ? 1 : 2]);
      case Act::all_of:
        return first.holds() ? evaluate(node.children[1]) : first;
      default:
        return first.holds() ? first : evaluate(node.children[1]);
    }
  }

  Outcome of_one(const Node& node) {
    const Outcome child = evaluate(node.children[0]);
    if (child.is_failed()) return failed;
    if (node.act == Act::complement) return Value(!child.holds());
    if (!child.is_value()) return node.act == Act::member ? Outcome(undefined) : Outcome(failed);
    if (node.act == Act::member) return member(child.value, node.name);
    if (child.value.number() == nullptr) return failed;
    return Value(-*child.value.number());
  }

  Outcome of_two(const Node& node) {
    const Outcome left = evaluate(node.children[0]);
    if (left.is_failed()) return failed;
    if (node.act == Act::filter) return filter(left, node.children[1]);
    const Outcome right = evaluate(node.children[1]);
    if (right.is_failed()) return failed;
    // As Orion's manual has it, "Failsafe cases": != takes what is not there for null.
    if (node.act == Act::unequal) return Value(left.value != right.value);
    if (node.act == Act::element && !left.is_value()) return undefined;
    if (!left.is_value() || !right.is_value()) return failed;
    return of_values(node.act, left.value, right.value);
  }

  static Outcome of_values(Act act, const Value& left, const Value& right) {
    switch (act) {
      case Act::element:
        return element(left, right);
      case Act::equal:
        return Value(left == right);
      case Act::greater:
      case Act::less:
      case Act::greater_or_equal:
      case Act::less_or_equal:
        return rank(act, left, right);
      case Act::in:
        return is_in(left, right);
      default:
        return calculate(act, left, right);
    }
  }

  /// The items of which the condition holds; of an object the object itself. As in Orion nothing
  /// comes of it if the condition fails for one item.
  Outcome filter(const Outcome& of, const Node& condition) {
    if (!of.is_value()) return undefined;
    Array kept;
    const Value* const outer = item_;
    const Array alone{of.value};
    for (const Value& item : of.value.array() == nullptr ? alone : *of.value.array()) {
      item_ = &item;
      const Outcome outcome = evaluate(condition);
      if (outcome.is_failed()) return failed;
      if (outcome.holds()) kept.push_back(item);
    }
    item_ = outer;
    return Value(std::move(kept));
  }

  Outcome array(const Node& node) {
    Array items;
    for (const Node& child : node.children) {
      Outcome item = evaluate(child);
      if (item.is_failed()) return failed;
      items.push_back(std::move(item.value));
    }
    return Value(std::move(items));
  }

  Outcome object(const Node& node) {
    Object members;
    const Array& keys = *node.literal.array();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Outcome value = evaluate(node.children[i]);
      if (value.is_failed()) return failed;
      set(members, *keys[i].text(), std::move(value.value));
    }
    return Value(std::move(members));
  }

  Outcome transform(const Node& node) {
    const Transform change = find_transform(node.name);
    if (change == nullptr) return failed;
    std::vector<Value> operands;
    for (const Node& child : node.children) {
      Outcome operand = evaluate(child);
      if (!operand.is_value()) return failed;
      operands.push_back(std::move(operand.value));
    }
    return change(Call(operands, now_));
  }

  const Value& context_;
  const Timestamp now_;
  const Value* item_ = nullptr;  ///< that a filter looks at
  std::size_t steps_ = 0;
};

}  // namespace

bool is_truthy(const Value& value) {
  if (value.flag() != nullptr) return *value.flag();
  if (value.number() != nullptr) return *value.number() != 0;
  if (value.text() != nullptr) return !value.text()->empty();
  return !value.is_null();
}

Value evaluate(const Node& root, const Value& context, Timestamp now) {
  Outcome outcome = Evaluator(context, now).evaluate(root);
  return outcome.is_value() ? std::move(outcome.value) : Value();
}

}  // namespace sosie::ngsi::jexl
