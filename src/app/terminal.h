#pragma once

#include <string>
#include <string_view>

namespace sosie::app {

/// Colours of a terminal (ECMA-48, SGR).
namespace colour {
constexpr std::string_view bold_red = "\x1b[1;31m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view dim = "\x1b[2m";
}  // namespace colour

/// `text` in `colour`, and what follows as before; with no colour as it is.
std::string painted(std::string_view text, std::string_view colour);

/// Whether standard output is a terminal.
bool has_terminal();

/// Whether standard output is a terminal whose user has not asked for no colour (no-color.org).
bool has_colours();

}  // namespace sosie::app
