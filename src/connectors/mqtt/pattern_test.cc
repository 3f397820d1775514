#include "connectors/mqtt/pattern.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie::mqtt {
namespace {

std::string told(std::string_view pattern, std::string_view topic) {
  const auto made = TopicPattern::create(pattern);
  if (!made) return made.error().what;
  const auto named = (*made).match(topic);
  if (!named) return "no";
  std::string all = "yes";
  for (const auto& [name, text] : *named) all += fmt::format(" {}={}", name, text);
  return all;
}

TEST_CASE("mqtt pattern: what fits") {
  struct Case {
    const char* pattern;
    const char* topic;
    const char* expected;
  };
  const Case cases[] = {
      {"a/b", "a/b", "yes"},
      {"a/b", "a/c", "no"},
      {"a/b", "a", "no"},
      {"a/b", "a/b/c", "no"},
      {"toulouse/{zone}/{entity}/{attribute}", "toulouse/centre/AQ-1/no2",
       "yes zone=centre entity=AQ-1 attribute=no2"},
      {"{entity}", "x", "yes entity=x"},
      {"{entity}", "", "no"},
      {"a/{entity}/b", "a//b", "no"},
      {"a/+/{x}", "a/anything/1", "yes x=1"},
      {"a/+/{x}", "a//1", "yes x=1"},
      {"a/{x}/#", "a/1", "yes x=1"},
      {"a/{x}/#", "a/1/2/3", "yes x=1"},
      {"a/{x}/#", "a", "no"},
      {"dev-{id}.temp/v", "dev-7.temp/v", "yes id=7"},
      {"dev-{id}.temp/v", "dev-.temp/v", "no"},
      {"dev-{id}.temp/v", "gev-7.temp/v", "no"},
      {"ab{x}ba", "aba", "no"},
      {"/{x}", "/1", "yes x=1"},
      {"", "a", "is empty, expected a topic"},
      {"#/a", "a", "# is not the last level"},
      {"a+/b", "a", "'a+': + and # stand alone in their level"},
      {"{a", "a", "'{a': expected one name in braces, as {entity}, in a level"},
      {"{}", "a", "'{}': expected one name in braces, as {entity}, in a level"},
      {"}a{", "a", "'}a{': expected one name in braces, as {entity}, in a level"},
      {"{a}{b}", "a", "'{a}{b}': expected one name in braces, as {entity}, in a level"},
      {"{a b}", "a", "'{a b}': expected one name in braces, as {entity}, in a level"},
      {"{a}/{a}", "a", "{a} stands twice"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.pattern));
    CAPTURE(std::string(c.topic));
    CHECK(told(c.pattern, c.topic) == c.expected);
  }
}

TEST_CASE("mqtt pattern: the filter to subscribe to") {
  const auto filter = [](std::string_view pattern) {
    return (*TopicPattern::create(pattern)).filter();
  };
  CHECK(filter("a/{x}/dev-{y}/+/b") == "a/+/+/+/b");
  CHECK(filter("a/{x}/#") == "a/+/#");
  CHECK(filter("/a") == "/a");
}

TEST_CASE("mqtt pattern: templates") {
  const auto made = TopicPattern::create("{zone}/{id}/x");
  REQUIRE(made);
  const auto named = (*made).match("centre/7/x");
  REQUIRE(named);
  const auto fill = [&](std::string_view text) {
    const auto filled = Template::create(text, *made);
    return filled ? (*filled).fill(*named) : filled.error().what;
  };
  CHECK(fill("{zone}-{id}") == "centre-7");
  CHECK(fill("AQ {id}!") == "AQ 7!");
  CHECK(fill("plain") == "plain");
  CHECK(fill("") == "");
  CHECK(fill("{entity}") == "uses '{entity}', which is not in the pattern '{zone}/{id}/x'");
  CHECK(fill("{id") == "uses '{id}', which is not in the pattern '{zone}/{id}/x'");
}

}  // namespace
}  // namespace sosie::mqtt
