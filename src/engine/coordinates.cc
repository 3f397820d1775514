#include "engine/coordinates.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sosie {
namespace {

constexpr double pole = 90;
constexpr double date_line = 180;

bool is_same(std::string_view word, std::string_view lower) {
  return std::ranges::equal(word, lower,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
}

}  // namespace

std::optional<double> reach_of_coordinate(std::string_view attribute) {
  constexpr std::array<std::string_view, 2> latitudes{"latitude", "lat"};
  constexpr std::array<std::string_view, 3> longitudes{"longitude", "lon", "lng"};
  // Nested fields often become attributes with their path.
  const auto at = attribute.find_last_of("._/ ");
  const auto word = attribute.substr(at == std::string_view::npos ? 0 : at + 1);
  const auto is_word = [&](std::string_view one) { return is_same(word, one); };
  if (std::ranges::any_of(latitudes, is_word)) return pole;
  if (std::ranges::any_of(longitudes, is_word)) return date_line;
  return std::nullopt;
}

}  // namespace sosie
