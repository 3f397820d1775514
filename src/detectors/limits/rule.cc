#include "detectors/limits/rule.h"

#include <algorithm>
#include <array>

namespace sosie::limits {

bool glob_fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last '*' seen, and what it has eaten up to
  std::size_t eaten = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      eaten = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++eaten;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(p), [](char c) { return c == '*'; });
}

bool Rule::fits(const SeriesInfo& info) const {
  const auto name = info.name();
  return std::ranges::any_of(on, [&](const std::string& pattern) {
    return glob_fits(pattern, name) || glob_fits(pattern, info.entity);
  });
}

namespace {

Result<std::optional<double>> optional_number(Section& section, std::string_view key) {
  if (!section.has(key)) return std::optional<double>();
  const auto value = TRY(section.number(key));
  return std::optional<double>(value);
}

Result<void> check_order(const Section& section, const Rule& rule) {
  const std::array bounds{rule.low_low, rule.low, rule.high, rule.high_high};
  constexpr std::array<std::string_view, 4> names{"low_low", "low", "high", "high_high"};
  std::optional<double> below;
  std::string_view below_name;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto& bound = bounds.at(i);
    if (!bound) continue;
    if (below && *bound <= *below) {
      return section.wrong(names.at(i), fmt::format("is {}, expected more than {} = {}", *bound,
                                                    below_name, *below));
    }
    below = bound;
    below_name = names.at(i);
  }
  if (!below) return section.wrong("on", "has no limit: expected high, high_high, low or low_low");
  return {};
}

Result<void> read_bounds(Section& section, Rule& rule) {
  rule.high_high = TRY(optional_number(section, "high_high"));
  rule.high = TRY(optional_number(section, "high"));
  rule.low = TRY(optional_number(section, "low"));
  rule.low_low = TRY(optional_number(section, "low_low"));
  return check_order(section, rule);
}

Result<Priority> read_priority(Section& section) {
  constexpr std::array<std::string_view, 4> priorities{"critical", "high", "medium", "low"};
  const auto text = TRY(section.choice("priority", "medium", priorities));
  return priority_from_text(text).value_or(Priority::medium);
}

}  // namespace

Result<Rule> read_rule(Section& section) {
  Rule rule;
  rule.on = TRY(section.texts("on"));
  if (rule.on.empty()) return section.wrong("on", "is missing, expected names of series");
  TRY(read_bounds(section, rule));
  rule.deadband = TRY(section.number("deadband", rule.deadband));
  if (rule.deadband < 0) return section.wrong("deadband", "is negative, expected 0 or more");
  rule.on_delay = TRY(section.duration("on_delay", rule.on_delay));
  rule.off_delay = TRY(section.duration("off_delay", rule.off_delay));
  rule.priority = TRY(read_priority(section));
  TRY(section.finish());
  return rule;
}

}  // namespace sosie::limits
