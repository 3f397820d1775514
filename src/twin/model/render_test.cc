#include "twin/model/render.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "twin/model/date.h"

namespace sosie::ngsi {
namespace {

Timestamp at(std::string_view text) {
  return *parse_date(text);
}

Entity room() {
  const Timestamp created = at("2020-01-01");
  const Timestamp modified = at("2020-01-02T03:04:05.678Z");
  return {
      .id = "Room1",
      .type = "Room",
      .service_path = "/home",
      .attributes = {{"temperature", "Number", 23.5, {{"unit", "Text", "C"}}, created, modified},
                     {"open", "Boolean", true, {}, created, created},
                     {"again", "Number", 23.5, {}, created, created}},
      .created = created,
      .modified = modified};
}

std::vector<Text> names(std::string_view list) {
  std::vector<Text> out;
  std::size_t start = 0;
  while (start < list.size()) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    out.emplace_back(list.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::string shown(const Entity& entity, const View& view) {
  std::string out;
  render_entity(entity, view, out);
  return out;
}

TEST_CASE("render: formats") {
  CHECK(
      shown(room(), {}) ==
      R"({"id":"Room1","type":"Room",)"
      R"("temperature":{"type":"Number","value":23.5,"metadata":{"unit":{"type":"Text","value":"C"}}},)"
      R"("open":{"type":"Boolean","value":true,"metadata":{}},)"
      R"("again":{"type":"Number","value":23.5,"metadata":{}}})");
  const struct {
    Format format;
    std::string_view text;
  } cases[] = {
      {Format::key_values,
       R"({"id":"Room1","type":"Room","temperature":23.5,"open":true,"again":23.5})"},
      {Format::simplified_key_values,
       R"({"id":"Room1","type":"Room","temperature":23.5,"open":true,"again":23.5})"},
      {Format::values, "[23.5,true,23.5]"},
      {Format::unique_values, "[23.5,true]"},
  };
  for (const auto& c : cases) CHECK(shown(room(), {.format = c.format}) == c.text);
  CHECK(shown(room(), {.format = Format::simplified_normalized}) == shown(room(), {}));
  CHECK(shown({.id = "E", .type = "T"}, {}) == R"({"id":"E","type":"T"})");
  CHECK(shown({.id = "E", .type = "T"}, {.format = Format::values}) == "[]");
}

TEST_CASE("render: which attributes, and in which order") {
  Entity entity = room();
  entity.expires = at("2030-01-01");
  const struct {
    std::string_view attrs;
    std::string_view values;
  } cases[] = {
      {"*", R"([23.5,true,23.5])"},
      {"open,temperature", R"([true,23.5])"},
      {"open,nothing,open", R"([true])"},
      {"dateCreated", R"(["2020-01-01T00:00:00.000Z"])"},
      {"dateModified,servicePath,dateExpires",
       R"(["2020-01-02T03:04:05.678Z","/home","2030-01-01T00:00:00.000Z"])"},
      {"dateCreated,*", R"(["2020-01-01T00:00:00.000Z",23.5,true,23.5])"},
      {"*,open", R"([23.5,23.5,true])"},
      {"alterationType", "[]"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.attrs);
    View view{.format = Format::values, .attrs = {.names = names(c.attrs)}};
    CHECK(shown(entity, view) == c.values);
  }
  CHECK(shown(entity, {.format = Format::values, .attrs = {.except = names("open,x")}}) ==
        "[23.5,23.5]");
}

TEST_CASE("render: a user's attribute wins over a built-in one") {
  Entity entity = room();
  entity.attributes.push_back({"dateCreated", "Text", "mine"});
  CHECK(shown(entity, {.format = Format::values, .attrs = {.names = names("dateCreated")}}) ==
        R"(["mine"])");
  CHECK(shown(entity, {.format = Format::values}) == R"([23.5,true,23.5,"mine"])");
}

TEST_CASE("render: covered attributes that are not there are null") {
  const View view{.covered = true, .attrs = {.names = names("open,gone")}};
  CHECK(shown(room(), view) ==
        R"({"id":"Room1","type":"Room","open":{"type":"Boolean","value":true,"metadata":{}},)"
        R"("gone":{"type":"None","value":null,"metadata":{}}})");
}

TEST_CASE("render: metadata that only notifications know") {
  const Entity entity = room();
  const AttributeChange changes[] = {{.name = "temperature",
                                      .action = "update",
                                      .previous = Attribute{"temperature", "Text", "20"}},
                                     {.name = "open", .action = "append"}};
  View view{.attrs = {.names = names("temperature,open,again,alterationType")},
            .metadata = {.names = names("previousValue,actionType,dateModified")},
            .happening = {.alteration_type = "entityUpdate", .changes = changes}};
  CHECK(
      shown(entity, view) ==
      R"({"id":"Room1","type":"Room",)"
      R"("temperature":{"type":"Number","value":23.5,"metadata":{"previousValue":{"type":"Text","value":"20"},)"
      R"("actionType":{"type":"Text","value":"update"},"dateModified":{"type":"DateTime","value":"2020-01-02T03:04:05.678Z"}}},)"
      R"("open":{"type":"Boolean","value":true,"metadata":{"actionType":{"type":"Text","value":"append"},)"
      R"("dateModified":{"type":"DateTime","value":"2020-01-01T00:00:00.000Z"}}},)"
      R"("again":{"type":"Number","value":23.5,"metadata":{"dateModified":{"type":"DateTime","value":"2020-01-01T00:00:00.000Z"}}},)"
      R"("alterationType":{"type":"Text","value":"entityUpdate","metadata":{}}})");
}

TEST_CASE("render: attributes without the entity, and one alone") {
  std::string out;
  render_attributes(room(), {.format = Format::key_values, .attrs = {.names = names("open")}}, out);
  CHECK(out == R"({"open":true})");
  out.clear();
  render_attributes({.id = "E", .type = "T"}, {}, out);
  CHECK(out == "{}");
  out.clear();
  render_attribute(room().attributes[0], {.metadata = {.names = names("dateCreated,*")}}, out);
  CHECK(
      out ==
      R"({"type":"Number","value":23.5,"metadata":{"dateCreated":{"type":"DateTime","value":"2020-01-01T00:00:00.000Z"},)"
      R"("unit":{"type":"Text","value":"C"}}})");
}

}  // namespace
}  // namespace sosie::ngsi
