#include <cstdio>
#include <memory>
#include <ranges>

#include "app/commands.h"
#include "app/stored.h"
#include "base/time_text.h"
#include "engine/model_file.h"
#include "models/registry.h"

namespace sosie::app {
namespace {

struct ModelsOptions {
  Place place{default_scenario};
  std::uint32_t activate = 0;  ///< 0: only list them
  std::string who;
  std::string comment;
  bool json = false;
};

Result<models::Registry> models_in(const ModelsOptions& options) {
  auto scenario = TRY(Section::read_file(options.place.scenario));
  const auto name = TRY(scenario.text("name"));
  const ModelFolder folder(fmt::format("{}/{}/models", options.place.data, name));
  if (options.activate != 0) {
    TRY(folder.load(options.activate));  // one that cannot be read is not put in use
    TRY(folder.change([&](models::Registry& registry) {
      return registry.activate(options.activate, SystemClock().now(), options.who,
                               {options.comment, {}});
    }));
  }
  return folder.registry();
}

std::string text_of(const models::Registry& registry) {
  if (registry.versions().empty()) return "no model has been learned yet\n";
  std::string text;
  for (const auto& version : std::views::reverse(registry.versions())) {
    text += fmt::format("model {} {}: learned {} from {} to {}, {} frames, {} sensors ({})\n",
                        version.number, to_text(version.state), to_iso8601(version.trained_at),
                        to_iso8601(version.from), to_iso8601(version.to), version.rows,
                        version.sensors, to_text(version.trigger));
    if (!version.trial || version.trial->frames == 0) continue;
    const auto& trial = *version.trial;
    const auto error = trial.error_ratio > 0
                           ? fmt::format("error {:.2f} of the active one's", trial.error_ratio)
                           : std::string("error not measured");
    text += fmt::format("  trial of {:.2g} days: {}, {} findings, active one {}\n", trial.days(),
                        error, trial.shadow.episodes, trial.active.episodes);
  }
  for (const auto& step : registry.steps()) {
    text += fmt::format("{} {} {} {}{}{}\n", to_iso8601(step.at), to_text(step.what), step.number,
                        step.who.empty() ? "sosie" : step.who, step.text.empty() ? "" : ": ",
                        step.text);
  }
  return text;
}

int run(const ModelsOptions& options) {
  const auto registry = models_in(options);
  if (!registry) return fail(registry.error());
  std::printf("%s\n", options.json ? registry->to_json().c_str() : text_of(*registry).c_str());
  return Exit::done;
}

}  // namespace

void add_models(Program& program) {
  const auto options =
      std::make_shared<ModelsOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "models", "Lists the models that were learned, and puts one of them in use");
  command->add_option("SCENARIO", options->place.scenario, "the scenario")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  auto* activate = command->add_option(
      "--activate", options->activate,
      "this version judges from now on; a running program follows within a second");
  auto* who = command->add_option("--who", options->who, "your name, for the log");
  activate->needs(who);
  command->add_option("--comment", options->comment, "why")->needs(activate);
  command->add_flag("--json", options->json, "the register as JSON");
  command->footer(
      "Example:\n  sosie models scenarios/traffeyere/traffeyere.toml --activate 1 --who Ana");
  command->callback([&program, options] { program.run = [options] { return run(*options); }; });
}

}  // namespace sosie::app
