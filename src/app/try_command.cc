#include <algorithm>
#include <cstdio>
#include <memory>
#include <ranges>

#include <fmt/ranges.h>

#include "app/commands.h"
#include "app/stored.h"
#include "base/time_text.h"
#include "engine/rule_trial.h"

namespace sosie::app {
namespace {

struct TryOptions {
  Place place{default_scenario};
  std::string rules;
  std::string from;
  std::string to;
  std::size_t limit = 20;
};

std::string lasting_text(Duration lasting) {
  const auto hours = std::chrono::duration<double, std::ratio<3600>>(lasting).count();
  return hours < 1 ? fmt::format("{:.1f} min", hours * 60) : fmt::format("{:.1f} h", hours);
}

void print(const TriedRule& tried, const RuleTrial& trial) {
  if (tried.series == 0) {
    std::printf("%s: there is no series that it is about: '%s'\n", tried.rule.name.c_str(),
                fmt::format("{}", fmt::join(tried.rule.on, "', '")).c_str());
    return;
  }
  std::printf("%s: would have fired %llu time%s between %s and %s, %s in all%s\n",
              tried.rule.name.c_str(), static_cast<unsigned long long>(tried.episodes),
              tried.episodes == 1 ? "" : "s", to_iso8601(trial.from).c_str(),
              to_iso8601(trial.to).c_str(), lasting_text(tried.lasting).c_str(),
              tried.open > 0 ? ", not over at the end" : "");
  for (const auto& subject : tried.subjects | std::views::take(5)) {
    std::printf("  %6llu  %s\n", static_cast<unsigned long long>(subject.episodes),
                subject.name.c_str());
  }
  for (const auto& listed : tried.listed) {
    std::printf("  %s  %s\n", to_iso8601(listed.episode.onset).c_str(), listed.sentence.en.c_str());
  }
}

Result<void> try_on(const TryOptions& options) {
  auto file = TRY(Section::read_file(options.rules));
  auto set = TRY(rules::RuleSet::read(file));
  if (set.empty()) {
    return Error{Errc::invalid, fmt::format("{} has no [[rule]]; expected one", options.rules)};
  }
  const auto stored = TRY(Stored::open(options.place));
  const auto span = TRY(read_span(options.from, options.to, *stored.store));
  const auto trial =
      TRY(try_rules(std::move(set), *stored.store, *stored.series, span.from, span.to,
                    {.most_readings = UINT64_MAX, .most_listed = options.limit}));
  std::printf("%llu readings of %llu series\n", static_cast<unsigned long long>(trial.readings),
              static_cast<unsigned long long>(trial.series));
  for (const TriedRule& tried : trial.rules) print(tried, trial);
  return {};
}

}  // namespace

void add_try(Program& program) {
  // shared: CLI11's callback outlives this function
  const auto options = std::make_shared<TryOptions>();
  auto* command = program.cli.add_subcommand(
      "try", "Says what rules would have said of the stored past, before they are turned on");
  command->add_option("FILE", options->rules, "[[rule]]s, as in a scenario, or a whole scenario")
      ->required();
  command->add_option("--scenario", options->place.scenario, "whose data")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--from", options->from, "since when: ISO 8601, or how long ago (\"30d\")");
  command->add_option("--to", options->to, "until when");
  command->add_option("--limit", options->limit, "episodes told of each rule: the last ones")
      ->capture_default_str();
  command->footer(
      "Example:\n  sosie try hot.toml --scenario scenarios/fleet/fleet.toml --from 30d");
  command->callback([&program, options] {
    program.run = [options] {
      const auto done = try_on(*options);
      return done ? Exit::done : fail(done.error());
    };
  });
}

}  // namespace sosie::app
