#include "app/measure.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace sosie::app {

Percentiles percentiles(std::vector<double> seconds) {
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](double q) {
    return seconds[static_cast<std::size_t>(q * static_cast<double>(seconds.size() - 1))];
  };
  return {seconds.size(), at(0.5), at(0.95), at(0.99)};
}

std::string to_text(std::span<const Measured> lines) {
  auto text = fmt::format("{:<58}{:>14} {:<10}{:>13}{:>13}\n", "", "measured", "", "must", "aim");
  for (const Measured& line : lines) {
    text += fmt::format("{:<58}{:>14.4g} {:<10}{:>2}{:>11.4g}{:>13.4g}{}\n", line.name, line.value,
                        line.unit, line.more_is_better ? ">=" : "<=", line.must, line.aim,
                        line.holds() ? "" : "  MISSED");
  }
  return text;
}

void write(json::Writer& out, std::span<const Measured> lines) {
  out.begin_array();
  for (const Measured& line : lines) {
    out.begin_object();
    out.member("name", line.name);
    out.member("value", line.value);
    out.member("unit", line.unit);
    out.member("must", line.must);
    out.member("aim", line.aim);
    out.member("more_is_better", line.more_is_better);
    out.member("holds", line.holds());
    out.end_object();
  }
  out.end_array();
}

}  // namespace sosie::app
