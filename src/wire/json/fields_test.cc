#include "wire/json/fields.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie::json {
namespace {

const std::vector<std::string> paths{"device", "data.engine.temperature", "data.load.1", "ok"};

/// "device=a text truck-1 …", or the reason.
std::string read(std::string_view text) {
  auto reader = FieldReader::create(paths);
  REQUIRE(reader);
  const auto fields = (*reader).read(text);
  if (!fields) return fields.error().what;
  std::string shown;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const Field& field = (*fields)[i];
    shown += fmt::format("{}{}: {}", i > 0 ? ", " : "", paths[i], to_text(field.kind));
    if (field.kind == Field::Kind::number) shown += fmt::format(" {}", field.number);
    if (field.kind == Field::Kind::flag) shown += fmt::format(" {}", field.number);
    if (!field.text.empty()) shown += fmt::format(" <{}>", field.text);
  }
  return shown;
}

TEST_CASE("fields: what stands at the paths of an object") {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  const Case cases[] = {
      {R"({"device":"truck-1","data":{"engine":{"temperature":81.5},"load":[1,2]},"ok":true})",
       "device: a text <truck-1>, data.engine.temperature: a number 81.5 <81.5>, "
       "data.load.1: a number 2 <2>, ok: a truth value 1"},
      {R"( { "other" : [ {"data":1} , null ] , "device" : 17 } )",
       "device: a number 17 <17>, data.engine.temperature: nothing, data.load.1: nothing, "
       "ok: nothing"},
      {R"({"device":null,"data":{"engine":[],"load":[0,{"x":1}]},"ok":"\u00e9\n"})",
       "device: null, data.engine.temperature: nothing, data.load.1: an object, "
       "ok: a text <\u00e9\n>"},
      {R"({"data":{"engine":{"temperature":1e400}}})",
       "'temperature' is 1e400; expected a finite number"},
      {R"({"device":"a","device":"b"})", "'device' is given twice"},
      {R"({"d\u0065vice":"escaped key"})",
       "device: a text <escaped key>, data.engine.temperature: nothing, data.load.1: nothing, "
       "ok: nothing"},
      {"", "it is empty; expected a JSON object"},
      {"17", "it is a number; expected an object"},
      {"[]", "it is a list; expected an object"},
      {R"({"device":"a"} {"device":"b"})", "text goes on after the end of its JSON"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    CHECK(read(one.text) == one.expected);
  }
}

TEST_CASE("fields: what is not JSON is refused, also where nobody looks") {
  for (const std::string_view text :
       {R"({"device":"a")", R"({"other":tru})", R"({"other":{"x":01}})", R"({"device":nul})",
        "{\"device\":\"\xff\"}", R"({"a":1,})", "hello",
        R"({"data":{"engine":{"temperature":NaN}}})", R"({"other":"\q"})"}) {
    CAPTURE(text);
    CHECK(read(text).starts_with("it is not JSON: "));
  }
}

TEST_CASE("fields: limits") {
  const std::string deep = R"({"x":)" + std::string(100, '[') + std::string(100, ']') + "}";
  CHECK(read(deep) == "it is deeper than 32 levels");
  const std::string long_text = R"({"x":")" + std::string(FieldReader::max_text, 'x') + "\"}";
  CHECK(read(long_text).find("bytes; expected at most") != std::string::npos);
  CHECK_FALSE(FieldReader::create(std::vector<std::string>{"a", "a"}));
  CHECK_FALSE(FieldReader::create(std::vector<std::string>{""}));
}

TEST_CASE("fields: a path may end where another goes on, and a reader is used again") {
  auto reader = FieldReader::create(std::vector<std::string>{"a", "a.b"});
  REQUIRE(reader);
  const auto inner = (*reader).read(R"({"a":{"b":2}})");
  REQUIRE(inner);
  CHECK((*inner)[0].kind == Field::Kind::object);
  CHECK((*inner)[1].number == 2);
  const auto outer = (*reader).read(R"({"a":1})");
  REQUIRE(outer);
  CHECK((*outer)[0].number == 1);
  CHECK((*outer)[1].kind == Field::Kind::missing);
}

}  // namespace
}  // namespace sosie::json
