#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twin/model/value.h"

namespace sosie::ngsi::jexl {

enum class TokenKind : std::uint8_t { number, text, name, sign, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view spelling{};  ///< of a name or a sign; points into the expression
  Value value{};                ///< of a number or a text
};

/// The words of an expression, `end` the last. None where a character belongs to none.
///
/// Texts stand in '…' or "…"; a backslash takes a quote or a backslash as it is and stays before
/// anything else, so that '\d+' is a regular expression.
std::optional<std::vector<Token>> read_tokens(std::string_view expression);

}  // namespace sosie::ngsi::jexl
