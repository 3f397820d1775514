#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "app/commands.h"
#include "base/text.h"
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

/// Where a problem is, and what it is. Empty, and line 0: not said.
struct Problem {
  std::string_view file;
  int line = 0;
  std::string_view key;
  std::string_view read;
  std::string_view expected;
  std::string_view nearest;
};

/// What stands between `begin` and `end` in `text`; empty if they do not.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + begin.size());
  const auto to = text.find(end);
  return to == std::string_view::npos ? std::string_view() : text.substr(0, to);
}

/// Takes "FILE:LINE: " off `text`.
void take_place(std::string_view& text, Problem& problem) {
  for (auto at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
    const auto end = text.find(": ", at + 1);
    if (end == std::string_view::npos) return;
    const auto line = to_integer(text.substr(at + 1, end - at - 1));
    if (!line) continue;
    problem.file = text.substr(0, at);
    problem.line = static_cast<int>(*line);
    text.remove_prefix(end + 2);
    return;
  }
}

/// Section (and the list of sensors) say every mistake in the same words, which are taken apart
/// here: FILE:LINE: 'KEY' is READ; expected EXPECTED (did you mean NEAREST?)
Problem in_parts(std::string_view text) {
  Problem problem;
  take_place(text, problem);
  if (!text.starts_with('\'')) return problem;
  problem.key = between(text, "'", "'");
  const auto rest = text.substr(problem.key.size() + 2);
  constexpr std::string_view word = "expected ";
  const auto expected = rest.find(word);
  const auto at = expected != std::string_view::npos ? expected : rest.find("must ");
  if (at != std::string_view::npos) {
    const auto tail = rest.substr(at == expected ? at + word.size() : at);
    problem.expected = tail.substr(0, tail.find(" (did you mean "));
    problem.nearest = between(tail, "(did you mean ", "?)");
    constexpr std::size_t around = 6;  // " is " before what was read, "; " behind it
    if (rest.starts_with(" is ") && at > around) problem.read = rest.substr(4, at - around);
    if (problem.read.starts_with('"')) problem.read = between(problem.read, "\"", "\"");
  } else if (rest.starts_with(": '")) {
    problem.read = between(rest, ": '", "' where ");
    problem.expected = between(rest, "' where ", " was expected");
    problem.nearest = between(problem.expected, "('", "'?)");
  } else if (rest.starts_with(" is not a key of ")) {
    problem.read = problem.key;
    const auto what = rest.substr(std::string_view(" is not ").size());
    problem.expected = what.substr(0, what.find("; did you mean "));
    problem.nearest = between(what, "did you mean '", "'?");
  } else if (rest.starts_with(" is missing in ")) {
    problem.expected = problem.key;
  }
  return problem;
}

void write_problem(json::Writer& out, const std::string& file, const std::string& text) {
  const auto problem = in_parts(text);
  const auto member = [&](std::string_view name, std::string_view value) {
    out.member(name, value.empty() ? std::nullopt : std::optional(value));
  };
  out.begin_object();
  member("file", problem.line > 0 ? problem.file : file);
  out.member("line", problem.line > 0 ? std::optional(problem.line) : std::nullopt);
  member("key", problem.key);
  member("read", problem.read);
  member("expected", problem.expected);
  member("nearest", problem.nearest);
  out.member("text", text);
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
    if (!checked) write_problem(out, file, checked.error().what);
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
