#include "operators/window/spec.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::window {
namespace {

using Kind = Shape::Kind;
using GroupBy = Spec::GroupBy;

constexpr std::array<std::string_view, 3> kinds{"sliding", "tumbling", "session"};
constexpr std::array<std::string_view, 2> means{"arithmetic", "energetic"};
constexpr std::array<std::string_view, 3> methods{"auto", "exact", "panes"};
constexpr std::array<std::string_view, 7> group_bys{"none",   "all",  "asset", "stage",
                                                    "prefix", "list", "zone"};
constexpr Micros second = 1'000'000;
constexpr Micros most_panes = 4096;  ///< of a window with its lateness: 256 KiB a key

template <std::size_t Count>
std::size_t place_of(const std::array<std::string_view, Count>& names, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

Result<Micros> read_span(Section& section, std::string_view key, Micros otherwise, Micros least) {
  const Duration span = TRY(section.duration(key, Duration(otherwise)));
  if (span.count() >= least && span <= std::chrono::hours(24 * 366)) return span.count();
  return section.wrong(key, least > 0 ? "expected a second to a year" : "expected 0 to a year");
}

Result<void> read_length(Section& section, Shape& shape) {
  if (!section.has("length")) return section.wrong("length", "is missing; expected a duration");
  shape.length = TRY(read_span(section, "length", 0, second));
  shape.every = shape.length;
  if (shape.kind == Kind::tumbling) return {};
  const Micros tenth = shape.length % (10 * second) == 0 ? shape.length / 10 : shape.length;
  shape.every = TRY(read_span(section, "every", tenth, 0));
  if (shape.every != 0 && (shape.every < second || shape.length % shape.every != 0)) {
    return section.wrong("every", "expected a whole part of length, or \"0s\": at each reading");
  }
  return {};
}

Result<void> read_session(Section& section, Shape& shape) {
  if (!section.has("gap")) return section.wrong("gap", "is missing; expected a duration");
  shape.gap = TRY(read_span(section, "gap", 0, second));
  shape.longest = TRY(read_span(section, "longest", Micros{24} * 3600 * second, second));
  return {};
}

Result<void> read_aggregates(Section& section, Shape& shape) {
  auto texts = TRY(section.texts("aggregates"));
  if (texts.empty()) texts = {"mean", "min", "max"};
  for (const auto& text : texts) {
    auto aggregate = Aggregate::of_text(text);
    if (!aggregate) {
      return section.wrong("aggregates",
                           fmt::format("has \"{}\"; expected {}", text, Aggregate::expected));
    }
    if (std::ranges::find(shape.aggregates, aggregate->name, &Aggregate::name) !=
        shape.aggregates.end()) {
      return section.wrong("aggregates", fmt::format("has \"{}\" twice", text));
    }
    shape.aggregates.push_back(std::move(*aggregate));
  }
  return {};
}

/// `mean` is then of what levels stand for; its name stays.
Result<void> read_mean(Section& section, Shape& shape) {
  const auto mean = TRY(section.choice("mean", means.front(), means));
  if (mean == means.front()) return {};
  const auto asked = std::ranges::find(shape.aggregates, Aggregate::What::mean, &Aggregate::what);
  if (asked == shape.aggregates.end()) {
    return section.wrong("mean", "is \"energetic\", but no mean is among the aggregates");
  }
  asked->what = Aggregate::What::energy_mean;
  return {};
}

Result<void> read_shape(Section& section, Spec& spec) {
  Shape& shape = spec.shape;
  const auto kind = TRY(section.choice("window", "sliding", kinds));
  shape.kind = static_cast<Kind>(place_of(kinds, kind));
  if (shape.kind == Kind::session) {
    TRY(read_session(section, shape));
  } else {
    TRY(read_length(section, shape));
  }
  shape.lateness = TRY(read_span(section, "lateness", 60 * second, 0));
  shape.wait = TRY(read_span(section, "wait", 0, 0));
  TRY(read_aggregates(section, shape));
  TRY(read_mean(section, shape));
  const auto method = TRY(section.choice("method", "auto", methods));
  const bool is_of_parts = std::ranges::all_of(shape.aggregates, &Aggregate::is_of_parts);
  if (method == "panes" && (!is_of_parts || shape.kind == Kind::session || shape.every == 0)) {
    return section.wrong("method",
                         "\"panes\" is for sliding and tumbling windows with `every`, and count, "
                         "sum, mean (arithmetic), min, max, stddev and last");
  }
  shape.knows_copies = method != "panes";
  spec.is_exact = method == "exact" || (method == "auto" && !is_of_parts);
  if (!spec.is_exact && shape.every != 0 &&
      (shape.length + shape.lateness + shape.wait) / shape.every > most_panes) {
    return section.wrong("every", fmt::format("makes more than {} panes", most_panes));
  }
  return {};
}

Result<void> read_groups(Section& section, Spec& spec) {
  if (section.raw("groups") == nullptr) {
    return section.wrong("groups", "is missing; expected a table of lists");
  }
  auto groups = TRY(section.table("groups"));
  for (const auto& name : groups.keys()) {
    auto devices = TRY(groups.texts(name));
    if (name.empty() || devices.empty()) {
      return groups.wrong(name, "expected names of devices; '*' is any text");
    }
    spec.groups.push_back({name, std::move(devices)});
  }
  return groups.finish();
}

std::optional<double> number_of(const Node& node) {
  if (const auto* real = std::get_if<double>(&node.value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) {
    return static_cast<double>(*whole);
  }
  return std::nullopt;
}

Result<void> read_positions(Section& section, Spec& spec) {
  if (section.raw("positions") == nullptr) return {};
  auto table = TRY(section.table("positions"));
  for (const auto& entity : table.keys()) {
    const auto* const list = std::get_if<Node::List>(&table.raw(entity)->value);
    const bool is_pair = list != nullptr && list->size() == 2;
    const auto longitude = is_pair ? number_of((*list)[0]) : std::nullopt;
    const auto latitude = is_pair ? number_of((*list)[1]) : std::nullopt;
    if (!longitude || !latitude || std::abs(*longitude) > 180 || std::abs(*latitude) > 90) {
      return table.wrong(entity, "expected [longitude, latitude] in degrees");
    }
    spec.positions[entity] = {*longitude, *latitude};
  }
  return table.finish();
}

Result<void> read_grouping(Section& section, Spec& spec) {
  const auto group_by = TRY(section.choice("group_by", "none", group_bys));
  spec.group_by = static_cast<GroupBy>(place_of(group_bys, group_by));
  if (spec.group_by == GroupBy::none) return {};
  spec.shape.is_single = false;
  if (spec.shape.kind == Kind::sliding && spec.shape.every == 0) {
    return section.wrong("every", "expected more than 0 for windows of groups");
  }
  for (const Aggregate& aggregate : spec.shape.aggregates) {
    if (!aggregate.is_of_course() || aggregate.what == Aggregate::What::duration) continue;
    return section.wrong(
        "aggregates",
        fmt::format("has {}, which is asked of one series and not of a group's", aggregate.name));
  }
  if (spec.group_by == GroupBy::list) return read_groups(section, spec);
  if (spec.group_by == GroupBy::prefix) {
    spec.separator = TRY(section.text("separator", spec.separator));
    if (spec.separator.empty()) return section.wrong("separator", "expected a text");
  }
  if (spec.group_by != GroupBy::zone) return {};
  spec.zones = TRY(section.text("zones"));
  spec.latitude = TRY(section.text("latitude", spec.latitude));
  spec.longitude = TRY(section.text("longitude", spec.longitude));
  if (spec.latitude == spec.longitude) return section.wrong("longitude", "is the latitude too");
  return read_positions(section, spec);
}

/// "5m" of 300 s.
std::string text_of(Micros span) {
  constexpr std::array<std::pair<Micros, char>, 4> units{
      {{86400 * second, 'd'}, {3600 * second, 'h'}, {60 * second, 'm'}, {second, 's'}}};
  for (const auto& [unit, letter] : units) {
    if (span % unit == 0) return fmt::format("{}{}", span / unit, letter);
  }
  return fmt::format("{}us", span);
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), with);
}

}  // namespace

