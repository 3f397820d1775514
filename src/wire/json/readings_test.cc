#include "wire/json/readings.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"

namespace sosie::json {
namespace {

/// Writes down what it is told, one text an item.
class Notebook final : public ReadingVisitor {
 public:
  void reading(std::size_t index, const ReadingItem& item) override {
    lines.push_back(fmt::format("{}: {}.{}={} @{} {}", index, item.entity, item.attribute,
                                item.value, item.time ? to_iso8601(*item.time) : "-",
                                item.quality));
  }
  void refused(std::size_t index, std::string_view reason, std::string_view sample) override {
    lines.push_back(fmt::format("{}! {}", index, reason));
    CHECK(sample.size() <= 200);
  }
  std::vector<std::string> lines;
};

std::vector<std::string> decoded(std::string_view body) {
  Notebook notebook;
  ReadingDecoder().decode(body, notebook);
  return notebook.lines;
}

using Lines = std::vector<std::string>;

TEST_CASE("every shape of a body") {
  struct Case {
    std::string_view name;
    std::string_view body;
    Lines expected;
  };
  const Case cases[] = {
      {"one object, all its keys",
       R"({"entity": "A", "attribute": "x", "value": 2.04, "time": "2026-11-20T10:00:00Z", "quality": "uncertain"})",
       {"0: A.x=2.04 @2026-11-20T10:00:00Z uncertain"}},
      {"no attribute, no time", R"({"entity": "A", "value": 1})", {"0: A.=1 @- good"}},
      {"time in milliseconds",
       R"({"time": 1795180800000, "entity": "A", "value": 1})",
       {"0: A.=1 @2026-11-20T13:20:00Z good"}},
      {"a list",
       R"([{"entity": "A", "value": 1}, {"entity": "B", "value": -2e3}])",
       {"0: A.=1 @- good", "1: B.=-2000 @- good"}},
      {"an empty list", "[]", {}},
      {"wrapped",
       R"({"site": {"x": [1]}, "readings": [{"entity": "A", "value": 1}], "n": 1})",
       {"0: A.=1 @- good"}},
      {"wrapped, over many lines",
       "{\"readings\":\n[\n{\"entity\": \"A\", \"value\": 1},\n{\"entity\": \"B\", \"value\": 2}]}",
       {"0: A.=1 @- good", "1: B.=2 @- good"}},
      {"a name that is a key of ours",
       R"({"entity": "readings", "value": 1})",
       {"0: readings.=1 @- good"}},
      {"JSON lines",
       "{\"entity\": \"A\", \"value\": 1}\n\n{\"entity\": \"B\", \"value\": 2}\r\n",
       {"0: A.=1 @- good", "1: B.=2 @- good"}},
      {"one object over many lines", "{\n\"entity\": \"A\",\n\"value\": 1\n}", {"0: A.=1 @- good"}},
      {"a byte order mark", "\xEF\xBB\xBF{\"entity\": \"A\", \"value\": 1}", {"0: A.=1 @- good"}},
      {"escapes", R"({"entity": "\u00e9\"", "value": 1})", {"0: é\".=1 @- good"}},
      {"an integer too big for 64 bits",
       R"({"entity": "A", "value": 123456789012345678901234567890})",
       {"0: A.=1.2345678901234568e+29 @- good"}},
      {"keys we do not know",
       R"({"entity": "A", "value": 1, "unit": "m", "x": {"y": [null, "z"]}})",
       {"0: A.=1 @- good"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(decoded(c.body) == c.expected);
  }
}

TEST_CASE("what is wrong with an item is said, and the next one is read") {
  struct Case {
    std::string_view item;
    std::string_view reason;
  };
  const Case cases[] = {
      {R"({"entity": "A", "value": "2.0"})", "'value' is a text; expected a number"},
      {R"({"entity": "A", "value": null})", "'value' is null; expected a number"},
      {R"({"entity": "A", "value": true})", "'value' is a truth value; expected a number"},
      {R"({"entity": "A", "value": [1, [2]]})", "'value' is a list; expected a number"},
      {R"({"entity": "A", "value": {"a": 1}})", "'value' is an object; expected a number"},
      {R"({"entity": "A", "value": 1e999})", "'value' is 1e999; expected a finite number"},
      {R"({"entity": "A", "value": 1.2.3})", "'value' is 1.2.3; expected a finite number"},
      {R"({"entity": "A"})", "'value' is missing"},
      {R"({"value": 1})", "'entity' is missing"},
      {R"({"entity": "", "value": 1})", "'entity' is empty"},
      {R"({"entity": 7, "value": 1})", "'entity' is a number; expected a text"},
      {R"({"entity": "A", "attribute": null, "value": 1})", "'attribute' is null; expected a text"},
      {R"({"entity": "A", "value": 1, "value": 2})", "'value' is given twice"},
      {R"({"entity": "A", "value": 1, "entity": "B"})", "'entity' is given twice"},
      {R"({"entity": "A", "value": 1, "time": "yesterday"})",
       "'time' is 'yesterday'; expected ISO 8601 or milliseconds since the epoch"},
      {R"({"entity": "A", "value": 1, "time": false})",
       "'time' is a truth value; expected ISO 8601 or milliseconds since the epoch"},
      {R"({"entity": "A", "value": 1, "time": 1e300})",
       "'time' is 1e300; expected milliseconds since the epoch"},
      {R"({"entity": "A", "value": 1, "quality": "fine"})",
       "'quality' is 'fine'; expected good, uncertain or bad"},
      {R"({"entity": "A", "value": 1, "quality": 2})",
       "'quality' is a number; expected good, uncertain or bad"},
      {"7", "a number; expected an object like {\"entity\": …, \"value\": …}"},
      {"[1, 2]", "a list; expected an object like {\"entity\": …, \"value\": …}"},
      {"null", "null; expected an object like {\"entity\": …, \"value\": …}"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.item);
    const auto lines = decoded(fmt::format(
        R"([{{"entity": "P", "value": 5}}, {}, {{"entity": "Q", "value": 6}}])", c.item));
    CHECK(lines == Lines{"0: P.=5 @- good", fmt::format("1! {}", c.reason), "2: Q.=6 @- good"});
  }
}

TEST_CASE("a text that is broken is refused from there on") {
  for (const std::string_view body : {
           R"([{"entity": "A", "value": 1}, {"entity": "B", "val)",
           R"([{"entity": "A", "value": 1}, {"entity": "B" "value": 2}])",
           R"([{"entity": "A", "value": 1}, {"entity": "B", "value": NaN}])",
           R"([{"entity": "A", "value": 1},)",
           R"([{"entity": "A", "value": 1} {"entity": "B", "value": 1}])",
           R"({"entity": "A", "value": 1} trailing)",
           R"({"entity"z "A", "readings"})",
       }) {
    CAPTURE(body);
    const auto lines = decoded(body);
    CHECK(std::ranges::count_if(lines, [](auto& l) { return l.find('!') != std::string::npos; }) ==
          1);
  }
  for (const std::string_view body :
       {"", "   ", "hello", "7", "\"text\"", "{", "[", "{}", "nan", "\xFF\xFE",
        "{\"entity\": \"\xFF\", \"value\": 1}", "[}", "{]", "null"}) {
    CAPTURE(body);
    const auto lines = decoded(body);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("0! "));
  }
}

