#pragma once

#include <string>
#include <string_view>

namespace sosie {

/// `text` as HTML shows it, between tags or in an attribute's double quotes.
std::string html_escaped(std::string_view text);

}  // namespace sosie
