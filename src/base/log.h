#pragma once

#include <string_view>

#include <fmt/format.h>

namespace sosie::log {

enum class Level { debug, info, warning, error, off };

/// What is below `level` is not written. Any thread.
void set_level(Level level);

/// Whether lines of `level` are written. Any thread.
bool is_on(Level level);

/// One line on the error stream: time, level, `room`, text. Any thread.
void write(Level level, std::string_view room, std::string_view text);

template <class... Args>
void info(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, room, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, room, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, room, fmt::format(format, std::forward<Args>(args)...));
}
/// Costs nothing where nobody asked for it.
template <class... Args>
void debug(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  if (!is_on(Level::debug)) return;
  write(Level::debug, room, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sosie::log
