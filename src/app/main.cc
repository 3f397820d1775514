#include <algorithm>
#include <cstdio>
#include <thread>

#include <malloc.h>

#include "app/commands.h"
#include "app/plugins.h"

namespace sosie::app {

int fail(const Error& error) {
  std::fprintf(stderr, "sosie: %s\n", error.what.c_str());
  const bool callers_fault = error.code == Errc::invalid || error.code == Errc::not_found;
  return callers_fault ? Exit::wrong : Exit::failed;
}

}  // namespace sosie::app

namespace {

/// glibc gives each of many threads a heap of its own, eight times as many as there are cores, and
/// what one has freed the others do not get: a fourth of the memory with 100,000 devices.
void share_heaps() {
  mallopt(M_ARENA_MAX, static_cast<int>(std::max(2U, std::thread::hardware_concurrency())));
}

}  // namespace

int main(int argc, char** argv) {
  namespace app = sosie::app;
  share_heaps();
  app::Program program;
  sosie::register_plugins(program.catalog);
  program.cli.name(argv[0]);
  program.cli.description("Sosie: a living double of a plant, a fleet, a building or a city.");
  program.cli.set_version_flag("--version", std::string("sosie ") + SOSIE_VERSION);
  program.cli.require_subcommand(1);
  constexpr const char* exit_codes =
      "Exit codes: 0 done, 1 could not be done, 2 the call or the scenario is wrong.";
  program.cli.footer(std::string(exit_codes) +
                     "\nsosie COMMAND --help shows a command's options and examples.");
  app::add_run(program);
  app::add_broker(program);
  app::add_alerts(program);
  app::add_simulate(program);
  app::add_replay(program);
  app::add_train(program);
  app::add_models(program);
  app::add_evaluate(program);
  app::add_query(program);
  app::add_try(program);
  app::add_whatif(program);
  app::add_compliance(program);
  app::add_export(program);
  app::add_fetch(program);
  app::add_backup(program);
  app::add_restore(program);
  app::add_check(program);
  app::add_bench(program);
  app::add_bsm1(program);
  for (auto* command : program.cli.get_subcommands([](const CLI::App*) { return true; })) {
    const auto footer = command->get_footer();
    if (footer.find("Exit codes") == std::string::npos) command->footer(footer + "\n" + exit_codes);
  }
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments.front() == "broker") {
    arguments = app::with_two_dashes(std::move(arguments));
  }
  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    program.cli.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {  // CLI11 throws: caught here, at its only user
    return program.cli.exit(error) == 0 ? app::Exit::done : app::Exit::wrong;
  }
  return program.run();
}
