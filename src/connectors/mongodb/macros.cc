#include "connectors/mongodb/macros.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/time_text.h"

namespace sosie::mongodb {
namespace {

using Named = std::pair<std::string_view, Macro>;

Timestamp time_of(const Subject& it) {
  return it.reading != nullptr ? it.reading->reading.at : it.step->at;
}

Value date(const std::optional<Timestamp>& at) {
  return at ? Value(*at) : Value();
}

template <SharedText SeriesInfo::* Member>
Value of_series(const Subject& it) {
  return it.series == nullptr ? std::string() : (it.series->*Member).str();
}

Value name_of(const Subject& it) {
  return it.series == nullptr ? std::string() : it.series->name();
}

Value asset_of(const Subject& it) {
  return it.step != nullptr ? it.step->alarm.asset : it.series->asset.str();
}

std::string text(std::string_view words) {
  return std::string(words);
}

constexpr std::array time_macros{
    Named{"time", [](const Subject& it) -> Value { return time_of(it); }},
    Named{"time_s",
          [](const Subject& it) -> Value {
            return static_cast<double>(time_of(it).time_since_epoch().count()) / 1e6;
          }},
    Named{"time_ms",
          [](const Subject& it) -> Value {
            return std::int64_t{std::chrono::floor<std::chrono::milliseconds>(time_of(it))
                                    .time_since_epoch()
                                    .count()};
          }},
    Named{"time_iso", [](const Subject& it) -> Value { return to_iso8601(time_of(it)); }},
};

constexpr std::array series_macros{
    Named{"entity", of_series<&SeriesInfo::entity>},
    Named{"attribute", of_series<&SeriesInfo::attribute>},
    Named{"name", name_of},
    Named{"asset", asset_of},
    Named{"stage", of_series<&SeriesInfo::stage>},
    Named{"location", of_series<&SeriesInfo::location>},
    Named{"unit", of_series<&SeriesInfo::unit>},
    Named{"quantity",
          [](const Subject& it) -> Value {
            return it.series == nullptr ? std::string() : it.series->quantity.en.str();
          }},
};

constexpr std::array reading_macros{
    Named{"value", [](const Subject& it) -> Value { return it.reading->reading.value; }},
    Named{"quality",
          [](const Subject& it) -> Value { return text(to_text(it.reading->reading.quality)); }},
    Named{"reason",
          [](const Subject& it) -> Value { return text(to_text(it.reading->reading.reason)); }},
    Named{"anomaly", [](const Subject& it) -> Value { return it.reading->is_anomalous; }},
};

constexpr std::array alarm_macros{
    Named{"alarm",
          [](const Subject& it) -> Value { return static_cast<std::int64_t>(it.step->alarm.id); }},
    Named{"episode",
          [](const Subject& it) -> Value {
            return it.step->alarm.episode == 0 ? Value() : episode_text(it.step->alarm.episode);
          }},
    Named{"what", [](const Subject& it) -> Value { return text(to_text(it.step->what)); }},
    Named{"condition", [](const Subject& it) -> Value { return it.step->alarm.condition; }},
    Named{"priority",
          [](const Subject& it) -> Value { return text(to_text(it.step->alarm.priority)); }},
    Named{"active", [](const Subject& it) -> Value { return it.step->alarm.is_active(); }},
    Named{"message", [](const Subject& it) -> Value { return it.step->alarm.message.en; }},
    Named{"message_fr", [](const Subject& it) -> Value { return it.step->alarm.message.fr; }},
    Named{"who", [](const Subject& it) -> Value { return it.step->who; }},
    Named{"comment", [](const Subject& it) -> Value { return it.step->comment; }},
    Named{"raised", [](const Subject& it) -> Value { return it.step->alarm.raised; }},
    Named{"cleared", [](const Subject& it) -> Value { return date(it.step->alarm.cleared); }},
    Named{"acknowledged",
          [](const Subject& it) -> Value { return date(it.step->alarm.acknowledged); }},
};

std::array<std::span<const Named>, 3> tables_of(Holds holds) {
  return {series_macros, time_macros,
          holds == Holds::readings ? std::span<const Named>(reading_macros) : alarm_macros};
}

}  // namespace

std::optional<Macro> find_macro(Holds holds, std::string_view name) {
  for (const auto table : tables_of(holds)) {
    const auto found = std::ranges::find(table, name, &Named::first);
    if (found != table.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<std::string_view> macro_names(Holds holds) {
  std::vector<std::string_view> names;
  for (const auto table : tables_of(holds)) {
    for (const auto& [name, macro] : table) names.push_back(name);
  }
  return names;
}

std::string to_text(const Value& value) {
  struct {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(Timestamp at) const { return to_iso8601(at); }
    std::string operator()(const std::string& words) const { return words; }
  } written;
  return std::visit(written, value);
}

}  // namespace sosie::mongodb
