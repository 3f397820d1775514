#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <ranges>

#include "app/commands.h"
#include "app/stored.h"
#include "base/text.h"
#include "base/time_text.h"
#include "core/source.h"
#include "engine/what_if_outcome.h"
#include "simulation/simulator.h"
#include "simulation/what_if.h"
#include "web/what_if.h"
#include "wire/csv/writer.h"

namespace sosie::app {
namespace {

constexpr std::size_t told_sensors = 15;
constexpr double told_deviation = 0.01;  // noises: below, nothing is to be seen

struct WhatIfOptions {
  Place place{default_scenario};
  std::vector<std::string> faults;
  double size = std::nan("");
  std::string lasts;
  std::vector<std::string> setpoints;
  std::string weather;
  std::vector<std::uint64_t> undo;
  double hours = 24;
  bool json = false;
  std::string csv;
};

/// A scenario's plant, as it is stored or would begin, and how its effluent is judged.
struct Asked {
  std::unique_ptr<Plant> plant;
  std::string origin;  ///< where its state is from
  std::optional<ComplianceConfig> compliance;
  Zone zone;
};

Result<std::unique_ptr<Source>> simulator_of(Section& scenario, const Catalog& catalog,
                                             const std::string& file) {
  auto sections = TRY(scenario.tables("source"));
  for (auto& section : sections) {
    const auto kind = TRY(section.text("kind"));
    if (kind != "simulator") continue;
    for (const char* key : {"name", "needs_env", "unless_env"}) {
      TRY(section.text(key, ""));
    }
    section.excuse_secrets();
    return catalog.make<Source>(section);
  }
  return Error{Errc::invalid, file + ": has no [[source]] with kind = \"simulator\""};
}

/// What an earlier life has left; none: nothing is stored.
Result<std::optional<std::string>> remembered_of(const Place& place, const std::string& asset) {
  auto stored = Stored::open(place);
  if (!stored && stored.error().code == Errc::not_found) return std::optional<std::string>();
  if (!stored) return stored.error();
  return stored->store->recall("simulator/" + asset);
}

Result<Asked> open(const WhatIfOptions& options, const Catalog& catalog) {
  const auto& place = options.place;
  auto scenario = TRY(Section::read_file(place.scenario));
  const auto source = TRY(simulator_of(scenario, catalog, place.scenario));
  const auto zone_name = TRY(scenario.text("zone", "UTC"));
  auto zone = Zone::find(zone_name);
  if (!zone) return scenario.wrong("zone", zone.error().what);
  Asked asked{.plant = nullptr, .origin = "", .compliance = {}, .zone = std::move(*zone)};
  asked.compliance = TRY(ComplianceConfig::read(scenario));
  const auto remembered = TRY(remembered_of(place, source->described().front().asset));
  const auto& simulator = dynamic_cast<const Simulator&>(*source);  // its kind says so
  const auto now = SystemClock().now();
  asked.plant =
      TRY(simulator.revive(remembered, now - now.time_since_epoch() % Duration(1'000'000)));
  if (remembered) {
    asked.origin = fmt::format("as stored in {}/", place.data);
  } else {
    asked.origin = fmt::format("begun anew: nothing is stored in {}/", place.data);
  }
  return asked;
}

/// "oxygen=1.5".
Result<SetpointOrder> read_setpoint(const std::string& text) {
  const auto equals = text.find('=');
  const auto value =
      equals == std::string::npos ? std::nullopt : to_number(text.substr(equals + 1));
  if (!value) {
    return Error{Errc::invalid, fmt::format("--setpoint '{}'; expected NAME=NUMBER", text)};
  }
  return SetpointOrder{text.substr(0, equals), *value};
}

/// "stuck:AIT-306-DO" or "stuck", with what `options` say of all faults.
Result<FaultOrder> read_fault(const std::string& text, const WhatIfOptions& options) {
  FaultOrder order;
  const auto colon = text.find(':');
  order.fault = text.substr(0, colon);
  if (colon != std::string::npos) order.target = text.substr(colon + 1);
  if (!std::isnan(options.size)) order.size = options.size;
  if (options.lasts.empty()) return order;
  const auto lasts = to_duration_us(options.lasts);
  if (!lasts || *lasts <= 0) {
    return Error{Errc::invalid, fmt::format("--lasts '{}'; expected as 2h", options.lasts)};
  }
  order.lasts = Duration(*lasts);
  return order;
}

/// "storm" or "storm:2h".
Result<void> read_weather(const std::string& text, WhatIfChange& change) {
  const auto colon = text.find(':');
  change.weather = text.substr(0, colon);
  if (colon == std::string::npos) return {};
  const auto lasts = to_duration_us(text.substr(colon + 1));
  if (!lasts || *lasts <= 0) {
    return Error{Errc::invalid, fmt::format("--weather '{}'; expected as storm:2h", text)};
  }
  change.weather_lasts = Duration(*lasts);
  return {};
}

Result<WhatIfQuestion> read_question(const WhatIfOptions& options) {
  if (!std::isfinite(options.hours)) {
    return Error{Errc::invalid, fmt::format("--hours {}; expected a number", options.hours)};
  }
  WhatIfQuestion question;
  for (const auto& text : options.faults) {
    auto order = TRY(read_fault(text, options));
    question.change.faults.push_back(std::move(order));
  }
  for (const auto& text : options.setpoints) {
    auto order = TRY(read_setpoint(text));
    question.change.setpoints.push_back(std::move(order));
  }
  TRY(read_weather(options.weather, question.change));
  question.change.undo = options.undo;
  question.ahead = Duration(std::llround(options.hours * 3600e6));
  return question;
}

// ---- text

std::string told_figure(const std::optional<double>& figure, int decimals = 2) {
  return figure ? fmt::format("{:.{}f}", *figure, decimals) : std::string("-");
}

std::string after(Timestamp from, const std::optional<Timestamp>& at) {
  if (!at) return "-";
  return fmt::format("{:.1f} h",
                     std::chrono::duration<double, std::ratio<3600>>(*at - from).count());
}

void print_change(const Asked& asked, const WhatIfQuestion& question, const WhatIf& told) {
  std::printf("From %s (%s), %.3g h ahead. What if:\n", to_iso8601(told.from).c_str(),
              asked.origin.c_str(),
              std::chrono::duration<double, std::ratio<3600>>(told.ahead).count());
  for (const Label& label : told.began) {
    std::printf("  %s, %s to %s\n", label.text.en.c_str(), to_iso8601(label.start).c_str(),
                to_iso8601(label.cause_ends.value_or(label.end)).c_str());
  }
  for (const Label& label : told.undone) std::printf("  no %s any more\n", label.text.en.c_str());
  for (std::size_t i = 0; i < told.setpoints.size(); ++i) {
    std::printf("  %s %.6g instead of %.6g\n", told.setpoints[i].name.c_str(),
                question.change.setpoints[i].value, told.setpoints[i].value);
  }
  if (!question.change.weather.empty()) {
    const auto& lasts = question.change.weather_lasts;
    const std::string until =
        lasts ? fmt::format(", until {}", to_iso8601(told.from + *lasts)) : std::string();
    std::printf("  weather: %s%s\n", question.change.weather.c_str(), until.c_str());
  }
  for (const Label& label : told.running) {
    std::printf("Running as they part: %llu, %s, until %s\n",
                static_cast<unsigned long long>(label.id), label.text.en.c_str(),
                to_iso8601(label.end).c_str());
  }
}

void print_differences(const Plant& plant, const WhatIf& told) {
  const auto apart = std::ranges::count_if(
      told.divergences, [](const Divergence& d) { return d.deviation >= told_deviation; });
  std::printf("\n%lld of %zu sensors differ. The most, in their own noise (root mean square):\n",
              static_cast<long long>(apart), told.divergences.size());
  std::printf("  %-28s %-8s %12s %12s %12s %9s %8s\n", "", "", "mean before", "mean after",
              "largest", "deviation", "seen");
  for (const Divergence& d : told.divergences | std::views::take(told_sensors)) {
    if (d.deviation < told_deviation) break;
    const SeriesInfo info = plant.describe(d.sensor);
    std::printf("  %-28s %-8s %12s %12s %+12.2f %9.1f %8s\n", info.name().c_str(),
                std::string(info.unit).c_str(), told_figure(d.unchanged).c_str(),
                told_figure(d.changed).c_str(), d.largest, d.deviation,
                after(told.from, d.first_at).c_str());
  }
}

std::string verdict_text(const DeruReport& report, Parameter parameter) {
  const auto found = std::ranges::find(report.parameters, parameter, &ParameterVerdict::parameter);
  if (found == report.parameters.end()) return "-";
  const auto removed =
      found->reduction_pct ? fmt::format(", {:.0f} %", *found->reduction_pct) : std::string();
  const char* word = found->failed == 0 ? "holds" : "fails";
  return fmt::format("{:.3g} mg/l{} {}", found->mean_mg_l, removed, word);
}

void print_outcomes(const Outcomes& outcomes, const ComplianceConfig& plant) {
  std::printf("\n%s, by flow-weighted composites of %d h:\n",
              std::string(to_text(plant.directive)).c_str(), outcomes.sample_hours);
  for (const Parameter parameter : all_parameters) {
    const auto limit = deru_limit(parameter, plant);
    if (!limit) continue;
    std::printf("  %-5s at most %5.4g mg/l or %2.0f %% removed%s: %-24s %s\n",
                std::string(to_text(parameter)).c_str(), limit->concentration_mg_l,
                limit->min_reduction_pct, limit->annual_mean ? " (year's mean)" : "",
                verdict_text(outcomes.unchanged.compliance, parameter).c_str(),
                verdict_text(outcomes.changed.compliance, parameter).c_str());
  }
  if (outcomes.unchanged.unusual + outcomes.changed.unusual > 0) {
    std::printf("  days of unusual inflow, which do not count: %d, then %d\n",
                outcomes.unchanged.unusual, outcomes.changed.unusual);
  }
  const auto energy = [&](const Outcome& one) {
    return fmt::format("{} kWh a day, {} kWh/m3", told_figure(one.efficiency.kwh_per_day, 0),
                       told_figure(one.efficiency.kwh_per_m3, 3));
  };
  std::printf("  energy: %s, then %s\n", energy(outcomes.unchanged).c_str(),
              energy(outcomes.changed).c_str());
}

/// A row a bucket and sensor, as `sosie export` has readings.
Result<void> write_csv(const std::string& path, const Plant& plant, const WhatIf& told) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "w"), close);
  if (!file) return Error{Errc::unavailable, path + ": cannot be written"};
  std::string text = "time,series,unit,unchanged,changed\n";
  const auto number = [](double value) {
    return std::isnan(value) ? std::string() : fmt::format("{:.8g}", value);
  };
  for (const WhatIfCourse& course : told.courses) {
    const SeriesInfo info = plant.describe(course.sensor);
    const std::string name = info.name();
    const std::string unit(info.unit);
    for (std::size_t i = 0; i < course.unchanged.size(); ++i) {
      const auto at = to_iso8601(told.from + static_cast<std::int64_t>(i) * told.bucket);
      const auto unchanged = number(course.unchanged[i]);
      const auto changed = number(course.changed[i]);
      csv::append_record(text, std::vector<std::string_view>{at, name, unit, unchanged, changed});
    }
  }
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) {
    return Error{Errc::unavailable, path + ": cannot be written to its end"};
  }
  return {};
}

