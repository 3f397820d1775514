#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "wire/ngsi/address.h"
#include "wire/ngsi/measures.h"

namespace sosie::context {
namespace {

TEST_CASE("ngsi address: what it says, and what is wrong with it") {
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"ngsi+http://127.0.0.1:1026", "http://127.0.0.1:1026 tenant= path= type="},
      {"ngsi+https://orion.example/", "https://orion.example tenant= path= type="},
      {"ngsi+http://h:1026/a/b?tenant=t&type=Room", "http://h:1026 tenant=t path=/a/b type=Room"},
      {"ngsi+http://h:1026?type=Room", "http://h:1026 tenant= path= type=Room"},
      {"http://h:1026", "'http://h:1026' is no broker; expected ngsi+http://host:1026"},
      {"ngsi+http://h:1026?tenat=t",
       "ngsi+http://h:1026?tenat=t: 'tenat=t' where tenant=… or type=… was expected"},
      {"ngsi+http://h:1026?tenant=",
       "ngsi+http://h:1026?tenant=: 'tenant=' where tenant=… or type=… was expected"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto read = read_address(c.text);
    const auto heard = read ? fmt::format("{} tenant={} path={} type={}", read->base, read->tenant,
                                          read->service_path, read->type)
                            : read.error().what;
    CHECK(heard == c.expected);
  }
}

TEST_CASE("ngsi address: this machine's port may be another one") {
  struct Case {
    const char* text;
    bool moved;
    const char* base;
  };
  const Case cases[] = {
      {"ngsi+http://127.0.0.1:1026?type=Room", true, "http://127.0.0.1:1027"},
      {"ngsi+http://localhost:1026/a", true, "http://localhost:1027"},
      {"ngsi+http://[::1]:1026", true, "http://[::1]:1027"},
      {"ngsi+http://127.0.0.1:10260", false, "http://127.0.0.1:10260"},
      {"ngsi+http://127.0.0.1:2026", false, "http://127.0.0.1:2026"},
      {"ngsi+http://orion.example:1026", false, "http://orion.example:1026"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    auto address = read_address(c.text);
    REQUIRE(address);
    CHECK(move_port(*address, 1026, 1027) == c.moved);
    CHECK(address->base == c.base);
  }
}

TEST_CASE("ngsi address: a token goes into headers, never into words") {
  Address address;
  address.tenant = "t";
  address.token = "secret";
  const auto headers = address.headers();
  CHECK(http::find_header(headers, "fiware-service") == "t");
  CHECK(http::find_header(headers, "authorization") == "Bearer secret");
  CHECK(http::find_header(headers, "x-auth-token") == "secret");
  CHECK(http::find_header(headers, "fiware-servicepath").empty());
  CHECK(http::percent_encoded("urn:ngsi-ld:Room:1 é") == "urn%3Angsi-ld%3ARoom%3A1%20%C3%A9");
}

std::string heard(std::string_view text) {
  const auto entity = json::parse(text);
  REQUIRE(entity);
  const auto measures = read_measures(*entity);
  if (!measures) return measures.error().what;
  std::string all;
  for (const auto& m : *measures) {
    all += fmt::format("{}.{}={}{}{} ", m.entity, m.attribute, m.value, m.unit,
                       m.at ? "@" + to_iso8601(*m.at) : "");
  }
  return all;
}

TEST_CASE("ngsi measures: numbers, their units and times, in either form") {
  struct Case {
    const char* name;
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"key values", R"({"id":"R","type":"Room","t":21.5,"name":"a","on":true,"x":null})",
       "R.t=21.5 "},
      {"normalized", R"({"id":"R","type":"Room","t":{"type":"Number","value":21,"metadata":{}}})",
       "R.t=21 "},
      {"a text that is meant as a number",
       R"({"id":"R","a":{"type":"Number","value":"7.5"},"b":{"type":"Text","value":"7.5"}})",
       "R.a=7.5 "},
      {"its own instant wins",
       R"({"id":"R","TimeInstant":{"type":"DateTime","value":"2026-01-01T00:00:00Z"},
           "a":{"type":"Number","value":1,"metadata":{"unit":{"type":"Text","value":"°C"},
             "dateModified":{"type":"DateTime","value":"2026-01-03T00:00:00.000Z"},
             "TimeInstant":{"type":"DateTime","value":"2026-01-02T00:00:00.000Z"}}},
           "b":{"type":"Number","value":2,"metadata":{
             "dateModified":{"type":"DateTime","value":"2026-01-03T00:00:00.000Z"}}},
           "c":{"type":"Number","value":3}})",
       "R.a=1°C@2026-01-02T00:00:00Z R.b=2@2026-01-03T00:00:00Z R.c=3@2026-01-01T00:00:00Z "},
      {"the entity's change", R"({"id":"R","a":1,"dateModified":"2026-01-03T00:00:00.000Z"})",
       "R.a=1@2026-01-03T00:00:00Z "},
      {"no id", R"({"type":"Room","t":1})", "an entity without an id"},
      {"no entity", "[1]", "an entity without an id"},
      {"nothing of use", R"({"id":"R"})", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(heard(c.text) == c.expected);
  }
}

TEST_CASE("ngsi: what a broker answered, in one line") {
  http::Response response;
  response.status = 422;
  response.body = R"({"error":"Unprocessable","description":"Already Exists"})";
  CHECK(said(response) == "the broker answered 422 Unprocessable: Already Exists");
  response.body = "<html>\nno";
  CHECK(said(response) == "the broker answered 422: <html> no");
}

}  // namespace
}  // namespace sosie::context
