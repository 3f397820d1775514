#include "twin/query/statement.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/model/date.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {

namespace {

NgsiError invalid(Language language, std::string_view why) {
  return bad_request(
      fmt::format("invalid {} expression: {}", language == Language::q ? "q" : "mq", why));
}

/// The first place of `what` outside of quotes, from `start` on.
std::size_t find_bare(std::string_view text, std::string_view what, std::size_t start = 0) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (!quoted && i >= start && text.substr(i).starts_with(what)) return i;
  }
  return std::string_view::npos;
}

std::vector<std::string_view> split_bare(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (quoted || text[i] != separator) continue;
    parts.push_back(text.substr(start, i - start));
    start = i + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

bool is_quoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '\'' && text.back() == '\'' &&
         text.find('\'', 1) == text.size() - 1;
}

std::string_view without_quotes(std::string_view text) {
  return text.substr(1, text.size() - 2);
}

struct Sign {
  std::string_view text;
  Test test;
};

/// Longer ones first where one begins with another.
constexpr auto signs = std::to_array<Sign>({
    {"!~=", Test::unlike},
    {"!~", Test::unlike},
    {"==", Test::equal},
    {"!=", Test::unequal},
    {">=", Test::greater_or_equal},
    {"<=", Test::less_or_equal},
    {"~=", Test::like},
    {">", Test::greater},
    {"<", Test::less},
});

struct Split {
  std::string_view left;
  Test test;
  std::string_view right;
};

/// At the first sign that is not quoted; `:` counts only where there is no other, since names and
/// types may have one.
std::optional<Split> split_at_sign(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    for (const Sign& sign : signs) {
      if (text.substr(i).starts_with(sign.text)) {
        return Split{text.substr(0, i), sign.test, text.substr(i + sign.text.size())};
      }
    }
  }
  const std::size_t colon = find_bare(text, ":");
  if (colon == std::string_view::npos) return std::nullopt;
  return Split{text.substr(0, colon), Test::equal, text.substr(colon + 1)};
}

Literal to_literal(std::string_view text) {
  if (is_quoted(text)) return Value(without_quotes(text));
  if (const auto at = parse_date(text)) return *at;
  if (text == "true") return Value(true);
  if (text == "false") return Value(false);
  if (text == "null") return Value();
  if (const auto number = to_number(text)) return Value(*number);
  return Value(text);
}

/// Numbers, texts and dates have an order that a query may ask for.
bool is_ordered(const Literal& literal) {
  const Value* value = std::get_if<Value>(&literal);
  return value == nullptr || value->kind() == Kind::number || value->kind() == Kind::text;
}

bool is_same_kind(const Literal& a, const Literal& b) {
  if (a.index() != b.index()) return false;
  const Value* value = std::get_if<Value>(&a);
  return value == nullptr || value->kind() == std::get<Value>(b).kind();
}

NgsiError forbidden_characters() {
  return bad_request("forbidden characters in String Filter");
}

class StatementParser {
 public:
  explicit StatementParser(Language language) { statement_.language = language; }

  Checked<Statement> parse(std::string_view text) {
    if (std::ranges::count(text, '\'') % 2 != 0) return refuse("a quote is not closed");
    if (const auto split = split_at_sign(text)) {
      if (split->left.starts_with('!')) return refuse("! and another operator");
      TRY(read_path(split->left));
      statement_.test = split->test;
      TRY(read_right(split->right));
      return std::move(statement_);
    }
    statement_.test = text.starts_with('!') ? Test::missing : Test::exists;
    TRY(read_path(statement_.test == Test::missing ? text.substr(1) : text));
    return std::move(statement_);
  }

 private:
  NgsiError refuse(std::string_view why) const { return invalid(statement_.language, why); }

  Checked<void> read_path(std::string_view text) {
    std::vector<std::string> tokens;
    for (const std::string_view token : split_bare(text, '.')) {
      const bool quoted = is_quoted(token);
      if (!quoted && has_forbidden(token)) return forbidden_characters();
      tokens.emplace_back(quoted ? without_quotes(token) : token);
      if (tokens.back().empty()) return bad_request("empty left-hand-side in q-item");
    }
    const std::size_t names = statement_.language == Language::q ? 1 : 2;
    if (tokens.size() < names) return refuse("a metadata name is missing");
    statement_.attribute = intern(tokens[0]);
    if (names == 2) statement_.metadata = intern(tokens[1]);
    statement_.path.assign(tokens.begin() + static_cast<std::ptrdiff_t>(names), tokens.end());
    return {};
  }

  Checked<void> read_right(std::string_view text) {
    if (text.empty()) return bad_request("empty right-hand-side in q-item");
    switch (statement_.test) {
      case Test::like:
      case Test::unlike:
        return read_pattern(text);
      case Test::equal:
      case Test::unequal:
        return read_set(text);
      default:
        return read_bound(text);
    }
  }

  Checked<void> read_pattern(std::string_view text) {
    statement_.pattern = Pattern::create(is_quoted(text) ? without_quotes(text) : text);
    if (!statement_.pattern) return refuse("invalid regular expression");
    return {};
  }

  /// One value, a list, or a range.
  Checked<void> read_set(std::string_view text) {
    const auto items = split_bare(text, ',');
    const std::size_t dots = find_bare(text, "..");
    if (items.size() == 1 && dots != std::string_view::npos) {
      return read_range(text.substr(0, dots), text.substr(dots + 2));
    }
    for (const std::string_view item : items) {
      TRY(read_literal(item));
    }
    return {};
  }

  Checked<void> read_range(std::string_view low, std::string_view high) {
    TRY(read_literal(low));
    TRY(read_literal(high));
    const auto& ends = statement_.literals;
    if (!is_ordered(ends[0]) || !is_same_kind(ends[0], ends[1])) {
      return refuse("a range of things without an order");
    }
    statement_.test = statement_.test == Test::equal ? Test::within : Test::without;
    return {};
  }

  Checked<void> read_bound(std::string_view text) {
    if (find_bare(text, ",") != std::string_view::npos) {
      return bad_request("lists only valid for equal and not equal ops");
    }
    if (find_bare(text, "..") != std::string_view::npos) {
      return bad_request("ranges only valid for equal and not equal ops");
    }
    TRY(read_literal(text));
    if (!is_ordered(statement_.literals[0])) return refuse("a value without an order");
    return {};
  }

  Checked<void> read_literal(std::string_view text) {
    if (text.empty()) return refuse("empty item");
    if (!is_quoted(text) && has_forbidden(text)) return forbidden_characters();
    statement_.literals.push_back(to_literal(text));
    return {};
  }

  Statement statement_;
};

}  // namespace

Checked<std::vector<Statement>> parse_statements(std::string_view text, Language language) {
  if (text.ends_with(';')) text.remove_suffix(1);
  std::vector<Statement> statements;
  for (const std::string_view part : split_bare(text, ';')) {
    if (part.empty()) return invalid(language, "empty statement");
    auto statement = TRY(StatementParser(language).parse(part));
    statements.push_back(std::move(statement));
  }
  return statements;
}

}  // namespace sosie::ngsi
