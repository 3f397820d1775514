#include "wire/json/value.h"

#include <string>

#include <doctest/doctest.h>

namespace sosie::json {
namespace {

/// What stands at `path` in `text`, as a person would write it.
std::string at(std::string_view text, std::string_view path) {
  auto parsed = parse(text);
  if (!parsed) return parsed.error().what;
  const Value* found = parsed->find(path);
  if (found == nullptr) return "nothing";
  if (const auto number = found->number()) return fmt::format("{}", *number);
  if (const auto* words = found->text()) return fmt::format("'{}'", *words);
  if (const auto* flag = found->flag()) return *flag ? "true" : "false";
  return std::string(found->kind());
}

TEST_CASE("a value is found by its path") {
  struct Case {
    std::string_view text;
    std::string_view path;
    std::string_view expected;
  };
  const Case cases[] = {
      {R"({"a": {"b": {"c": 2.5}}})", "a.b.c", "2.5"},
      {R"({"a": {"b": {"c": 2.5}}})", "a.b", "an object"},
      {R"({"a": {"b": {"c": 2.5}}})", "a.b.d", "nothing"},
      {R"({"a.b": 1, "a": {"b": 2}})", "a.b", "1"},
      {R"({"list": [{"x": 1}, {"x": 7}]})", "list.1.x", "7"},
      {R"({"list": [1]})", "list.1", "nothing"},
      {R"({"list": [1]})", "list.-1", "nothing"},
      {R"({"a": null})", "a", "null"},
      {R"({"a": true})", "a", "true"},
      {R"({"a": "é\n"})", "a", "'é\n'"},
      {"21.5", "", "21.5"},
      {"  -3 ", "", "-3"},
      {"18446744073709551615", "", "1.8446744073709552e+19"},
      {"123456789012345678901234567890", "", "1.2345678901234568e+29"},
      {R"({"a": 1, "a": 2})", "a", "'a' is given twice in one object"},
      {"", "", "not JSON: Empty: no JSON found"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CAPTURE(c.path);
    CHECK(at(c.text, c.path) == c.expected);
  }
}

TEST_CASE("what is not JSON is an error, however deep or long") {
  for (const std::string_view text :
       {"{", "{\"a\":}", "nan", "inf", "[1,]", "{'a': 1}", "1 2", "tru", "[1] 2", "1e999",
        "[1e999]", "1.2.3", "[nul]", "{}}"}) {
    CAPTURE(text);
    CHECK_FALSE(parse(text));
  }
  CHECK(parse(std::string(100'000, '[')).error().what == "JSON deeper than 64 levels");
  CHECK(parse(std::string(60, '[') + std::string(60, ']')));
  CHECK(parse(std::string(2'000'000, ' ')).error().what ==
        "2000000 bytes; expected at most 1048576");
}

TEST_CASE("a parser may be used again after an error, and for a longer text") {
  Parser parser;
  CHECK(parser.parse("[1]"));
  CHECK_FALSE(parser.parse("[1"));
  const std::string longer = "[" + std::string(5000, ' ') + "1]";
  CHECK(parser.parse(longer)->find("0")->number() == 1);
}

}  // namespace
}  // namespace sosie::json
