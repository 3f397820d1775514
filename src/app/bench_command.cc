#include <cstdio>
#include <memory>

#include "app/bench.h"
#include "app/commands.h"

namespace sosie::app {
namespace {

struct BenchOptions {
  std::string scenario = default_scenario;
  bool json = false;
};

Result<std::vector<Measured>> bench(const std::string& scenario, const Catalog& catalog) {
  std::vector<Measured> lines;
  TRY(bench_start(scenario, catalog, lines));  // first: memory is counted of a fresh process
  TRY(bench_forest(scenario, catalog, lines));
  TRY(bench_road(scenario, catalog, lines));
  return lines;
}

int run(const BenchOptions& options, const Catalog& catalog) {
  const auto lines = bench(options.scenario, catalog);
  if (!lines) return fail(lines.error());
  if (options.json) {
    json::Writer out;
    write(out, *lines);
    std::printf("%s\n", out.text().c_str());
  } else {
    std::fputs(to_text(*lines).c_str(), stdout);
  }
  return Exit::done;
}

}  // namespace

void add_bench(Program& program) {
  const auto options =
      std::make_shared<BenchOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "bench", "Measures speed and memory on this machine, beside what they must be");
  command->add_option("SCENARIO", options->scenario, "whose plant")->capture_default_str();
  command->add_flag("--json", options->json, "the figures as JSON");
  command->footer(
      "Example:\n  sosie bench --json > bench.json\nbench/run adds peers to compare with.");
  command->callback([&program, options] {
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
