#include "web/what_if.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "web/ask.h"
#include "web/describe.h"
#include "web/orders.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_differences = 200;
constexpr int more_decimals = 2;  // than a reading has: of a mean

constexpr std::array<std::string_view, 7> asked_keys{
    "faults", "setpoints", "weather", "weather_minutes", "undo", "hours", "series"};

// ---- the question

Result<const json::Value::List*> member_list(const json::Value& body, std::string_view key) {
  static const json::Value::List none;
  const auto* member = body.find(key);
  if (member == nullptr || member->is_null()) return &none;
  if (const auto* list = member->list()) return list;
  return Error{Errc::invalid, fmt::format("'{}' is {}; expected a list", key, member->kind())};
}

Result<std::size_t> read_sensor(const json::Value& item, const SeriesTable& sensors,
                                const SeriesTable* known) {
  std::string name;
  if (const auto* text = item.text()) {
    name = *text;
  } else if (const auto number = item.number(); number && known != nullptr && *number >= 0 &&
                                                *number < static_cast<double>(known->size())) {
    name = (*known)[SeriesId{static_cast<std::uint32_t>(*number)}].name();
  } else {
    return Error{Errc::invalid,
                 fmt::format("'series' has {}; expected names of series", item.kind())};
  }
  const auto found = sensors.find_name(name);
  if (!found) return Error{Errc::not_found, fmt::format("the plant has no series '{}'", name)};
  return std::size_t{found->index};
}

Result<std::vector<std::size_t>> read_sensors(const json::Value& body, const Plant& plant,
                                              const SeriesTable* known) {
  const auto list = TRY(member_list(body, "series"));
  std::vector<std::size_t> sensors;
  if (list->empty()) return sensors;
  SeriesTable table;
  for (std::size_t i = 0; i < plant.sensor_count(); ++i) table.declare(plant.describe(i));
  sensors.reserve(list->size());
  for (const auto& item : *list) {
    const auto sensor = TRY(read_sensor(item, table, known));
    sensors.push_back(sensor);
  }
  return sensors;
}

Result<std::optional<Duration>> read_weather_minutes(const json::Value& body) {
  constexpr double most_minutes = 60 * 24 * 366;  // more than what_if lives ahead
  const auto* const member = body.find("weather_minutes");
  if (member == nullptr || member->is_null()) return std::optional<Duration>();
  const auto minutes = member->number();
  if (!minutes || !(*minutes > 0) || *minutes > most_minutes) {
    return Error{Errc::invalid, fmt::format("'weather_minutes' is {}; expected more than 0",
                                            minutes ? fmt::format("{:g}", *minutes)
                                                    : std::string(member->kind()))};
  }
  return std::optional(Duration(std::llround(*minutes * 60e6)));
}

Result<WhatIfChange> read_what_changes(const json::Value& body) {
  WhatIfChange change;
  const auto faults = TRY(member_list(body, "faults"));
  for (const auto& fault : *faults) {
    if (fault.object() == nullptr) {
      return Error{Errc::invalid, fmt::format("'faults' has {}; expected objects", fault.kind())};
    }
    auto order = TRY(read_fault(fault));
    change.faults.push_back(std::move(order));
  }
  change.setpoints = TRY(read_setpoints(body));
  change.weather = TRY(member_text(body, "weather", ""));
  change.weather_lasts = TRY(read_weather_minutes(body));
  const auto undo = TRY(member_list(body, "undo"));
  for (const auto& label : *undo) {
    const auto number = label.number();
    if (!number || *number < 0 || *number != std::floor(*number)) {
      return Error{Errc::invalid,
                   fmt::format("'undo' has {}; expected numbers of faults that run",
                               number ? fmt::format("{}", *number) : std::string(label.kind()))};
    }
    change.undo.push_back(static_cast<std::uint64_t>(*number));
  }
  return change;
}

// ---- the answer

/// A mean with a little more than a reading's digits: of a double's seventeen most say nothing.
class Rounded {
 public:
  explicit Rounded(const SeriesInfo& info)
      : scale_(std::pow(10.0, decimals_of(info) + more_decimals)) {}

  double operator()(double value) const { return std::round(value * scale_) / scale_; }
  std::optional<double> operator()(const std::optional<double>& value) const {
    if (!value) return std::nullopt;
    return (*this)(*value);
  }

 private:
  double scale_;
};

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

