#include "rules/rule.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::rules {
namespace {

using places::Place;

constexpr std::array<std::string_view, 3> rule_kinds{"limit", "silence", "geofence"};
constexpr std::array<std::string_view, 4> aggregates{"mean", "max", "min", "count_above"};
constexpr std::array<std::string_view, 6> group_bys{"none",  "all",    "asset",
                                                    "stage", "prefix", "list"};
constexpr std::array<std::string_view, 2> sides{"outside", "inside"};
constexpr std::array<std::string_view, 5> priorities{"critical", "high", "medium", "low", "none"};

template <std::size_t Count>
std::size_t place_of(const std::array<std::string_view, Count>& names, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

Result<Duration> read_span(Section& section, std::string_view key, Duration otherwise,
                           Duration least = {}) {
  const Duration span = TRY(section.duration(key, otherwise));
  if (span >= least && span <= std::chrono::hours(24 * 366)) return span;
  return section.wrong(key,
                       least > Duration{} ? "expected a second to a year" : "expected 0 to a year");
}

Result<Kind> read_cause(Section& section, Kind otherwise) {
  std::array<std::string_view, kind_count> names;
  for (std::size_t i = 0; i < kind_count; ++i) names.at(i) = to_text(static_cast<Kind>(i));
  const auto named = TRY(section.choice("cause", to_text(otherwise), names));
  return *kind_from_text(named);
}

Result<void> read_groups(Section& section, Rule& rule) {
  const auto* const table = section.raw("groups");
  if (table == nullptr) return section.wrong("groups", "is missing; expected a table of lists");
  auto groups = TRY(section.table("groups"));
  for (const auto& name : groups.keys()) {
    auto devices = TRY(groups.texts(name));
    if (name.empty() || devices.empty()) {
      return groups.wrong(name, "expected names of devices; '*' is any text");
    }
    rule.groups.push_back({name, std::move(devices)});
  }
  if (rule.groups.empty()) return section.wrong("groups", "is empty");
  return groups.finish();
}

Result<void> read_group_limit(Section& section, Rule& rule) {
  const auto group_by = TRY(section.choice("group_by", "none", group_bys));
  rule.group_by = static_cast<GroupBy>(place_of(group_bys, group_by));
  if (!rule.is_of_group()) return {};
  if (rule.group_by == GroupBy::list) {
    TRY(read_groups(section, rule));
  }
  if (rule.group_by == GroupBy::prefix) {
    rule.separator = TRY(section.text("separator", rule.separator));
    if (rule.separator.empty()) return section.wrong("separator", "expected a text");
  }
  const auto aggregate = TRY(section.choice("aggregate", "mean", aggregates));
  rule.aggregate = static_cast<Aggregate>(place_of(aggregates, aggregate));
  if (rule.aggregate == Aggregate::count_above) {
    rule.above = TRY(section.number("above"));
  }
  rule.every = TRY(read_span(section, "every", rule.every, std::chrono::seconds(1)));
  rule.max_age = TRY(read_span(section, "max_age", rule.max_age, std::chrono::seconds(1)));
  return {};
}

Result<void> read_limit(Section& section, Rule& rule) {
  rule.on = TRY(section.texts("series"));
  if (rule.on.empty())
    return section.wrong("series", "is missing; expected names, '*' is any text");
  rule.high = TRY(section.number("high", rule.high));
  rule.low = TRY(section.number("low", rule.low));
  if (rule.low > rule.high) return section.wrong("low", "is above high");
  rule.deadband = TRY(section.number("deadband", 0));
  if (rule.deadband < 0) return section.wrong("deadband", "expected 0 or more");
  if (rule.low + rule.deadband > rule.high - rule.deadband) {
    return section.wrong("deadband", "leaves nothing between low and high");
  }
  return read_group_limit(section, rule);
}

Result<void> read_devices(Section& section, Rule& rule) {
  rule.on = TRY(section.texts("devices"));
  if (rule.on.empty()) rule.on.emplace_back("*");
  return {};
}

Result<void> read_silence(Section& section, Rule& rule) {
  TRY(read_devices(section, rule));
  if (!section.has("after")) return section.wrong("after", "is missing; expected a duration");
  rule.after = TRY(read_span(section, "after", {}, std::chrono::seconds(1)));
  return {};
}

Result<std::string> read_whole(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return Error{Errc::not_found, fmt::format("{}: cannot be read", path)};
  }
  return std::move(text).str();
}

std::optional<double> number_of(const Node& node) {
  if (const auto* real = std::get_if<double>(&node.value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) {
    return static_cast<double>(*whole);
  }
  return std::nullopt;
}

/// [[longitude, latitude], …]
std::optional<std::vector<Place>> places_of(const Node& node) {
  const auto* const list = std::get_if<Node::List>(&node.value);
  if (list == nullptr) return std::nullopt;
  std::vector<Place> places;
  for (const Node& item : *list) {
    const auto* const pair = std::get_if<Node::List>(&item.value);
    if (pair == nullptr || pair->size() != 2) return std::nullopt;
    const auto longitude = number_of((*pair)[0]);
    const auto latitude = number_of((*pair)[1]);
    if (!longitude || !latitude) return std::nullopt;
    places.push_back({*longitude, *latitude});
  }
  return places;
}

Result<std::shared_ptr<const Area>> read_area(Section& section) {
  const Node* const ring = section.raw("area");
  const auto path = TRY(section.path("area_file", ""));
  if ((ring != nullptr) == !path.empty()) {
    return section.wrong("area", "or area_file: expected one of the two");
  }
  if (ring != nullptr) {
    const auto places = places_of(*ring);
    if (!places) return section.wrong("area", "expected [[longitude, latitude], …]");
    auto area = Area::of_ring(*places);
    if (!area) return section.wrong("area", area.error().what);
    return area;
  }
  const auto text = read_whole(path);
  if (!text) return section.wrong("area_file", text.error().what);
  auto area = Area::of_geojson(*text);
  if (!area) return section.wrong("area_file", fmt::format("{}: {}", path, area.error().what));
  return area;
}

Result<void> read_geofence(Section& section, Rule& rule) {
  TRY(read_devices(section, rule));
  rule.latitude = TRY(section.text("latitude", "latitude"));
  rule.longitude = TRY(section.text("longitude", "longitude"));
  if (rule.latitude == rule.longitude) return section.wrong("longitude", "is the latitude too");
  rule.area = TRY(read_area(section));
  const auto when = TRY(section.choice("when", "outside", sides));
  rule.is_wrong_inside = when == "inside";
  rule.high = 0.5;  // of 1 and 0
  return {};
}

Result<Rule> read_rule(Section& section) {
  Rule rule;
  rule.name = TRY(section.text("name"));
  if (rule.name.empty() || rule.name.find('/') != std::string::npos) {
    return section.wrong("name", "is expected to be a word without '/'");
  }
  const auto kind = TRY(section.text("kind"));
  if (std::ranges::find(rule_kinds, kind) == rule_kinds.end()) {
    return section.wrong_choice("kind", kind, rule_kinds);
  }
  rule.kind = static_cast<RuleKind>(place_of(rule_kinds, kind));
  switch (rule.kind) {
    case RuleKind::limit:
      TRY(read_limit(section, rule));
      break;
    case RuleKind::silence:
      TRY(read_silence(section, rule));
      break;
    case RuleKind::geofence:
      TRY(read_geofence(section, rule));
      break;
  }
  if (rule.kind != RuleKind::silence) {
    rule.on_delay = TRY(read_span(section, "on_delay", {}));
    rule.off_delay = TRY(read_span(section, "off_delay", {}));
  }
  const auto priority = TRY(section.choice("priority", "medium", priorities));
  rule.priority = priority_from_text(priority);
  rule.cause = TRY(read_cause(
      section, rule.kind == RuleKind::silence ? Kind::sensor_failure : Kind::process_malfunction));
  TRY(section.finish());
  // Behind that: a limit that is not there is mostly one that is not written right.
  if (rule.kind == RuleKind::limit && !section.has("high") && !section.has("low")) {
    return section.wrong("high", "and 'low' are missing; expected one of them");
  }
  return rule;
}

}  // namespace

std::string_view to_text(RuleKind kind) {
  return rule_kinds.at(static_cast<std::size_t>(kind));
}

std::string_view to_text(Aggregate aggregate) {
  return aggregates.at(static_cast<std::size_t>(aggregate));
}

bool Rule::fits(const SeriesInfo& info, std::string_view series_name) const {
  const bool is_of_series = kind == RuleKind::limit;
  return std::ranges::any_of(on, [&](const std::string& pattern) {
    return matches_wildcards(pattern, info.entity) ||
           (is_of_series && matches_wildcards(pattern, series_name));
  });
}

Result<RuleSet> RuleSet::read(Section& scenario) {
  RuleSet set;
  auto section = TRY(scenario.table("rules"));
  set.lateness = TRY(section.duration("lateness", set.lateness));
  if (set.lateness < Duration{} || set.lateness > longest_lateness) {
    return section.wrong("lateness", "expected 0 to 1h");
  }
  TRY(section.finish());
  auto tables = TRY(scenario.tables("rule"));
  for (Section& table : tables) {
    auto rule = TRY(read_rule(table));
    if (std::ranges::find(set.rules, rule.name, &Rule::name) != set.rules.end()) {
      return table.wrong("name", fmt::format("is \"{}\", and so is another rule's", rule.name));
    }
    set.rules.push_back(std::move(rule));
    if (set.rules.size() > most_rules) {
      return table.wrong("name",
                         fmt::format("is one rule too many; expected at most {}", most_rules));
    }
    if (std::ranges::count(set.rules, RuleKind::geofence, &Rule::kind) > most_geofences) {
      return table.wrong(
          "kind", fmt::format("is one geofence too many; expected at most {}", most_geofences));
    }
  }
  return set;
}

Duration RuleSet::memory() const {
  if (rules.empty()) return {};
  Duration longest{};
  for (const Rule& rule : rules) {
    longest = std::max({longest, rule.on_delay, rule.off_delay, rule.after});
    if (rule.is_of_group()) longest = std::max(longest, rule.max_age + rule.on_delay);
  }
  return longest + 2 * lateness;
}

}  // namespace sosie::rules
