#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "twin/model/error.h"
#include "twin/model/value.h"
#include "twin/query/pattern.h"

namespace sosie::ngsi {

/// Which language a statement is of: `q` asks attributes, `mq` their metadata.
enum class Language : std::uint8_t { q, mq };

enum class Test : std::uint8_t {
  exists,
  missing,
  equal,
  unequal,
  within,   ///< a range, both ends included
  without,  ///< outside of it
  greater,
  less,
  greater_or_equal,
  less_or_equal,
  like,
  unlike
};

/// What the right side of a statement says: a date is compared with dates only.
using Literal = std::variant<Value, Timestamp>;

/// One statement of a query: a place in an entity and what must hold there.
struct Statement {
  Language language = Language::q;
  Text attribute{};
  Text metadata{};  ///< of mq only
  std::vector<std::string> path{};
  Test test = Test::exists;
  std::vector<Literal> literals{};   ///< a list's items, a range's two ends, or the one operand
  std::optional<Pattern> pattern{};  ///< of like and unlike
};

/// A whole query. 400 if it is none.
Checked<std::vector<Statement>> parse_statements(std::string_view text, Language language);

}  // namespace sosie::ngsi
