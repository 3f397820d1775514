#include "core/operator.h"

#include "base/text.h"

namespace sosie {

bool is_meant(std::string_view pattern, const SeriesInfo& info, bool is_derived) {
  const auto dot = pattern.rfind('.');
  if (is_derived) {
    if (dot == std::string_view::npos) return false;
    if (pattern.substr(dot + 1).find_first_of("*?") != std::string_view::npos) return false;
  } else if (matches_wildcards(pattern, info.entity)) {
    return true;
  }
  return matches_wildcards(pattern, info.name());
}

}  // namespace sosie