Result<Spec> Spec::read(Section& section) {
  Spec spec;
  spec.series = TRY(section.texts("series"));
  if (spec.series.empty()) {
    return section.wrong("series", "is missing; expected names, '*' is any text");
  }
  TRY(read_shape(section, spec));
  TRY(read_grouping(section, spec));
  const Shape& shape = spec.shape;
  const auto by_default =
      shape.kind == Kind::session ? "session_" + text_of(shape.gap) : text_of(shape.length);
  spec.name = TRY(section.text("name", by_default));
  if (spec.name.empty() || spec.name.find_first_of("./ ") != std::string::npos) {
    return section.wrong("name", "is expected to be a word without '.' or '/'");
  }
  spec.attribute = TRY(section.text("attribute", "{attribute}_{window}_{aggregate}"));
  if (spec.attribute.find("{attribute}") == std::string::npos ||
      (shape.aggregates.size() > 1 && spec.attribute.find("{aggregate}") == std::string::npos)) {
    return section.wrong("attribute", "expected a text with {attribute} and {aggregate} in it");
  }
  if (spec.attribute_of("", shape.aggregates.front()).empty()) {
    return section.wrong("attribute", "would name what comes out as what goes in");
  }
  return spec;
}

std::string Spec::group_of(const SeriesInfo& info) const {
  const std::string& entity = info.entity;
  switch (group_by) {
    case GroupBy::all:
      return "all";
    case GroupBy::asset:
      return info.asset;
    case GroupBy::stage:
      return info.stage;
    case GroupBy::prefix: {
      const auto end = entity.rfind(separator);
      return end == std::string::npos ? entity : entity.substr(0, end);
    }
    case GroupBy::list:
      for (const Group& group : groups) {
        const bool fits = std::ranges::any_of(group.devices, [&](const std::string& pattern) {
          return matches_wildcards(pattern, entity);
        });
        if (fits) return group.name;
      }
      return "";
    default:
      return entity;
  }
}

