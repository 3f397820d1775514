#include "app/terminal.h"

#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

namespace sosie::app {

std::string painted(std::string_view text, std::string_view colour) {
  return colour.empty() ? std::string(text) : fmt::format("{}{}\x1b[0m", colour, text);
}

bool has_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool has_colours() {
  const char* const no_colour = std::getenv("NO_COLOR");
  return has_terminal() && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace sosie::app
