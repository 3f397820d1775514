#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/score_text.h"
#include "app/stored.h"
#include "app/table_evaluation.h"
#include "base/time_text.h"
#include "evaluation/score.h"

namespace sosie::app {
namespace {

struct EvaluateOptions {
  Place place{default_scenario};
  std::string from;
  std::string to;
  bool json = false;
  TableOptions table;  ///< with an input: that is evaluated, no scenario
};

Result<Score> evaluate(const EvaluateOptions& options) {
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

int run(const EvaluateOptions& options) {
  if (!options.table.input.empty()) return tell(evaluate_table(options.table), options.json);
  return tell(evaluate(options), options.json);
}

}  // namespace

void add_evaluate(Program& program) {
  const auto options =
      std::make_shared<EvaluateOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "evaluate",
      "Holds the stored findings, or what it finds in a table, against the ground truth");
  command->add_option("SCENARIO", options->place.scenario, "the scenario")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--from", options->from,
                      "since when, as 2026-11-01 or 24h; default: all that is stored");
  command->add_option("--to", options->to, "until when");
  command->add_flag("--json", options->json, "the figures as JSON");
  auto& table = options->table;
  auto* input = command->add_option(
      "--input", table.input, "a table (CSV) to learn from and judge, in place of a scenario");
  auto* rows = command->add_option("--train-rows", table.train_rows,
                                   "how many of its first rows are ordinary life to learn from");
  input->needs(rows);
  command->add_option("--time", table.time, "its column of times")->needs(input);
  auto* label = command->add_option(
      "--label", table.label, "its column that says which rows are abnormal, to be held against");
  command
      ->add_option("--windows", table.windows,
                   "the same as a JSON file of [begin, end], as NAB has it")
      ->needs(input)
      ->excludes(label);
  label->needs(input);
  command->add_option("--ignore", table.ignore, "columns that are no sensors")->needs(input);
  command
      ->add_option("--scores", table.scores,
                   "writes time, score, flag, change and sensor of each row to this CSV file")
      ->needs(input);
  command->footer(
      "Example:\n  sosie evaluate scenarios/traffeyere/traffeyere.toml --from 24h\n"
      "  sosie evaluate --train-rows 400 --input bench.csv --time datetime --label anomaly "
      "--scores out.csv");
  command->callback([&program, options] { program.run = [options] { return run(*options); }; });
}

}  // namespace sosie::app
