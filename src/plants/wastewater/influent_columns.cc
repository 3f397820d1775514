#include "plants/wastewater/influent_columns.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "plants/wastewater/component_names.h"

namespace sosie::bsm1 {
namespace {

struct UnitRule {
  std::string_view expected;
  std::array<std::string_view, 8> known;  ///< in lower case, without blanks
};
constexpr UnitRule days{"d", {"d", "day", "days", "j"}};
constexpr UnitRule grams{
    "g/m3", {"g/m3", "gcod/m3", "gn/m3", "go2/m3", "gss/m3", "mg/l", "g(-cod)/m3", "g.m-3"}};
constexpr UnitRule moles{"mol/m3", {"mol/m3", "molhco3/m3", "mmol/l", "mole/m3", "mol.m-3"}};
constexpr UnitRule flow{"m3/d", {"m3/d", "m3/day", "m3.d-1", "m3/j", "m3d-1"}};
constexpr UnitRule celsius{"degC", {"degc", "c", "celsius"}};

const UnitRule& unit_of(std::size_t column) {
  if (column == column_time) return days;
  if (column == column_flow) return flow;
  if (column == column_celsius) return celsius;
  const bool is_alkalinity = column == std::size_t{column_first_part} + salk;
  return is_alkalinity ? moles : grams;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
    out += text.substr(0, at);
    out += by;
    text.remove_prefix(at + what.size());
  }
  return out += text;
}

/// "Q [m3/d]" has a name and a unit.
struct Title {
  std::string name;
  std::string unit;
};

Title title_of(std::string_view text) {
  Title title;
  const auto open = text.find_first_of("[(");
  for (const char c : text.substr(0, open)) {
    if (c != '_' && c != ' ' && c != '-') title.name += c;
  }
  if (open == std::string_view::npos) return title;
  auto inner = replaced(text.substr(open + 1, text.find_last_of("])") - open - 1), "³", "3");
  inner = replaced(inner, "⁻¹", "-1");
  inner = replaced(inner, "°", "deg");
  for (const char c : inner) {
    if (c == ' ' || c == '^') continue;
    title.unit += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return title;
}

/// "t" is the time and "T" the temperature; case does not matter elsewhere.
std::optional<std::size_t> column_named(const std::string& name) {
  if (name == "T") return column_celsius;
  std::string low;
  for (const char c : name) low += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, low) != names.end();
  };
  if (is({"t", "time", "td", "timed"})) return column_time;
  if (is({"q", "flow", "q0", "qin"})) return column_flow;
  if (is({"temp", "temperature", "tc"})) return column_celsius;
  if (is({"tss"})) return column_tss;
  for (std::size_t c = 0; c < components; ++c) {
    std::string component(component_names[c]);
    std::ranges::transform(component, component.begin(),
                           [](char ch) { return static_cast<char>(ch - 'A' + 'a'); });
    if (low == component) return column_first_part + c;
  }
  return {};
}

Result<void> check_unit(std::size_t column, const Title& title, std::string_view text) {
  const UnitRule& rule = unit_of(column);
  if (title.unit.empty() || std::ranges::find(rule.known, title.unit) != rule.known.end())
    return {};
  return Error{Errc::invalid, fmt::format("column '{}' is in '{}'; expected {}", trim(text),
                                          title.unit, rule.expected)};
}

}  // namespace

std::string_view name_of_column(std::size_t column) {
  if (column == column_time) return "t";
  if (column == column_tss) return "TSS";
  if (column == column_flow) return "Q";
  if (column == column_celsius) return "T";
  return component_names[column - column_first_part];
}

Result<ColumnPlaces> places_of(std::span<const std::string_view> titles) {
  ColumnPlaces places;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const Title title = title_of(titles[i]);
    const auto column = column_named(title.name);
    if (!column) continue;
    if (places[*column]) {
      return Error{Errc::invalid,
                   fmt::format("column '{}' is there twice", name_of_column(*column))};
    }
    TRY(check_unit(*column, title, titles[i]));
    places[*column] = i;
  }
  for (std::size_t column = 0; column < influent_columns; ++column) {
    const bool needed = column != column_tss && column != column_celsius;
    if (needed && !places[column]) {
      return Error{Errc::invalid, fmt::format("no column '{}' ({}); expected t, SI to SALK, Q and, "
                                              "if wanted, TSS and T",
                                              name_of_column(column), unit_of(column).expected)};
    }
  }
  return places;
}

Result<ColumnPlaces> usual_places(std::size_t fields) {
  if (fields <= column_flow) {
    return Error{Errc::invalid,
                 fmt::format("{} fields; expected {} at least (t, 13 states, TSS, Q; "
                             "then T), or a header with their names",
                             fields, column_flow + 1)};
  }
  ColumnPlaces places;
  for (std::size_t column = 0; column < std::min<std::size_t>(influent_columns, fields); ++column) {
    places[column] = column;
  }
  return places;
}

}  // namespace sosie::bsm1
