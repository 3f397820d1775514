#include "core/number_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sosie {

std::string digits(double value) {
  const double size = std::abs(value);
  if (size >= 1000 && size < 1e9) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

std::string french(std::string number) {
  std::ranges::replace(number, '.', ',');
  return number;
}

}  // namespace sosie
