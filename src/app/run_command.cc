#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/service.h"
#include "app/stop_signal.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"

namespace sosie::app {
namespace {

struct Options {
  std::string called;  ///< this program, as people called it
  std::string scenario = default_scenario;
  std::string data = "var";
  std::string speed;
  int port = 0;
  bool insecure = false;
  bool verbose = false;
};

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(stopwatch() - began).count();
}

void say_hello(Service& service, const Options& options, double first_page_s, double history_s) {
  Engine& engine = service.engine();
  const auto& info = engine.scenario();
  const auto addresses = service.site().addresses();
  std::printf("%s: %zu series, %zu stages\n", info.title.en.c_str(), engine.series().size(),
              engine.stages().size());
  for (const auto& address : addresses) std::printf("  %s\n", address.c_str());
  std::printf("  %lld MB of memory, first page after %.2f s, history there after %.1f s\n",
              static_cast<long long>(resident_bytes() / 1'000'000), first_page_s, history_s);
  std::printf("Next, in another terminal:\n");
  if (engine.simulator() != nullptr) {
    std::printf(
        "  curl -X POST %s/api/simulator/faults -d '{\"fault\": \"stuck\", \"target\": "
        "\"AIT-306-DO\", \"minutes\": 30}'\n",
        addresses.front().c_str());
  }
  const auto* const called = options.called.c_str();
  std::printf("  %s evaluate %s --data %s\n", called, options.scenario.c_str(),
              options.data.c_str());
  std::printf("  %s query \"select * from findings limit 5\" --scenario %s --data %s\n", called,
              options.scenario.c_str(), options.data.c_str());
  std::printf("Ctrl-C ends it; the data stay in %s/%s\n", options.data.c_str(), info.name.c_str());
  std::fflush(stdout);
}

Result<void> serve(const Options& options, const Catalog& catalog, const std::stop_token& stop) {
  const auto began = stopwatch();
  Service::Options wanted;
  wanted.engine.data_folder = options.data;
  if (!options.speed.empty()) {
    const auto speed = options.speed == "max" ? std::optional(0.0) : to_number(options.speed);
    if (!speed || *speed < 0) return Error{Errc::invalid, "--speed is 1, 60, … or max"};
    wanted.engine.speed = speed;
  }
  if (options.port != 0) wanted.port = options.port;
  wanted.insecure = options.insecure;
  auto scenario = TRY(Section::read_file(options.scenario));
  auto service = TRY(Service::create(std::move(scenario), catalog, wanted));
  TRY(service.start());
  const double first_page_s = seconds_since(began);
  if (service.wait_for_history(stop)) {
    say_hello(service, options, first_page_s, seconds_since(began));
    SystemClock().sleep(Timestamp::max(), stop);
  }
  service.stop();
  return {};
}

int run(const Options& options, const Catalog& catalog) {
  if (options.verbose) log::set_level(log::Level::debug);
  const auto served = serve(options, catalog, stop_on_signals());
  return served ? static_cast<int>(Exit::done) : fail(served.error());
}

}  // namespace

void add_run(Program& program) {
  auto options = std::make_shared<Options>();  // shared: CLI11's callback outlives this function
  options->called = program.cli.get_name();
  auto* command = program.cli.add_subcommand("run", "Runs a scenario and shows it in the browser");
  command->add_option("SCENARIO", options->scenario, "the scenario")->capture_default_str();
  command->add_option("--data", options->data, "folder of the data")->capture_default_str();
  command->add_option("--speed", options->speed, "of a simulated plant: 1, 60, … or max");
  command->add_option("--port", options->port, "of the pages, instead of the scenario's");
  command->add_flag("--insecure", options->insecure,
                    "serve beyond this machine without TLS or credentials");
  command->add_flag("--verbose", options->verbose, "log more");
  command->footer(
      "Examples:\n"
      "  sosie run\n"
      "  sosie run scenarios/traffeyere/traffeyere.toml --speed 60 --port 9000");
  command->callback([&program, options] {
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
