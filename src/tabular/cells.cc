#include "tabular/cells.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"

namespace sosie::tabular {
namespace {

constexpr std::array<std::string_view, 14> missing_words{
    "", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "#n/a", "#na", "missing", "."};

constexpr std::array<std::pair<std::string_view, bool>, 14> boolean_words{{{"true", true},
                                                                           {"false", false},
                                                                           {"yes", true},
                                                                           {"no", false},
                                                                           {"on", true},
                                                                           {"off", false},
                                                                           {"open", true},
                                                                           {"closed", false},
                                                                           {"vrai", true},
                                                                           {"faux", false},
                                                                           {"oui", true},
                                                                           {"non", false},
                                                                           {"t", true},
                                                                           {"f", false}}};

std::string lower(std::string_view text) {
  std::string result(trim(text));
  for (auto& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace

bool is_missing(std::string_view text) {
  if (text.size() > 16) return false;
  return std::ranges::find(missing_words, lower(text)) != missing_words.end();
}

std::optional<double> to_value(std::string_view text, char decimal) {
  if (decimal == '.' || text.find(decimal) == std::string_view::npos) return to_number(text);
  if (text.find('.') != std::string_view::npos || text.size() > 64) return std::nullopt;
  std::string with_point(text);
  with_point[with_point.find(decimal)] = '.';
  return to_number(with_point);
}

std::optional<bool> to_boolean(std::string_view text) {
  if (text.size() > 16) return std::nullopt;
  const auto word = lower(text);
  for (const auto& [known, meaning] : boolean_words) {
    if (word == known) return meaning;
  }
  return std::nullopt;
}

}  // namespace sosie::tabular