void write_labels(json::Writer& out, std::string_view key, const std::vector<Label>& labels) {
  out.key(key);
  out.begin_array();
  for (const Label& label : labels) {
    out.begin_object();
    write_members(out, label);
    out.end_object();
  }
  out.end_array();
}

void write_change(json::Writer& out, const ToldWhatIf& it) {
  out.begin_object();
  write_labels(out, "began", it.told.began);
  write_labels(out, "undone", it.told.undone);
  const auto setpoints = it.plant.setpoints();
  out.key("setpoints");
  out.begin_array();
  for (std::size_t i = 0; i < it.told.setpoints.size(); ++i) {
    const SetpointOrder& before = it.told.setpoints[i];
    const auto of = std::ranges::find(setpoints, before.name, &Setpoint::name);
    out.begin_object();
    out.member("name", before.name);
    if (of != setpoints.end()) {
      out.key("words");
      write(out, of->words);
      out.member("unit", of->unit);
    }
    out.member("before", before.value);
    out.member("value", it.question.change.setpoints[i].value);
    out.end_object();
  }
  out.end_array();
  out.key("weather");
  if (it.question.change.weather.empty()) {
    out.value(nullptr);
  } else {
    out.value(it.question.change.weather);
  }
  out.key("weather_minutes");
  if (const auto& lasts = it.question.change.weather_lasts) {
    out.value(std::chrono::duration<double, std::ratio<60>>(*lasts).count());
  } else {
    out.value(nullptr);
  }
  out.end_object();
}

void write_series(json::Writer& out, const SeriesInfo& info, const SeriesTable* known) {
  const auto id = known == nullptr ? std::nullopt : known->find(info.entity, info.attribute);
  out.key("series");
  if (id) {
    out.value(id->index);
  } else {
    out.value(nullptr);
  }
  out.member("name", info.name());
}

void write_difference(json::Writer& out, const Divergence& d, const ToldWhatIf& it) {
  const SeriesInfo info = it.plant.describe(d.sensor);
  const Rounded rounded(info);
  out.begin_object();
  write_series(out, info, it.known);
  out.member("entity", info.entity);
  out.key("quantity");
  write(out, info.quantity);
  out.member("unit", info.unit);
  out.member("decimals", decimals_of(info));
  out.member("noise", d.noise);
  out.member("deviation", d.deviation);
  out.member("largest", rounded(d.largest));
  out.member("largest_ms", to_ms(d.largest_at));
  out.member("first_ms", to_ms(d.first_at));
  out.member("unchanged", rounded(d.unchanged));
  out.member("changed", rounded(d.changed));
  out.end_object();
}

void write_values(json::Writer& out, std::string_view key, const std::vector<double>& values,
                  const Rounded& rounded) {
  out.key(key);
  out.begin_array();
  for (const double value : values) out.value(rounded(value));
  out.end_array();
}

void write_course(json::Writer& out, const WhatIfCourse& course, const ToldWhatIf& it) {
  const SeriesInfo info = it.plant.describe(course.sensor);
  const Rounded rounded(info);
  out.begin_object();
  write_series(out, info, it.known);
  write_values(out, "unchanged", course.unchanged, rounded);
  if (same(course.unchanged, course.changed)) {
    out.member("changed", nullptr);
  } else {
    write_values(out, "changed", course.changed, rounded);
  }
  out.end_object();
}

const ParameterVerdict* verdict_of(const DeruReport& report, Parameter parameter) {
  const auto found = std::ranges::find(report.parameters, parameter, &ParameterVerdict::parameter);
  return found == report.parameters.end() ? nullptr : &*found;
}

/// A sample that exceeds is told of even where a year would allow for it.
void write_verdict(json::Writer& out, std::string_view key, const ParameterVerdict* verdict) {
  out.key(key);
  if (verdict == nullptr) {
    out.value(nullptr);
    return;
  }
  out.begin_object();
  out.member("value", verdict->mean_mg_l);
  out.member("reduction_pct", verdict->reduction_pct);
  out.member("samples", verdict->taken);
  out.member("failed", verdict->failed);
  out.member("gross", std::ranges::any_of(verdict->days, &SampleVerdict::gross));
  out.member("ok", verdict->failed == 0);
  out.end_object();
}