Result<void> ask(const WhatIfOptions& options, const Catalog& catalog) {
  const auto question = TRY(read_question(options));
  const auto asked = TRY(open(options, catalog));
  const auto begun = stopwatch();
  const auto told = TRY(what_if(*asked.plant, question));
  std::optional<Outcomes> outcomes;
  if (asked.compliance) {
    outcomes = outcomes_of(told, *asked.plant, *asked.compliance, asked.zone);
  }
  if (!options.csv.empty()) {
    TRY(write_csv(options.csv, *asked.plant, told));
  }
  if (options.json) {
    const auto text =
        web::describe_what_if({.plant = *asked.plant,
                               .question = question,
                               .told = told,
                               .outcomes = outcomes,
                               .compliance = asked.compliance ? &*asked.compliance : nullptr,
                               .known = nullptr,
                               .took_s = seconds_since(begun)});
    std::printf("%s\n", text.c_str());
    return {};
  }
  print_change(asked, question, told);
  print_differences(*asked.plant, told);
  if (outcomes) print_outcomes(*outcomes, *asked.compliance);
  return {};
}

}  // namespace

void add_whatif(Program& program) {
  // shared: CLI11's callback outlives this function
  const auto options = std::make_shared<WhatIfOptions>();
  auto* command = program.cli.add_subcommand(
      "whatif", "Lives a scenario's plant ahead twice, as it is and changed, and compares");
  command->add_option("SCENARIO", options->place.scenario, "whose plant")->capture_default_str();
  command
      ->add_option("--data", options->place.data,
                   "folder of the data: the plant is as stored there, also beside the program that "
                   "runs it; where nothing is stored, it begins now")
      ->capture_default_str();
  command->add_option("--fault", options->faults, "NAME or NAME:TARGET; may be given again");
  command->add_option("--size", options->size, "of those faults, in their unit; default: drawn");
  command->add_option("--lasts", options->lasts, "of those faults, as 6h; default: drawn");
  command->add_option("--setpoint", options->setpoints, "NAME=NUMBER; may be given again");
  command->add_option("--weather", options->weather,
                      "one of the plant's, dry, rain, storm …, to the end or as storm:2h");
  command->add_option("--undo", options->undo, "number of a fault that runs: it ends");
  command->add_option("--hours", options->hours, "how far ahead")->capture_default_str();
  command->add_flag("--json", options->json, "all of it, as POST /api/simulator/whatif answers");
  command->add_option("--csv", options->csv, "write both futures here, a row a time and sensor");
  command->footer(
      "In both futures chance brings no new fault; all else that is drawn is the same in both.\n"
      "Examples:\n"
      "  sosie whatif --fault blower_trip --lasts 6h\n"
      "  sosie whatif --weather storm:2h\n"
      "  sosie whatif --setpoint oxygen=1 --hours 48 --csv futures.csv\n"
      "  sosie whatif scenarios/room/room.toml --setpoint day=19");
  command->callback([&program, options] {
    program.run = [&program, options] {
      const auto done = ask(*options, program.catalog);
      return done ? Exit::done : fail(done.error());
    };
  });
}

}  // namespace sosie::app
