#include "twin/broker/log_settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::ngsi {
namespace {

struct NamedLevel {
  std::string_view name;
  log::Level level;
};

/// Orion's names of levels, and which of ours each is.
constexpr std::array<NamedLevel, 7> named_levels{{{"NONE", log::Level::off},
                                                  {"FATAL", log::Level::error},
                                                  {"ERROR", log::Level::error},
                                                  {"WARN", log::Level::warning},
                                                  {"WARNING", log::Level::warning},
                                                  {"INFO", log::Level::info},
                                                  {"DEBUG", log::Level::debug}}};

// The numbers that Orion has for the bodies it takes and the bodies it gives.
constexpr std::size_t request_bodies = 180;
constexpr std::size_t answer_bodies = 181;

std::optional<std::size_t> to_trace_level(std::string_view text) {
  const auto number = to_integer(text);
  if (!number || *number < 0 || *number >= static_cast<std::int64_t>(TraceLevels().size())) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(*number);
}

}  // namespace

std::optional<TraceLevels> parse_trace_levels(std::string_view text) {
  TraceLevels levels;
  for (const auto part : split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = to_trace_level(trim(part.substr(0, dash)));
    const auto last =
        dash == std::string_view::npos ? first : to_trace_level(trim(part.substr(dash + 1)));
    if (!first || !last || *first > *last) return std::nullopt;
    for (auto i = *first; i <= *last; ++i) levels.set(i);
  }
  return levels;
}

std::string print_trace_levels(const TraceLevels& levels) {
  std::string out;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (!levels.test(i)) continue;
    const auto first = i;
    while (i + 1 < levels.size() && levels.test(i + 1)) ++i;
    if (!out.empty()) out += ", ";
    out += first == i ? fmt::format("{}", first) : fmt::format("{}-{}", first, i);
  }
  return out.empty() ? "empty" : out;
}

bool is_log_level(std::string_view name) {
  return std::ranges::find(named_levels, name, &NamedLevel::name) != named_levels.end();
}

bool LogSettings::set_level(std::string_view name) {
  const auto* found = std::ranges::find(named_levels, name, &NamedLevel::name);
  if (found == named_levels.end()) return false;
  log::set_level(found->level);
  level_ = static_cast<std::size_t>(found - named_levels.begin());
  return true;
}

std::string_view LogSettings::level() const {
  return named_levels.at(level_).name;
}

TraceLevels LogSettings::traces() {
  return traces_.with([](const TraceLevels& levels) { return levels; });
}

void LogSettings::set_traces(const TraceLevels& levels) {
  traces_.with([&](TraceLevels& mine) { mine = levels; });
  traces_requests_ = levels.test(request_bodies);
  traces_answers_ = levels.test(answer_bodies);
}

void LogSettings::trace(std::string_view what, std::string_view body) const {
  if (body.find("passwd") != std::string_view::npos) body = "(not shown: it has a password)";
  const auto shown = body.substr(0, payload_limit);
  const auto line = fmt::format("{} ({} bytes): {}{}", json_escaped(what), body.size(),
                                json_escaped(shown), shown.size() < body.size() ? " (...)" : "");
  log::debug("broker", "{}", line.size() > line_limit ? "LINE TOO LONG" : line);
}

}  // namespace sosie::ngsi
