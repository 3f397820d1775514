#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>

#include "app/attack_report.h"
#include "app/commands.h"
#include "app/legacy_report.h"
#include "app/plant_evaluation.h"
#include "app/score_page.h"
#include "app/score_text.h"
#include "app/stored.h"
#include "app/table_evaluation.h"
#include "base/text.h"
#include "base/time_text.h"
#include "evaluation/score.h"

namespace sosie::app {
namespace {

struct EvaluateOptions {
  Place place{default_scenario};
  std::string from;
  std::string to;
  bool json = false;
  TableOptions table;         ///< with an input: that is evaluated
  bool has_scenario = false;  ///< it was named: its detectors judge the table
  std::string dataset;        ///< a folder of `simulate --dataset`
  std::string learn;          ///< how much of it; empty: as the scenario says
  std::string html;
  std::string attack;
  double budget = 1;  ///< false alarms a day
  bool legacy = false;
  std::int64_t seed = 7;
};

Result<Score> evaluate_stored(const EvaluateOptions& options) {
  auto stored = TRY(Stored::open(options.place));
  auto span = TRY(read_span(options.from, options.to, *stored.store));
  if (options.from.empty()) {
    const auto start = TRY(steady_start(stored, span));
    if (start != span.from) {
      std::fprintf(stderr, "counted from %s: few readings lie before it, the first at %s\n",
                   to_iso8601(start).c_str(), to_iso8601(span.from).c_str());
    }
    span.from = start;
  }
  const auto labels = TRY(stored.store->labels(span.from, span.to));
  if (labels.empty()) {
    return Error{Errc::not_found,
                 "there is no ground truth here: no fault was injected and no row is labelled"};
  }
  FindingQuery query;
  query.from = span.from;
  query.to = span.to;
  query.limit = 1'000'000;
  const auto page = TRY(stored.store->findings(query));
  ScoreOptions held;
  held.series = stored.series.get();
  return score(labels, page.findings, span.from, span.to, held);
}

template <class Told>
int tell(const Result<Told>& result, bool as_json) {
  if (!result) return fail(result.error());
  if (as_json) {
    json::Writer out;
    write(out, *result);
    std::printf("%s\n", out.text().c_str());
  } else {
    std::fputs(to_text(*result).c_str(), stdout);
  }
  return Exit::done;
}

/// What was evaluated, with what attacks left of it, where some were asked for.
template <class Evaluation>
struct Attacked {
  Evaluation evaluation;
  std::optional<AttackReport> attacks;

