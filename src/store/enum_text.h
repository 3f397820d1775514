#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace sosie {

/// The enumerator in first..last whose to_text() is `text`.
template <class Enum>
std::optional<Enum> enum_from_text(std::string_view text, Enum first, Enum last) {
  for (auto i = static_cast<unsigned>(first); i <= static_cast<unsigned>(last); ++i) {
    if (to_text(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace sosie