void write_parameters(json::Writer& out, const Outcomes& outcomes, const ComplianceConfig& plant) {
  out.key("parameters");
  out.begin_array();
  for (const Parameter parameter : all_parameters) {
    const auto limit = deru_limit(parameter, plant);
    const auto* unchanged = verdict_of(outcomes.unchanged.compliance, parameter);
    const auto* changed = verdict_of(outcomes.changed.compliance, parameter);
    if (!limit || (unchanged == nullptr && changed == nullptr)) continue;
    out.begin_object();
    out.member("parameter", to_text(parameter));
    out.member("limit", limit->concentration_mg_l);
    out.member("min_reduction_pct", limit->min_reduction_pct);
    out.member("annual_mean", limit->annual_mean);
    out.member("unit", "mg/l");
    write_verdict(out, "unchanged", unchanged);
    write_verdict(out, "changed", changed);
    out.end_object();
  }
  out.end_array();
}

void write_energy(json::Writer& out, std::string_view key, const Efficiency& efficiency,
                  const WhatIf& told) {
  const double days = std::chrono::duration<double, std::ratio<86400>>(told.ahead).count();
  out.key(key);
  out.begin_object();
  std::optional<double> kwh;
  if (efficiency.kwh_per_day) kwh = *efficiency.kwh_per_day * days;
  out.member("kwh", kwh);
  out.member("kwh_per_day", efficiency.kwh_per_day);
  out.member("kwh_per_m3", efficiency.kwh_per_m3);
  out.member("removal_percent", efficiency.overall_percent);
  out.end_object();
}

void write_outcomes(json::Writer& out, const ToldWhatIf& it) {
  out.key("compliance");
  if (!it.outcomes || it.compliance == nullptr) {
    out.value(nullptr);
    out.member("energy", nullptr);
    return;
  }
  const Outcomes& outcomes = *it.outcomes;
  out.begin_object();
  out.member("directive", to_text(it.compliance->directive));
  out.member("sample_hours", outcomes.sample_hours);
  out.member("unusual_unchanged", outcomes.unchanged.unusual);
  out.member("unusual_changed", outcomes.changed.unusual);
  write_parameters(out, outcomes, *it.compliance);
  out.end_object();
  out.key("energy");
  out.begin_object();
  write_energy(out, "unchanged", outcomes.unchanged.efficiency, it.told);
  write_energy(out, "changed", outcomes.changed.efficiency, it.told);
  out.end_object();
}

}  // namespace

Result<WhatIfQuestion> read_what_if(const json::Value& body, const Plant& plant,
                                    const SeriesTable* known) {
  for (const auto& [key, value] : *body.object()) {
    if (std::ranges::find(asked_keys, key) == asked_keys.end()) {
      return Error{Errc::invalid, fmt::format("'{}' cannot be asked; expected one of {}", key,
                                              fmt::join(asked_keys, ", "))};
    }
  }
  WhatIfQuestion question;
  question.change = TRY(read_what_changes(body));
  const auto hours = TRY(member_number(body, "hours", 24));
  constexpr double most_hours = 24 * 366;  // what_if says the true limit
  if (!(hours > 0) || hours > most_hours) {
    return Error{
        Errc::invalid,
        fmt::format(
            "'hours' is {:g}; expected more than 0, to {:g}", hours,
            std::chrono::duration<double, std::ratio<3600>>(WhatIfQuestion::longest).count())};
  }
  question.ahead = Duration(std::llround(hours * 3600e6));
  question.sensors = TRY(read_sensors(body, plant, known));
  return question;
}

std::string describe_what_if(const ToldWhatIf& it) {
  const WhatIf& told = it.told;
  json::Writer out;
  out.begin_object();
  out.member("from_ms", to_ms(told.from));
  out.member("to_ms", to_ms(told.from + told.ahead));
  out.member("bucket_ms", to_ms(Timestamp(told.bucket)));
  out.member("took_s", it.took_s);
  out.key("change");
  write_change(out, it);
  write_labels(out, "running", told.running);
  out.member("sensors", told.divergences.size());
  out.key("differences");
  out.begin_array();
  for (std::size_t i = 0; i < std::min(told.divergences.size(), most_differences); ++i) {
    write_difference(out, told.divergences[i], it);
  }
  out.end_array();
  out.key("courses");
  out.begin_array();
  for (const WhatIfCourse& course : told.courses) write_course(out, course, it);
  out.end_array();
  write_outcomes(out, it);
  out.end_object();
  return out.take();
}

}  // namespace sosie::web
