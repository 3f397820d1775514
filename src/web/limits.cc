#include "web/limits.h"

#include <algorithm>
#include <array>

namespace sosie::web {
namespace {

bool glob_fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {  // let the last star swallow one more
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Priority more_urgent(Priority priority) {
  const auto one_up = static_cast<int>(priority) - 1;
  return static_cast<Priority>(std::max(one_up, static_cast<int>(Priority::critical)));
}

Result<void> read_rule(Section& rule, std::vector<DrawnLimit>& limits) {
  constexpr std::array<std::string_view, 4> names{"high_high", "high", "low", "low_low"};
  const auto on = TRY(rule.texts("on"));
  const auto word = TRY(rule.text("priority", "medium"));
  const auto priority = priority_from_text(word).value_or(Priority::medium);
  for (const auto name : names) {
    if (!rule.has(name)) continue;
    const auto value = TRY(rule.number(name));
    const bool is_outer = name == "high_high" || name == "low_low";
    limits.push_back({on, std::string(name), value, is_outer ? more_urgent(priority) : priority});
  }
  return {};
}

}  // namespace

bool DrawnLimit::fits(const SeriesInfo& info) const {
  return std::ranges::any_of(on, [&](const std::string& pattern) {
    return glob_fits(pattern, info.name()) || glob_fits(pattern, info.entity);
  });
}

Result<std::vector<DrawnLimit>> read_limits(Section& scenario) {
  std::vector<DrawnLimit> limits;
  auto detectors = TRY(scenario.tables("detector"));
  for (auto& detector : detectors) {
    const auto kind = TRY(detector.text("kind", ""));
    if (kind != "limits") continue;
    auto rules = TRY(detector.tables("rule"));
    for (auto& rule : rules) {
      TRY(read_rule(rule, limits));
    }
  }
  return limits;
}

}  // namespace sosie::web
