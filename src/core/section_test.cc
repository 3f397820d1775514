#include "core/section.h"

#include <cstdlib>

#include <doctest/doctest.h>

#include "core/catalog.h"

namespace sosie {
namespace {

/// What the first failing call says; "" if all went well.
std::string said(std::string_view toml) {
  const auto read = [&]() -> Result<void> {
    auto file = TRY(Section::read_text(toml, "x.toml"));
    TRY(file.text("name"));
    TRY(file.number("level", 1.5));
    TRY(file.integer("count", 3));
    TRY(file.flag("on", true));
    TRY(file.duration("period", std::chrono::seconds(5)));
    TRY(file.texts("tags"));
    auto inner = TRY(file.table("inner"));
    TRY(inner.number("threshold", 0));
    TRY(inner.finish());
    auto many = TRY(file.tables("many"));
    for (auto& one : many) {
      TRY(one.text("kind"));
      TRY(one.finish());
    }
    return file.finish();
  }();
  return read ? "" : read.error().what;
}

TEST_CASE("section: a table as it stands, with its places; secrets that may be lacking") {
  auto section = Section::read_text("password_env = 'SOSIE_NOT_SET'\nt = {b = 1, a = [true]}", "t");
  REQUIRE(section);
  const Node* node = (*section).raw("t");
  REQUIRE(node != nullptr);
  const auto& table = std::get<Node::Table>(node->value);
  CHECK(std::get<std::int64_t>(table.at("b").value) == 1);
  CHECK(table.at("b").column < table.at("a").column);
  CHECK((*section).raw("none") == nullptr);
  CHECK_FALSE((*section).secret("password"));
  (*section).excuse_secrets();
  CHECK(*(*section).secret("password") == Section::no_secret);
  CHECK((*section).finish());
}

TEST_CASE("a section: every mistake says file, line, what was read and what was expected") {
  struct Case {
    std::string_view toml;
    std::string_view expected;
  };
  const Case cases[] = {
      {"name = 'a'", ""},
      {"name = 'a'\nlevel = 2\ncount = 4\non = false\nperiod = '1m'\ntags = ['x']", ""},
      {"level = 1", "x.toml:1: 'name' is missing in the file"},
      {"name = 3", "x.toml:1: 'name' is 3; expected a text in quotes"},
      {"name = 'a'\nlevel = 'high'", "x.toml:2: 'level' is \"high\"; expected a number"},
      {"name = 'a'\nlevel = nan", "x.toml:2: 'level' is nan; expected a finite number"},
      {"name = 'a'\ncount = 1.5", "x.toml:2: 'count' is 1.5; expected a whole number"},
      {"name = 'a'\non = 1", "x.toml:2: 'on' is 1; expected true or false"},
      {"name = 'a'\nperiod = 'soon'",
       "x.toml:2: 'period' is \"soon\"; expected a duration, as \"5s\", \"10m\", \"24h\" or "
       "\"7d\""},
      {"name = 'a'\ntags = [1]", "x.toml:2: 'tags' is 1; expected a text in quotes"},
      {"name = 'a'\nperoid = '1m'",
       "x.toml:2: 'peroid' is not a key of a scenario; did you mean 'period'?"},
      {"name = 'a'\n[inner]\ntreshold = 1",
       "x.toml:3: 'treshold' is not a key of [inner]; did you mean 'threshold'?"},
      {"name = 'a'\ninner = 3", "x.toml:2: 'inner' is 3; expected a table [inner]"},
      {"name = 'a'\n[[many]]\nkind = 'x'\n[[many]]", "x.toml:4: 'kind' is missing in [[many]]"},
      {"nmae = 'a'", "x.toml:1: 'nmae' is not a key of a scenario; did you mean 'name'?"},
      {"level = 1\nnames = 'a'",
       "x.toml:2: 'names' is not a key of a scenario; did you mean 'name'?"},
      {"mane = 'a'", "x.toml:1: 'name' is missing in the file"},
      {"[[many]]\nkidn = 'x'", "x.toml:1: 'name' is missing in the file"},
      {"name = 'a'\n[[many]]\nkidn = 'x'",
       "x.toml:3: 'kidn' is not a key of [[many]]; did you mean 'kind'?"},
      {"name = ", "x.toml:1: not TOML: "},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto what = said(c.toml);
    CHECK(what.substr(0, std::max<std::size_t>(c.expected.size(), 1)) == c.expected);
  }
}

TEST_CASE("a section: a mistake in parts, for programs") {
  auto file = Section::read_text("port = 80900\nkind = \"stcuk\"\n[inner]\ntreshold = 1", "x.toml");
  REQUIRE(file);
  const auto parts = [](const Error& error) { return error.misread ? *error.misread : Misread{}; };
  CHECK(parts(file->wrong("port", "expected 0 to 65535")) ==
        Misread{"x.toml", 1, "port", "80900", "0 to 65535", ""});
  const std::string_view kinds[] = {"stuck", "limits"};
  CHECK(parts(file->wrong_choice("kind", "stcuk", kinds)) ==
        Misread{"x.toml", 2, "kind", "stcuk", "one of: stuck, limits", "stuck"});
  CHECK(parts(file->wrong_name("kind", "stcuk", "a detector", kinds)) ==
        Misread{"x.toml", 2, "kind", "stcuk", "a detector", "stuck"});
  CHECK(parts(file->number("kind").error()) ==
        Misread{"x.toml", 2, "kind", "stcuk", "a number", ""});
  CHECK(parts(file->text("name").error()) ==
        Misread{"x.toml", 1, "name", "", "'name' in the file", ""});
  auto inner = file->table("inner");
  REQUIRE(inner);
  CHECK(inner->number("threshold", 0));
  CHECK(parts(inner->finish().error()) ==
        Misread{"x.toml", 4, "treshold", "treshold", "one of: threshold", "threshold"});
  CHECK(parts(Section::read_text("name = ", "x.toml").error()).line == 1);
  CHECK(parts(Section::read_file("/none.toml").error()).file == "/none.toml");
}

TEST_CASE("a section: what a maker finds wrong is shown as it was read") {
  const auto file = Section::read_text("port = 80900\nfirst = 1", "x.toml");
  REQUIRE(file);
  CHECK(file->wrong("port", "expected 0 to 65535").what ==
        "x.toml:1: 'port' is 80900; expected 0 to 65535");
  CHECK(file->wrong("first", "is 1, expected 2").what == "x.toml:2: 'first' is 1, expected 2");
}

TEST_CASE("a secret comes from the environment, and a missing one is an error") {
  setenv("SOSIE_TEST_SECRET", "hush", 1);
  auto file = Section::read_text("password_env = 'SOSIE_TEST_SECRET'\nother_env = 'SOSIE_NOT_SET'");
  REQUIRE(file);
  CHECK(*file->secret("password") == "hush");
  CHECK(*file->secret("nothing") == "");
  CHECK(file->secret("other").error().what ==
        "scenario:2: 'other_env' names the environment variable SOSIE_NOT_SET, which is not set");
}

TEST_CASE("paths are relative to the scenario's folder") {
  auto file = Section::read_text("data = 'a.csv'\nroot = '/b.csv'", "scenarios/x/x.toml");
  REQUIRE(file);
  CHECK(*file->path("data") == "scenarios/x/a.csv");
  CHECK(*file->path("root") == "/b.csv");
}

struct Thing {
  double size = 0;
};

TEST_CASE("a catalog makes what a section names, and says what it knows when it cannot") {
  Catalog catalog;
  catalog.add<Thing>("ball", [](Section& section) -> Result<std::unique_ptr<Thing>> {
    auto thing = std::make_unique<Thing>();
    thing->size = TRY(section.number("size"));
    return thing;
  });
  const auto make = [&](std::string_view toml) {
    auto section = Section::read_text(toml, "x.toml").value();
    return catalog.make<Thing>(section);
  };
  CHECK((*make("kind = 'ball'\nsize = 2"))->size == 2);
  CHECK(make("kind = 'bal'\nsize = 2").error().what ==
        "x.toml:1: 'kind' is \"bal\"; expected one of: ball (did you mean ball?)");
  CHECK(make("kind = 'ball'\nsize = 2\ncolour = 1").error().what.find("'colour' is not a key") !=
        std::string::npos);
}

}  // namespace
}  // namespace sosie
