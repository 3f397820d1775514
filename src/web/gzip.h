#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sosie::web {

/// What gzip (or zlib) made of it. Errors: `invalid` (not gzip, cut), `unsupported` (more than
/// `limit` bytes come out, which is how a small body could fill the memory).
Result<std::string> gunzip(std::string_view packed, std::size_t limit);

/// For answers made just now: fast rather than small.
std::string gzip(std::string_view text);

}  // namespace sosie::web
