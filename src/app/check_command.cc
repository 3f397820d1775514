#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "core/section.h"
#include "engine/engine.h"
#include "web/site.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

Result<void> check(const std::string& file, const Catalog& catalog) {
  auto scenario = TRY(Section::read_file(file));
  TRY(Engine::check(scenario, catalog));
  TRY(web::Site::create(scenario, catalog, {}));
  return scenario.finish();
}

int check_all(const std::vector<std::string>& files, const Catalog& catalog, bool as_json) {
  int code = Exit::done;
  json::Writer out;
  out.begin_array();
  for (const auto& file : files) {
    const auto checked = check(file, catalog);
    if (!checked) code = Exit::wrong;
    out.begin_object();
    out.member("file", file);
    out.member("ok", static_cast<bool>(checked));
    if (!checked) out.member("error", checked.error().what);
    out.end_object();
    if (as_json) continue;
    std::printf("%s\n", checked ? (file + ": good").c_str() : checked.error().what.c_str());
  }
  out.end_array();
  if (as_json) std::printf("%s\n", out.text().c_str());
  return code;
}

}  // namespace

void add_check(Program& program) {
  struct Options {
    std::vector<std::string> files;
    bool json = false;
  };
  auto options = std::make_shared<Options>();  // shared: CLI11's callback outlives this function
  auto* command =
      program.cli.add_subcommand("check", "Says whether a scenario is right, and where not");
  command->add_option("FILE", options->files, "scenario files")->required();
  command->add_flag("--json", options->json, "the answer as JSON");
  command->footer("Example:\n  sosie check scenarios/traffeyere/traffeyere.toml");
  command->callback([&program, options] {
    program.run = [&program, options] {
      return check_all(options->files, program.catalog, options->json);
    };
  });
}

}  // namespace sosie::app
