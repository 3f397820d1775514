#include <algorithm>
#include <array>
#include <utility>

#include "twin/jexl/lexer.h"
#include "twin/jexl/node.h"

namespace sosie::ngsi::jexl {

namespace {

struct Operator {
  std::string_view spelling;
  Act act;
  int strength;  ///< the stronger binds first; equal ones from left to right
};

constexpr auto operators = std::to_array<Operator>({
    {"||", Act::any_of, 10},
    {"&&", Act::all_of, 10},
    {"==", Act::equal, 20},
    {"!=", Act::unequal, 20},
    {">", Act::greater, 20},
    {"<", Act::less, 20},
    {">=", Act::greater_or_equal, 20},
    {"<=", Act::less_or_equal, 20},
    {"in", Act::in, 20},
    {"+", Act::add, 30},
    {"-", Act::subtract, 30},
    {"*", Act::multiply, 40},
    {"/", Act::divide, 40},
    {"//", Act::divide_whole, 40},
    {"%", Act::remainder, 50},
    {"^", Act::power, 50},
});

/// By recursive descent. Every function leaves `failed_` set where the text is not of the grammar;
/// what it returns is then of no use.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::optional<Node> parse() {
    Node root = expression();
    if (failed_ || peek().kind != TokenKind::end) return std::nullopt;
    return root;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  bool is_sign(std::string_view spelling) const {
    return peek().kind == TokenKind::sign && peek().spelling == spelling;
  }
  bool take(std::string_view sign) {
    if (!is_sign(sign)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view sign) { failed_ = !take(sign) || failed_; }
  Text expect_name() {
    if (peek().kind != TokenKind::name) {
      failed_ = true;
      return {};
    }
    return intern(tokens_[at_++].spelling);
  }
  Node fail() {
    failed_ = true;
    return {};
  }

  static Node make(Act act, Node first) {
    Node node{.act = act};
    node.children.push_back(std::move(first));
    return node;
  }

  /// condition ? a : b, condition ?: b, or what is stronger.
  Node expression() {
    if (++depth_ > deepest_nesting) return fail();
    Node condition = operation(0);
    if (!failed_ && take("?:")) {
      condition = make(Act::otherwise, std::move(condition));
      condition.children.push_back(expression());
    } else if (!failed_ && take("?")) {
      condition = make(Act::conditional, std::move(condition));
      condition.children.push_back(expression());
      expect(":");
      if (!failed_) condition.children.push_back(expression());
    }
    --depth_;
    return condition;
  }

  const Operator* next_operator() const {
    const bool may_be = peek().kind == TokenKind::sign || peek().kind == TokenKind::name;
    for (const Operator& one : operators) {
      if (may_be && peek().spelling == one.spelling) return &one;
    }
    return nullptr;
  }

  /// Operands joined by operators at least as strong as `weakest` (precedence climbing).
  Node operation(int weakest) {
    Node left = unary();
    for (const Operator* op = next_operator(); !failed_ && op != nullptr && op->strength >= weakest;
         op = next_operator()) {
      ++at_;
      left = make(op->act, std::move(left));
      left.children.push_back(operation(op->strength + 1));
    }
    return left;
  }

  Node unary() {
    if (++depth_ > deepest_nesting) return fail();
    Node node;
    if (take("!")) {
      node = make(Act::complement, unary());
    } else if (take("-")) {
      node = make(Act::minus, unary());
    } else {
      node = postfix(primary());
    }
    --depth_;
    return node;
  }

  Node postfix(Node node) {
    while (!failed_) {
      if (take(".")) {
        node = make(Act::member, std::move(node));
        node.name = expect_name();
      } else if (take("[")) {
        node = bracket(std::move(node));
      } else if (take("|")) {
        node = make(Act::transform, std::move(node));
        node.name = expect_name();
        if (take("(")) list(node.children, ")");
      } else {
        break;
      }
    }
    return node;
  }

  /// An index, or a filter if a relative name stands in it.
  Node bracket(Node of) {
    const bool outer = std::exchange(has_relative_, false);
    Node inner = expression();
    expect("]");
    Node node = make(has_relative_ ? Act::filter : Act::element, std::move(of));
    node.children.push_back(std::move(inner));
    has_relative_ = outer;
    return node;
  }

  Node primary() {
    const Token& token = peek();
    if (token.kind == TokenKind::number || token.kind == TokenKind::text) {
      ++at_;
      return {.act = Act::literal, .literal = token.value};
    }
    if (token.kind == TokenKind::name) return name();
    if (take("(")) {
      Node node = expression();
      expect(")");
      return node;
    }
    if (take("[")) {
      Node node{.act = Act::array};
      list(node.children, "]");
      return node;
    }
    if (take("{")) return object();
    if (take(".")) {
      has_relative_ = true;
      return {.act = Act::relative, .literal = {}, .name = expect_name()};
    }
    return fail();
  }

  Node name() {
    const std::string_view spelling = tokens_[at_++].spelling;
    if (spelling == "true") return {.act = Act::literal, .literal = true};
    if (spelling == "false") return {.act = Act::literal, .literal = false};
    if (spelling == "null") return {.act = Act::literal};
    return {.act = Act::name, .literal = {}, .name = intern(spelling)};
  }

  /// Expressions with commas between, and the sign that ends them.
  void list(std::vector<Node>& into, std::string_view end) {
    if (take(end)) return;
    do {
      into.push_back(expression());
    } while (!failed_ && take(","));
    expect(end);
  }

  Node object() {
    Node node{.act = Act::object};
    Array keys;
    if (!take("}")) {
      do {
        keys.push_back(key());
        expect(":");
        if (!failed_) node.children.push_back(expression());
      } while (!failed_ && take(","));
      expect("}");
    }
    node.literal = std::move(keys);
    return node;
  }

  Value key() {
    if (peek().kind == TokenKind::text) return tokens_[at_++].value;
    return expect_name();
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  bool has_relative_ = false;
};

std::size_t height(const Node& node) {
  std::size_t highest = 0;
  for (const Node& child : node.children) highest = std::max(highest, height(child));
  return highest + 1;
}

}  // namespace

std::optional<Node> parse(std::string_view text) {
  if (text.size() > longest_expression) return std::nullopt;
  auto tokens = read_tokens(text);
  if (!tokens) return std::nullopt;
  auto root = Parser(std::move(*tokens)).parse();
  // a+a+a+… has no nesting, and yet its tree is as high as it is long.
  if (root && height(*root) > highest_tree) return std::nullopt;
  return root;
}

}  // namespace sosie::ngsi::jexl