TEST_CASE("in JSON lines a broken line costs only itself") {
  CHECK(decoded("{\"entity\": \"A\", \"value\": 1}\n{\"entity\": \"B\", \"va\n{\"entity\": \"C\", "
                "\"value\": 3}")
            .size() == 3);
  const auto lines = decoded(
      "{\"entity\": \"A\", \"va\n{\"entity\": \"B\", \"value\": 2}\n[{\"entity\": \"C\", "
      "\"value\": 3}]");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("0! "));
  CHECK(lines[1] == "1: B.=2 @- good");
  CHECK(lines[2] == "2: C.=3 @- good");
}

TEST_CASE("nothing is too long or too deep") {
  const std::string long_name(10'000'000, 'x');
  CHECK(decoded(fmt::format(R"({{"entity": "{}", "value": 1}})", long_name)) ==
        Lines{"0! 'entity' is 10000000 bytes long; expected at most 256"});
  CHECK(decoded(fmt::format("{{\"entity\": \"A\", \"value\": 1}}\n{{\"entity\": "
                            "\"{}\"}}\n{{\"entity\": \"B\", \"value\": 2}}",
                            long_name)) ==
        Lines{"0: A.=1 @- good", "1! a line of 10000014 bytes; expected at most 1048576",
              "2: B.=2 @- good"});
  CHECK(decoded(std::string(20'000'000, ' ') + "{}") == Lines{"0! 'entity' is missing"});
  CHECK(decoded(std::string(17'000'000, 'x')) ==
        Lines{"0! 17000000 bytes; expected at most 16777216"});
  for (const std::string& deep :
       {std::string(1'000'000, '['), std::string(500, '[') + std::string(500, ']'),
        R"({"entity": "A", "value": 1, "x": )" + std::string(200, '[') + std::string(200, ']') +
            "}"}) {
    const auto lines = decoded(deep);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("0! "));
  }
}

TEST_CASE("a decoder goes on after anything") {
  ReadingDecoder decoder;
  for (const std::string_view body : {"[{\"entity\": \"A\"", "\xFF", "", "[[[[[["}) {
    Notebook ignored;
    decoder.decode(body, ignored);
    Notebook notebook;
    decoder.decode(R"({"entity": "A", "value": 1})", notebook);
    CHECK(notebook.lines == Lines{"0: A.=1 @- good"});
  }
}

}  // namespace
}  // namespace sosie::json
