#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/stored.h"
#include "base/clock.h"
#include "store/restore.h"

namespace sosie::app {
namespace {

struct BackupOptions {
  Place place{default_scenario};
  std::string file;
};

/// The options that both commands have; shared, since CLI11's callback outlives the function.
std::shared_ptr<BackupOptions> add_options(CLI::App& command) {
  const auto options = std::make_shared<BackupOptions>();
  command.add_option("--scenario", options->place.scenario, "whose data")->capture_default_str();
  command.add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  return options;
}

int backup(const BackupOptions& options) {
  auto stored = Stored::open(options.place);
  if (!stored) return fail(stored.error());
  const auto copied = stored->store->backup(options.file);
  return copied ? static_cast<int>(Exit::done) : fail(copied.error());
}

int restore(const BackupOptions& options) {
  const auto path = store_path(options.place);
  if (!path) return fail(path.error());
  const auto aside = restore_store(options.file, *path, SystemClock().now());
  if (!aside) return fail(aside.error());
  std::printf("%s is restored from %s\n", path->c_str(), options.file.c_str());
  if (!aside->empty()) std::printf("what it was is kept in %s\n", aside->c_str());
  return Exit::done;
}

}  // namespace

void add_backup(Program& program) {
  auto* command =
      program.cli.add_subcommand("backup", "Copies the stored data, also while Sosie runs");
  const auto options = add_options(*command);
  command->add_option("TARGET", options->file, "the copy; must not exist")->required();
  command->footer("Example:\n  sosie backup traffeyere-$(date +%F).db");
  command->callback([&program, options] { program.run = [options] { return backup(*options); }; });
}

void add_restore(Program& program) {
  auto* command = program.cli.add_subcommand(
      "restore", "Goes back to a backup; what there was is kept beside it");
  const auto options = add_options(*command);
  command->add_option("BACKUP", options->file, "what `sosie backup` wrote")->required();
  command->footer(
      "Sosie must not run meanwhile: `restore` refuses while the store is in use.\n"
      "Example:\n  sosie restore traffeyere-2026-11-20.db");
  command->callback([&program, options] { program.run = [options] { return restore(*options); }; });
}

}  // namespace sosie::app
