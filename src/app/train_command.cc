#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/commands.h"
#include "app/learning_rows.h"
#include "app/stored.h"
#include "app/table_scenario.h"
#include "app/train_report.h"
#include "engine/model_file.h"
#include "engine/plan.h"
#include "store/own_folder.h"

namespace sosie::app {
namespace {

struct TrainOptions {
  Place place{default_scenario};
  bool has_scenario = false;  ///< it was named
  std::string from;
  std::string to;
  TableFeed table;  ///< with an input: that is learned
  std::size_t train_rows = 0;
  double held_out = 0.2;
  bool as_shadow = false;
  bool at_once = false;  ///< it judges, whatever there was
  std::string report;
  bool json = false;
};

/// What a scenario says of its series; empty: any can come.
std::vector<SeriesInfo> series_in(const Plan& plan) {
  std::vector<SeriesInfo> all;
  for (const auto& named : plan.sources) {
    for (auto& info : named.source->described()) {
      if (info.asset.empty() || info.asset.str() == plan.info.asset) all.push_back(std::move(info));
    }
  }
  return all;
}

Result<void> write_scenario(const TableScenario& made) {
  TRY(make_own_folder(std::filesystem::path(made.file).parent_path().string()));
  std::ofstream file(made.file, std::ios::binary | std::ios::trunc);
  file << made.toml;
  file.close();
  if (file.good()) return {};
  return Error{Errc::unavailable, fmt::format("{}: cannot be written", made.file)};
}

/// One that was made earlier stays as its owner has changed it since.
Result<std::vector<std::string>> find_scenario(TrainOptions& options, bool& is_new) {
  if (options.has_scenario || options.table.input.empty()) return std::vector<std::string>();
  auto made = TRY(scenario_of(options.table, options.place.data));
  options.place.scenario = made.file;
  auto& ignore = options.table.ignore;
  ignore.insert(ignore.end(), made.ignore.begin(), made.ignore.end());
  is_new = !std::filesystem::exists(made.file);
  if (is_new) {
    TRY(write_scenario(made));
  }
  return made.notes;
}

Result<std::unique_ptr<LearningRows>> open_rows(const TrainOptions& options, const Plan& plan) {
  if (options.table.input.empty()) {
    return open_stored_rows(options.place, plan, options.from, options.to);
  }
  return open_table_rows({.table = options.table,
                          .rows = options.train_rows,
                          .known = series_in(plan),
                          .asset = plan.info.asset,
                          .period = plan.frame_period});
}

Result<TrainReport> train_on(TrainOptions options, const Catalog& catalog) {
  auto& table = options.table;
  if (!table.input.empty() && table.time.empty()) table.time = TRY(time_column_of(table));
  bool is_new = false;
  auto notes = TRY(find_scenario(options, is_new));
  auto scenario = TRY(Section::read_file(options.place.scenario));
  const auto name = TRY(scenario.text("name"));
  const auto folder = fmt::format("{}/{}", options.place.data, name);
  const auto plan = TRY(Plan::read(scenario, catalog, folder));
  const auto rows = TRY(open_rows(options, plan));
  auto training = training_of(plan);
  training.logs_unlearned = false;  // the report says it
  TrainRequest request{.held_out = options.held_out, .model_folder = folder + "/models"};
  const auto before = ModelFolder(request.model_folder).registry();
  const auto* const judge = before.active();
  const bool is_shadow = options.as_shadow || (judge != nullptr && !options.at_once);
  if (is_shadow) request.state = models::State::shadow;
  auto report = TRY(train(*rows, training, request));
  report.input = table.input.empty() ? "what is stored in " + folder : table.input;
  report.scenario = options.place.scenario;
  report.is_new_scenario = is_new;
  report.is_shadow = is_shadow;
  if (is_shadow && judge != nullptr) report.judged_by = judge->number;
  report.notes.insert(report.notes.begin(), notes.begin(), notes.end());
  return report;
}

int run(const TrainOptions& options, const Catalog& catalog) {
  const auto report = train_on(options, catalog);
  if (!report) return fail(report.error());
  json::Writer out;
  write(out, *report);
  if (!options.report.empty()) {
    std::ofstream file(options.report, std::ios::binary | std::ios::trunc);
    file << out.text() << '\n';
    file.close();
    if (!file.good()) {
      return fail({Errc::unavailable, fmt::format("{}: cannot be written", options.report)});
    }
  }
  std::printf("%s\n", options.json ? out.text().c_str() : to_text(*report).c_str());
  return Exit::done;
}

void add_table_options(CLI::App& command, TrainOptions& options) {
  auto& table = options.table;
  auto* input = command.add_option(
      "--input", table.input,
      "a table (CSV) to learn from; without SCENARIO one is made for it, in the folder of data");
  command.add_option("--time", table.time, "its column of times; default: the one called so")
      ->needs(input);
  command
      .add_option("--label", table.label,
                  "its column that says which rows are abnormal: these are not learned from")
      ->needs(input);
  command.add_option("--ignore", table.ignore, "columns that are no sensors")->needs(input);
  command.add_option("--train-rows", options.train_rows, "learns from its first rows alone")
      ->needs(input);
}

}  // namespace

void add_train(Program& program) {
  const auto options =
      std::make_shared<TrainOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "train", "Learns a new model from the stored data or a table, and says what it cannot see");
  const auto* const scenario =
      command->add_option("SCENARIO", options->place.scenario, "the scenario")
          ->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--from", options->from,
                      "of the stored data: since when, as 2026-11-01 or 7d; default: all");
  command->add_option("--to", options->to, "until when");
  add_table_options(*command, *options);
  command
      ->add_option("--held-out", options->held_out,
                   "share of the time, at its end, on which is measured what the model would "
                   "notice; 0: not at all")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 0.9));
  auto* const shadow = command->add_flag(
      "--shadow", options->as_shadow,
      "a running program tries it beside the active model, and promotes it only if it is better; "
      "so it is anyway where a model judges already");
  command
      ->add_flag("--activate", options->at_once,
                 "it judges at once in the place of the one that does, unmeasured")
      ->excludes(shadow);
  command->add_option("--report", options->report, "writes the report to this file as JSON");
  command->add_flag("--json", options->json, "the report as JSON");
  command->footer(
      "Examples:\n  sosie train --input bench.csv\n"
      "  sosie train scenarios/traffeyere/traffeyere.toml --from 7d");
  command->callback([&program, options, scenario] {
    options->has_scenario = scenario->count() > 0;
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
