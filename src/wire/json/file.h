#pragma once

#include <cstddef>
#include <string_view>

#include "wire/json/value.h"

namespace sosie::json {

/// As json::parse, of a file that people have put here: it may be as long as `most_bytes`.
Result<Value> parse_file(std::string_view text, std::size_t most_bytes);

}  // namespace sosie::json
