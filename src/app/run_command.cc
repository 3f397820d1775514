#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/live_lines.h"
#include "app/service.h"
#include "app/stop_signal.h"
#include "app/terminal.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"

namespace sosie::app {
namespace {

struct RunOptions {
  std::string called;  ///< this program, as people called it
  std::string scenario = default_scenario;
  std::string data = "var";
  std::string speed;
  std::vector<std::string> limits;
  bool watch = false;     ///< also where stdout is no terminal
  bool no_watch = false;  ///< not even where it is one and the scenario names series
  int port = 0;
  bool insecure = false;
  bool verbose = false;
};

/// What a person may order of the simulation to see something happen, as JSON.
std::string fault_to_try(Engine& engine) {
  const auto& wish = engine.scenario().fault;
  const auto colon = wish.find(':');
  auto name = wish.substr(0, colon);
  auto target = colon == std::string::npos ? std::string() : wish.substr(colon + 1);
  if (name.empty()) {
    name = "stuck";
    target = engine.series()[SeriesId{0}].name();
  }
  if (!target.empty()) target = fmt::format("\"target\": \"{}\", ", target);
  return fmt::format(R"({{"fault": "{}", {}"minutes": 30}})", name, target);
}

/// Lines of what comes: where people want them, or where a person is there to read them and the
/// scenario says which.
std::optional<LiveLines> watch(Engine& engine, const RunOptions& options) {
  const bool is_usual = has_terminal() && !engine.scenario().watched.empty() && !options.no_watch;
  if (!options.watch && !is_usual) return std::nullopt;
  return std::optional<LiveLines>(std::in_place, engine,
                                  LiveLines::Options{has_colours(), LiveLines::speaks_french()});
}

void say_hello(Service& service, const RunOptions& options, double first_page_s, double history_s) {
  Engine& engine = service.engine();
  const auto& info = engine.scenario();
  const auto addresses = service.site().addresses();
  const auto series = engine.series().size();
  const auto known = series == 0
                         ? std::string("series as they come")
                         : fmt::format("{} series, {} stages", series, engine.stages().size());
  std::printf("%s: %s\n", info.title.en.c_str(), known.c_str());
  for (const auto& address : addresses) std::printf("  %s\n", address.c_str());
  std::printf("  %lld MB of memory, first page after %.2f s, history there after %.1f s\n",
              static_cast<long long>(resident_bytes() / 1'000'000), first_page_s, history_s);
  std::printf("Next, in another terminal:\n");
  if (engine.simulator() != nullptr) {
    std::printf("  curl -X POST %s/api/simulator/faults -d '%s'\n", addresses.front().c_str(),
                fault_to_try(engine).c_str());
  }
  const auto* const called = options.called.c_str();
  std::printf("  %s evaluate %s --data %s\n", called, options.scenario.c_str(),
              options.data.c_str());
  std::printf("  %s query \"select * from findings limit 5\" --scenario %s --data %s\n", called,
              options.scenario.c_str(), options.data.c_str());
  std::printf("Ctrl-C ends it; the data stay in %s/%s\n", options.data.c_str(), info.name.c_str());
  std::fflush(stdout);
}

/// "high=13", or of one series: "Sensor-LARI-01.energy:high=13".
Result<LimitWish> read_limit(const std::string& text) {
  const auto equals = text.rfind('=');
  const auto value = equals == std::string::npos
                         ? std::nullopt
                         : to_number(std::string_view(text).substr(equals + 1));
  if (!value) {
    return Error{Errc::invalid,
                 fmt::format("--limit {}: expected NAME=NUMBER or SERIES:NAME=NUMBER", text)};
  }
  const auto colon = text.rfind(':', equals);
  if (colon == std::string::npos) return LimitWish{"", text.substr(0, equals), *value};
  return LimitWish{text.substr(0, colon), text.substr(colon + 1, equals - colon - 1), *value};
}

Result<void> serve(const RunOptions& options, const Catalog& catalog, const std::stop_token& stop) {
  const auto began = stopwatch();
  Service::Options wanted;
  wanted.engine.data_folder = options.data;
  if (!options.speed.empty()) {
    const auto speed = options.speed == "max" ? std::optional(0.0) : to_number(options.speed);
    if (!speed || *speed < 0) return Error{Errc::invalid, "--speed is 1, 60, … or max"};
    wanted.engine.speed = speed;
  }
  for (const auto& text : options.limits) {
    auto wish = TRY(read_limit(text));
    wanted.engine.limits.push_back(std::move(wish));
  }
  if (options.port != 0) wanted.port = options.port;
  wanted.insecure = options.insecure;
  auto scenario = TRY(Section::read_file(options.scenario));
  auto service = TRY(Service::create(std::move(scenario), catalog, wanted));
  TRY(service.start());
  const double first_page_s = seconds_since(began);
  if (service.wait_for_history(stop)) {
    say_hello(service, options, first_page_s, seconds_since(began));
    const auto lines = watch(service.engine(), options);
    SystemClock().sleep(Timestamp::max(), stop);
  }
  service.stop();
  return {};
}

int run(const RunOptions& options, const Catalog& catalog) {
  if (options.verbose) log::set_level(log::Level::debug);
  const auto served = serve(options, catalog, stop_on_signals());
  return served ? static_cast<int>(Exit::done) : fail(served.error());
}

}  // namespace

void add_run(Program& program) {
  const auto options =
      std::make_shared<RunOptions>();  // shared: CLI11's callback outlives this function
  options->called = program.cli.get_name();
  auto* command = program.cli.add_subcommand("run", "Runs a scenario and shows it in the browser");
  command->add_option("SCENARIO", options->scenario, "the scenario")->capture_default_str();
  command->add_option("--data", options->data, "folder of the data")->capture_default_str();
  command->add_option("--speed", options->speed, "of a simulated plant: 1, 60, … or max");
  command->add_option("--limit", options->limits,
                      "begin with this limit: high=13, or SERIES:high=13; stays until moved again");
  command->add_flag("--watch", options->watch,
                    "a line for each reading, normal or not; usual on a terminal where the "
                    "scenario has [terminal] watch");
  command->add_flag("--no-watch", options->no_watch, "no such lines");
  command->add_option("--port", options->port, "of the pages, instead of the scenario's");
  command->add_flag("--insecure", options->insecure,
                    "serve beyond this machine without TLS or credentials");
  command->add_flag("--verbose", options->verbose, "log more");
  command->footer(
      "Examples:\n"
      "  sosie run\n"
      "  sosie run scenarios/energy/energy.toml --limit high=13\n"
      "  sosie run scenarios/traffeyere/traffeyere.toml --speed 60 --port 9000");
  command->callback([&program, options] {
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
