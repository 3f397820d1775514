#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/score_text.h"
#include "app/stored.h"
#include "base/time_text.h"
#include "evaluation/score.h"

namespace sosie::app {
namespace {

struct EvaluateOptions {
  Place place{default_scenario};
  std::string from;
  std::string to;
  bool json = false;
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

int run(const EvaluateOptions& options) {
  const auto result = evaluate(options);
  if (!result) return fail(result.error());
  if (options.json) {
    json::Writer out;
    write(out, *result);
    std::printf("%s\n", out.text().c_str());
  } else {
    std::fputs(to_text(*result).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

void add_evaluate(Program& program) {
  const auto options =
      std::make_shared<EvaluateOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "evaluate", "Holds the stored findings against the ground truth, event by event");
  command->add_option("SCENARIO", options->place.scenario, "the scenario")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--from", options->from,
                      "since when, as 2026-11-01 or 24h; default: all that is stored");
  command->add_option("--to", options->to, "until when");
  command->add_flag("--json", options->json, "the figures as JSON");
  command->footer("Example:\n  sosie evaluate scenarios/traffeyere/traffeyere.toml --from 24h");
  command->callback([&program, options] { program.run = [options] { return run(*options); }; });
}

}  // namespace sosie::app
