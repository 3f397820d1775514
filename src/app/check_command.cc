#include <cstdio>
#include <memory>
#include <optional>

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

/// Where a problem is, and what it is; what is not known is null.
void write_problem(json::Writer& out, const std::string& file, const Error& error) {
  const Misread place = error.misread ? *error.misread : Misread{};
  const auto member = [&](std::string_view name, const std::string& value) {
    out.member(name, value.empty() ? std::nullopt : std::optional(value));
  };
  out.begin_object();
  member("file", place.file.empty() ? file : place.file);
  out.member("line", place.line > 0 ? std::optional(place.line) : std::nullopt);
  member("key", place.key);
  member("read", place.read);
  member("expected", place.expected);
  member("nearest", place.nearest);
  out.member("text", error.what);
  out.end_object();
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
    out.key("problems");
    out.begin_array();
    if (!checked) write_problem(out, file, checked.error());
    out.end_array();
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
  struct CheckOptions {
    std::vector<std::string> files;
    bool json = false;
  };
  const auto options =
      std::make_shared<CheckOptions>();  // shared: CLI11's callback outlives this function
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