/// The same of a pattern of names of entities: what groups are called that such may belong to.
std::vector<std::string> Spec::groups_of(const std::string& entity) const {
  std::vector<std::string> names;
  switch (group_by) {
    case GroupBy::all:
      return {"all"};
    case GroupBy::zone:
      return {zones + ":*"};
    case GroupBy::list:
      for (const Group& group : groups) names.push_back(group.name);
      return names;
    case GroupBy::prefix: {
      const auto end = entity.rfind(separator);
      return {end == std::string::npos ? entity : entity.substr(0, end)};
    }
    case GroupBy::asset:
    case GroupBy::stage:
      return {"group of " + entity};  // not known before they come; the same for the same
    default:
      return {entity};
  }
}

std::vector<Operator::Made> Spec::makes() const {
  std::vector<Operator::Made> all;
  for (const std::string& pattern : series) {
    const auto dot = pattern.rfind('.');
    const auto attribute = dot == std::string::npos ? "*" : pattern.substr(dot + 1);
    for (const auto& entity : groups_of(pattern.substr(0, dot))) {
      for (const Aggregate& aggregate : shape.aggregates) {
        all.push_back({pattern, fmt::format("{}.{}", entity, attribute_of(attribute, aggregate))});
      }
    }
  }
  return all;
}

std::string Spec::attribute_of(std::string_view of, const Aggregate& aggregate) const {
  std::string made = attribute;
  replace(made, "{window}", name);
  replace(made, "{aggregate}", aggregate.name);
  replace(made, "{attribute}", of);
  return made;
}

bool Spec::may_make(std::string_view made) const {
  return std::ranges::any_of(shape.aggregates, [&](const Aggregate& aggregate) {
    return matches_wildcards(attribute_of("?*", aggregate), made);
  });
}

}  // namespace sosie::window
