#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "core/catalog.h"

namespace sosie::app {

/// Exit codes, the same for every command.
enum Exit : int {  // NOLINT(performance-enum-size): what main returns
  done = 0,
  failed = 1,  ///< it was asked rightly, and could not be done
  wrong = 2,   ///< the call or the scenario is wrong
};

/// What a command is built from. `run` is set by the one that was called.
struct Program {
  CLI::App cli;
  Catalog catalog;
  std::function<int()> run;
};

void add_run(Program& program);
void add_broker(Program& program);
void add_alerts(Program& program);
void add_simulate(Program& program);
void add_replay(Program& program);
void add_train(Program& program);
void add_models(Program& program);
void add_evaluate(Program& program);
void add_query(Program& program);
void add_try(Program& program);
void add_whatif(Program& program);
void add_compliance(Program& program);
void add_export(Program& program);
void add_fetch(Program& program);
void add_backup(Program& program);
void add_restore(Program& program);
void add_check(Program& program);
void add_bench(Program& program);
void add_bsm1(Program& program);

/// The broker takes Orion's spelling of options as well, which has one dash ("-multiservice").
std::vector<std::string> with_two_dashes(std::vector<std::string> arguments);

/// Tells `error` on the error stream; the exit code that fits it.
int fail(const Error& error);

inline constexpr const char* default_scenario = "scenarios/traffeyere/traffeyere.toml";

}  // namespace sosie::app