  friend std::string to_text(const Attacked& attacked) {
    auto text = to_text(attacked.evaluation);
    if (attacked.attacks) text += to_text(*attacked.attacks);
    return text;
  }
  friend void write(json::Writer& out, const Attacked& attacked) {
    if (!attacked.attacks) {
      write(out, attacked.evaluation);
      return;
    }
    out.begin_object();
    out.key("evaluation");
    write(out, attacked.evaluation);
    out.key("under_attack");
    write(out, *attacked.attacks);
    out.end_object();
  }
};

Result<void> write_page(const std::string& path, const std::string& page) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << page;
  file.close();
  if (file.good()) return {};
  return Error{Errc::unavailable, fmt::format("{}: cannot be written", path)};
}

template <class Evaluation>
Result<void> write_page(const std::string& path, const Attacked<Evaluation>& attacked) {
  if (path.empty()) return {};
  return write_page(path,
                    page_of(attacked.evaluation, attacked.attacks ? &*attacked.attacks : nullptr));
}

/// What to learn from; 0: as the scenario says.
Result<Duration> learn_of(const EvaluateOptions& options) {
  if (options.learn.empty()) return Duration{};
  const auto us = to_duration_us(options.learn);
  if (us && *us > 0) return Duration(*us);
  return Error{Errc::invalid, fmt::format("--learn is {}; expected as 7d", options.learn)};
}

/// A scenario's detectors on a dataset or a table.
Result<Attacked<PlantEvaluation>> evaluate_detectors(const EvaluateOptions& options,
                                                     const Catalog& catalog) {
  const bool is_table = options.dataset.empty();
  if (is_table && !options.attack.empty()) {
    return Error{Errc::invalid,
                 "--attack of a scenario's detectors needs a --dataset, which says on which "
                 "sensors an event shows; of a table alone leave out the scenario"};
  }
  if (!options.table.scores.empty()) {
    return Error{Errc::invalid, "--scores is of a table that is judged without a scenario"};
  }
  std::vector<Attack> attacks;
  if (!options.attack.empty()) attacks = TRY(read_attacks(options.attack));
  const auto open = [&]() -> Result<std::unique_ptr<Feed>> {
    if (!is_table) return open_dataset(options.dataset, options.place.scenario, catalog);
    const auto& table = options.table;
    return open_table({.input = table.input,
                       .time = table.time,
                       .label = table.label,
                       .windows = table.windows,
                       .ignore = table.ignore});
  };
  auto feed = TRY(open());
  DetectorRunOptions asked;
  asked.scenario = options.place.scenario;
  asked.learn = TRY(learn_of(options));
  if (is_table && asked.learn == Duration{}) {
    asked.learn = feed->period() * static_cast<Duration::rep>(options.table.train_rows);
  }
  auto run = TRY(run_detectors(*feed, asked, catalog));
  Attacked<PlantEvaluation> attacked;
  attacked.evaluation = evaluate_run(std::move(run), options.place.scenario,
                                     is_table ? options.table.input : options.dataset);
  if (!attacks.empty()) {
    attacked.attacks = TRY(attack_detectors(open, asked, attacks, options.budget, catalog));
  }
  TRY(write_page(options.html, attacked));
  return attacked;
}

Result<Attacked<TableEvaluation>> evaluate_table_alone(const EvaluateOptions& options) {
  Attacked<TableEvaluation> attacked;
  std::vector<Attack> attacks;
  if (!options.attack.empty()) attacks = TRY(read_attacks(options.attack));
  attacked.evaluation = TRY(evaluate_table(options.table));
  if (!attacks.empty()) {
    attacked.attacks = TRY(attack_table(options.table, attacks, options.budget));
  }
  TRY(write_page(options.html, attacked));
  return attacked;
}

int run(const EvaluateOptions& options, const Catalog& catalog) {
  if (options.legacy) {
    const LegacyOptions asked{.scenario = options.place.scenario,
                              .dataset = options.dataset,
                              .learn = options.learn,
                              .seed = static_cast<std::uint64_t>(options.seed)};
    return tell(legacy_report(asked, catalog), options.json);
  }
  const bool is_table = !options.table.input.empty();
  if (!options.dataset.empty() || (is_table && options.has_scenario)) {
    return tell(evaluate_detectors(options, catalog), options.json);
  }
  if (is_table) return tell(evaluate_table_alone(options), options.json);
  return tell(evaluate_stored(options), options.json);
}

void add_table_options(CLI::App& command, TableOptions& table) {
  auto* input = command.add_option(
      "--input", table.input,
      "a table (CSV) to learn from and judge; with a SCENARIO: by its detectors");
  auto* rows = command.add_option("--train-rows", table.train_rows,
                                  "how many of its first rows are ordinary life to learn from");
  input->needs(rows);
  command.add_option("--time", table.time, "its column of times")->needs(input);
  auto* label = command.add_option(
      "--label", table.label, "its column that says which rows are abnormal, to be held against");
  command
      .add_option("--windows", table.windows,
                  "the same as a JSON file of [begin, end], as NAB has it")
      ->needs(input)
      ->excludes(label);
  label->needs(input);
  command.add_option("--ignore", table.ignore, "columns that are no sensors")->needs(input);
  command
      .add_option("--scores", table.scores,
                  "writes time, score, flag, change and sensor of each row to this CSV file")
      ->needs(input);
}

void add_more_options(CLI::App& command, EvaluateOptions& options) {
  auto* dataset = command.add_option(
      "--dataset", options.dataset,
      "a folder of `sosie simulate --dataset`: the SCENARIO's detectors are held against it");
  command.add_option("--learn", options.learn,
                     "how much of it is ordinary life to learn from; default: as in the scenario");
  auto* html =
      command.add_option("--html", options.html, "writes the report as a page with pictures");
  auto* attack = command.add_option(
      "--attack", options.attack,
      "what is left while somebody attacks: all, or some of noise:PERCENT, dropout:PERCENT, "
      "replay:SENSORS, blind:SENSORS, white:SENSORS, ramp:DEVIATIONS_AN_HOUR, with commas between");
  command
      .add_option("--budget", options.budget, "false alarms a day that are allowed under attack")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->needs(attack);
  command
      .add_flag("--legacy", options.legacy,
                "the five figures of the system before: latency, accuracy, throughput, robustness, "
                "coverage")
      ->excludes(attack)
      ->excludes(html);
  command
      .add_option("--seed", options.seed, "of the plant that --legacy lives without a --dataset")
      ->capture_default_str();
  command.get_option("--input")->excludes(dataset);
}

}  // namespace

void add_evaluate(Program& program) {
  const auto options =
      std::make_shared<EvaluateOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "evaluate",
      "Holds findings, or what is found in a table or a dataset, against the ground truth");
  const auto* const scenario =
      command->add_option("SCENARIO", options->place.scenario, "the scenario")
          ->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--from", options->from,
                      "since when, as 2026-11-01 or 24h; default: all that is stored");
  command->add_option("--to", options->to, "until when");
  command->add_flag("--json", options->json, "the figures as JSON");
  add_table_options(*command, options->table);
  add_more_options(*command, *options);
  command->footer(
      "Examples:\n  sosie evaluate scenarios/traffeyere/traffeyere.toml --from 24h\n"
      "  sosie evaluate --dataset plant30 --html report.html\n"
      "  sosie evaluate --train-rows 400 --input bench.csv --time datetime --label anomaly "
      "--scores out.csv --attack all");
  command->callback([&program, options, scenario] {
    options->has_scenario = scenario->count() > 0;
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
