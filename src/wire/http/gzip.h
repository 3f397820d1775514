#pragma once

#include <string>
#include <string_view>

namespace sosie::http {

/// For bodies made just now: fast rather than small (Content-Encoding: gzip).
std::string gzip(std::string_view text);

}  // namespace sosie::http
