#include "twin/jexl/lexer.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sosie::ngsi::jexl {

namespace {

/// Longer ones first where one begins with another.
constexpr auto signs = std::to_array<std::string_view>(
    {"==", "!=", ">=", "<=", "&&", "||", "//", "?:", "+", "-", "*", "/", "%", "^",
     "<",  ">",  "!",  "?",  ":",  "|",  ".",  ",",  "(", ")", "[", "]", "{", "}"});

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::optional<std::vector<Token>> read() {
    while (skip_blanks()) {
      if (!read_one()) return std::nullopt;
    }
    tokens_.push_back({});
    return std::move(tokens_);
  }

 private:
  bool skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ < text_.size();
  }

  bool read_one() {
    const char c = text_[at_];
    if (is_decimal(c)) return read_number();
    if (c == '\'' || c == '"') return read_text(c);
    if (begins_name(c)) return read_name();
    return read_sign();
  }

  template <class Belongs>
  std::string_view take_while(Belongs belongs) {
    const std::size_t start = at_;
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  bool read_number() {
    const std::size_t start = at_;
    take_while(is_decimal);
    if (at_ + 1 < text_.size() && text_[at_] == '.' && is_decimal(text_[at_ + 1])) {
      ++at_;
      take_while(is_decimal);
    }
    const auto number = to_number(text_.substr(start, at_ - start));
    if (!number) return false;
    tokens_.push_back({.kind = TokenKind::number, .spelling = {}, .value = *number});
    return true;
  }

  bool read_text(char quote) {
    std::string content;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (text_[at_] == '\\' && (next == '\'' || next == '"' || next == '\\')) ++at_;
      content += text_[at_];
    }
    if (at_ == text_.size()) return false;
    ++at_;
    tokens_.push_back({.kind = TokenKind::text, .spelling = {}, .value = content});
    return true;
  }

  bool read_name() {
    const auto spelling = take_while([](char c) { return begins_name(c) || is_decimal(c); });
    tokens_.push_back({.kind = TokenKind::name, .spelling = spelling, .value = {}});
    return true;
  }

  bool read_sign() {
    const std::string_view rest = text_.substr(at_);
    const auto sign =
        std::ranges::find_if(signs, [&](std::string_view s) { return rest.starts_with(s); });
    if (sign == signs.end()) return false;
    at_ += sign->size();
    tokens_.push_back({.kind = TokenKind::sign, .spelling = *sign, .value = {}});
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::optional<std::vector<Token>> read_tokens(std::string_view expression) {
  return Lexer(expression).read();
}

}  // namespace sosie::ngsi::jexl
