#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>

#include "app/bsm1_report.h"
#include "app/commands.h"
#include "plants/wastewater/benchmark_run.h"
#include "plants/wastewater/component_names.h"
#include "plants/wastewater/state_file.h"

namespace sosie::app {
namespace {

struct Bsm1Options {
  std::string loop = "closed";
  std::string influent;
  std::string weather = "dry";
  std::string start;
  std::string effluent_file;
  std::string state_file;
  std::optional<double> days;
  std::optional<double> celsius;
  std::optional<double> evaluated_from_d;
  double step_s = 20;
  bool json = false;
};

double cpu_s() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// No path: not wanted.
Result<void> write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return {};
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return Error{Errc::unavailable, fmt::format("{}: cannot be written", path)};
  return {};
}

/// The plant as the run is to begin. `of_benchmark`: on its own weather, not on a user's influent.
Result<bsm1::Bsm1> begun(const Bsm1Options& options, bool of_benchmark,
                         const bsm1::Influent& influent) {
  const auto control = options.loop == "open" ? bsm1::Control::open : bsm1::Control::closed;
  auto plant = TRY(bsm1::Bsm1::create({.control = control, .step_s = options.step_s}));
  auto start = options.start;
  if (start.empty()) start = of_benchmark ? "benchmark" : "steady";
  if (start == "benchmark") {
    TRY(bsm1::begin_as_benchmark(plant));
  } else if (start == "steady") {
    bsm1::Inflow inflow = bsm1::constant_inflow();
    inflow.celsius = options.celsius.value_or(influent.rows.front().inflow.celsius);
    TRY(plant.feed(inflow));
    TRY(plant.settle());
  } else {
    const auto state = TRY(bsm1::read_state(start, plant.config()));
    TRY(plant.set_state(state));
  }
  return plant;
}

/// A row of effluent as an influent file has it, so that it can be one.
void append_effluent(std::string& text, const bsm1::Bsm1& plant) {
  const bsm1::Mixture water = plant.effluent();
  text += fmt::format("{:.9g}", plant.time_d());
  for (const double value : water) text += fmt::format(",{:.10g}", value);
  text += fmt::format(",{:.10g},{:.10g},{:g}\n",
                      bsm1::solids_of(water, plant.config().works.asm1.tss_per_cod),
                      plant.duty().effluent_m3_d(), plant.inflow().celsius);
}

std::string effluent_titles() {
  std::string text = "t";
  for (const auto name : bsm1::component_names) text += fmt::format(",{}", name);
  return text + ",TSS,Q,T\n";
}

Result<void> check_choices(const Bsm1Options& options) {
  if (options.loop != "open" && options.loop != "closed") {
    return Error{Errc::invalid, fmt::format("--loop {}; expected open or closed", options.loop)};
  }
  if (!bsm1::weather_of(options.weather)) {
    return Error{Errc::invalid,
                 fmt::format("--weather {}; expected dry, rain or storm", options.weather)};
  }
  if (options.days && !(*options.days > 0 && *options.days <= 36525)) {
    return Error{Errc::invalid,
                 fmt::format("--days {}; expected more than 0, 36525 at most", *options.days)};
  }
  return {};
}

Result<Bsm1Report> live(const Bsm1Options& options) {
  TRY(check_choices(options));
  const bool of_benchmark = options.influent.empty();
  const auto influent =
      TRY(of_benchmark ? bsm1::benchmark_influent(*bsm1::weather_of(options.weather))
                       : bsm1::read_influent(options.influent));
  auto plant = TRY(begun(options, of_benchmark, influent));
  Bsm1Report report{.loop = options.loop, .influent = influent.name, .notes = influent.notes};
  bsm1::Run how{.days = options.days.value_or(influent.days), .celsius = options.celsius};
  how.evaluated_from_d = options.evaluated_from_d.value_or(of_benchmark ? how.days / 2 : 0);
  if (!(how.evaluated_from_d >= 0 && how.evaluated_from_d < how.days)) {
    return Error{Errc::invalid, fmt::format("--from {}; expected 0 or more, less than --days {:g}",
                                            how.evaluated_from_d, how.days)};
  }
  std::string rows = effluent_titles();
  if (!options.effluent_file.empty()) {
    how.at_sample = [&rows](const bsm1::Bsm1& at) { append_effluent(rows, at); };
  }
  const double began_s = cpu_s();
  report.summary = TRY(bsm1::run(plant, influent, how));
  report.cpu_s = cpu_s() - began_s;
  report.days = how.days;
  report.evaluated_from_d = how.evaluated_from_d;
  TRY(write_file(options.effluent_file, rows));
  TRY(write_file(options.state_file, bsm1::state_text(plant)));
  return report;
}

int run(const Bsm1Options& options) {
  const auto report = live(options);
  if (!report) return fail(report.error());
  const auto text = options.json ? to_json(*report) + "\n" : to_text(*report);
  std::fputs(text.c_str(), stdout);
  return Exit::done;
}

}  // namespace

void add_bsm1(Program& program) {
  // shared: CLI11's callback outlives this function
  const auto options = std::make_shared<Bsm1Options>();
  auto* command = program.cli.add_subcommand(
      "bsm1", "Runs the Benchmark Simulation Model no. 1 on its own influent or on yours");
  command->add_option("--loop", options->loop, "open or closed")->capture_default_str();
  command->add_option("--weather", options->weather, "the benchmark's: dry, rain or storm")
      ->capture_default_str();
  command->add_option("--influent", options->influent,
                      "a file instead: t (d), 13 states, TSS, Q (m3/d), T; with or without header");
  command->add_option("--days", options->days,
                      "how long; default: the influent's length, which begins anew if longer");
  command->add_option("--from", options->evaluated_from_d,
                      "the day from which averages are taken; default: 0, or the second half of "
                      "the benchmark's own weather");
  command->add_option("--start", options->start,
                      "steady: at rest on the constant influent; benchmark: that, and 14 dry days; "
                      "or a file of --states. Default: benchmark, with --influent steady");
  command->add_option("--temperature", options->celsius, "degC, instead of the influent's");
  command->add_option("--step", options->step_s, "s, 25 at most")->capture_default_str();
  command->add_option("--out", options->effluent_file, "writes the effluent, a row each 15 min");
  command->add_option("--states", options->state_file, "writes the plant's state at the end");
  command->add_flag("--json", options->json, "the figures as JSON");
  command->footer(
      "Examples:\n  sosie bsm1 --loop open --weather rain\n"
      "  sosie bsm1 --influent mine.csv --days 60 --from 30 --out effluent.csv\n"
      "docs/plant.md has what these figures should be.");
  command->callback([&program, options] { program.run = [options] { return run(*options); }; });
}

}  // namespace sosie::app
