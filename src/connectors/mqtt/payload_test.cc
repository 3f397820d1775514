#include "connectors/mqtt/payload.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie::mqtt {
namespace {

std::string told(PayloadReader& reader, std::string_view text) {
  const auto read = reader.read(text);
  if (!read) return read.error().what;
  std::string all;
  for (const auto& one : (*read).values) all += fmt::format("{}:{} ", one.which, one.value);
  all += (*read).at ? to_iso8601(*(*read).at) : "now";
  if ((*read).quality != Quality::good) all += fmt::format(" {}", to_text((*read).quality));
  return all;
}

struct Case {
  std::string_view payload;
  std::string_view expected;
};

TEST_CASE("mqtt payload: one value") {
  PayloadReader reader{PayloadMap{}};
  const Case cases[] = {
      {"1.5", "0:1.5 now"},
      {" -3e2\n", "0:-300 now"},
      {"true", "0:1 now"},
      {"\"2.5\"", "0:2.5 now"},
      {"{\"value\": 2}", "0:2 now"},
      {"{\"value\": false, \"other\": [1]}", "0:0 now"},
      {"{\"value\": \"2.04\", \"time\": \"2026-11-20T10:00:00Z\"}", "0:2.04 2026-11-20T10:00:00Z"},
      {"{\"value\": 2, \"time\": 1763632800250}", "0:2 2025-11-20T10:00:00.250Z"},
      {"{\"value\": 2, \"time\": null, \"quality\": null}", "0:2 now"},
      {"{\"value\": 2, \"quality\": \"bad\"}", "0:2 now bad"},
      {"", "the payload is empty; expected a number or JSON"},
      {"  ", "the payload is empty; expected a number or JSON"},
      {"on", "read 'on', expected a number or JSON"},
      {"nan", "read 'nan', expected a number or JSON"},
      {"inf", "read 'inf', expected a number or JSON"},
      {"null", "read null, expected a number"},
      {"\"on\"", "read 'on', expected a number"},
      {"{}", "there is no 'value' in it"},
      {"[1]", "there is no 'value' in it"},
      {"{\"val\": 2}", "there is no 'value' in it"},
      {"{\"value\": null}", "'value': read null, expected a number"},
      {"{\"value\": \"NaN\"}", "'value': read 'NaN', expected a number"},
      {"{\"value\": {\"a\": 1}}", "'value': read an object, expected a number"},
      {"{\"value\": 2, \"time\": \"soon\"}", "'time': read 'soon', expected a time"},
      {"{\"value\": 2, \"time\": 1e300}", "'time': read 1e+300, expected a time"},
      {"{\"value\": 2, \"time\": true}", "'time': read a truth value, expected a time"},
      {"{\"value\": 2, \"quality\": \"fine\"}",
       "'quality': read 'fine', expected good, uncertain or bad"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.payload));
    CHECK(told(reader, c.payload) == c.expected);
  }
  CHECK(reader.read("{\"value\": 2").error().code == Errc::invalid);
  CHECK_FALSE(reader.read("{\"value\": 1, \"value\": 2}"));
  CHECK_FALSE(reader.read("{\"value\": 1}\xFF"));
}

TEST_CASE("mqtt payload: several values, elsewhere") {
  PayloadMap map;
  map.values = {{"data.t", "temperature"}, {"data.h", "humidity"}};
  map.time = "meta.at";
  map.time_reader = *TimeReader::create("unix", *Zone::find("UTC"));
  PayloadReader reader(map);
  const Case cases[] = {
      {"{\"data\": {\"t\": 20, \"h\": 40}, \"meta\": {\"at\": 1577836800}}",
       "0:20 1:40 2020-01-01T00:00:00Z"},
      {"{\"data\": {\"h\": 40}, \"meta\": {\"at\": \"1577836800.5\"}}",
       "1:40 2020-01-01T00:00:00.500Z"},
      {"{\"data\": {\"t\": null, \"h\": 40}}", "1:40 now"},
      {"{\"data\": {\"t\": \"x\", \"h\": 40}}", "'data.t': read 'x', expected a number"},
      {"{\"data\": {}}", "there is no 'data.t' nor another known value in it"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.payload));
    CHECK(told(reader, c.payload) == c.expected);
  }
}

TEST_CASE("mqtt payload: words that count") {
  PayloadMap map;
  map.values = {{"status", "occupied"}};
  map.words = {{"free", 0}, {"occupied", 1}};
  PayloadReader reader(map);
  CHECK(told(reader, R"({"status": "occupied"})") == "0:1 now");
  CHECK(told(reader, R"({"status": "free", "time": "2026-11-20T10:00:00Z"})") ==
        "0:0 2026-11-20T10:00:00Z");
  CHECK(told(reader, R"({"status": "2"})") == "0:2 now");
  CHECK(told(reader, R"({"status": "closed"})") == "'status': read 'closed', expected a number");
  CHECK(told(reader, "occupied") == "0:1 now");
}

TEST_CASE("mqtt payload: values in another unit are converted, in an unknown one refused") {
  PayloadMap map;
  map.values = {{"t", "temperature"}, {"n", "count"}};
  map.units = std::make_shared<messages::Units>(std::vector<std::string>{"K", ""}, "unit");
  const Case cases[] = {
      {R"({"t":30,"n":1,"unit":"°C"})", "0:303.15 1:1 now"},
      {R"({"t":86,"n":1})", "0:86 1:1 now"},
      {R"({"t":86,"unit":null})", "0:86 now"},
      {R"({"t":86,"unit":"bogus"})", "the unit 'bogus' is not known"},
      {R"({"t":86,"unit":"kWh"})", "the unit 'kWh' cannot become 'K'"},
      {R"({"t":86,"unit":7})", "'unit': read 7, expected a unit"},
  };
  PayloadReader reader(map);
  for (const auto& c : cases) {
    CAPTURE(std::string(c.payload));
    CHECK(told(reader, c.payload) == c.expected);
  }
  map.format = PayloadMap::Format::senml;
  PayloadReader packs(map);
  const auto value = [&](std::string_view text) {
    const auto read = packs.read(text, Timestamp(std::chrono::hours(500'000)));
    return read ? fmt::format("{}", (*read).values[0].value) : read.error().what;
  };
  CHECK(value(R"([{"n":"t","u":"K","v":23}])") == "23");
  CHECK(value(R"([{"bu":"Cel","n":"t","v":30}])") == "303.15");
  CHECK(value(R"([{"bu":"K","n":"t","u":"Cel","v":30}])") == "303.15");
  CHECK(value(R"([{"n":"t","u":"bogus","v":1}])") == "the unit 'bogus' is not known");
}

TEST_CASE("mqtt payload: SenML packs, resolved as RFC 8428 has it") {
  PayloadMap map;
  map.format = PayloadMap::Format::senml;
  map.values = {
      {"temperature", "temperature"}, {"urn:dev:a:humidity", "humidity"}, {"open", "open"}};
  PayloadReader reader(map);
  const Timestamp now = *from_iso8601("2026-11-29T12:00:00Z");
  const auto read = [&](std::string_view text) -> std::string {
    const auto payload = reader.read(text, now);
    if (!payload) return payload.error().what;
    std::string all;
    for (const auto& one : payload->values) {
      all += fmt::format("{}:{} {} ", one.which, one.value, to_iso8601(*one.at));
    }
    return all;
  };
  const Case cases[] = {
      {R"([{"bn":"urn:dev:a:","bt":1795953600,"n":"temperature","u":"Cel","v":23.5},)"
       R"({"n":"humidity","u":"%RH","v":67}])",
       "0:23.5 2026-11-29T12:00:00Z 1:67 2026-11-29T12:00:00Z "},
      // 5.1.2: times before now, each its own.
      {R"([{"bn":"x:","n":"temperature","v":20,"t":-60},{"n":"temperature","v":21}])",
       "0:20 2026-11-29T11:59:00Z 0:21 2026-11-29T12:00:00Z "},
      {R"([{"bn":"x:","bt":1795953600.25,"bv":20,"n":"temperature","v":1.5,"t":0.5}])",
       "0:21.5 2026-11-29T12:00:00.750Z "},
      {R"([{"n":"open","vb":true},{"n":"other","v":1},{"n":"temperature","vs":"hot"}])",
       "2:1 2026-11-29T12:00:00Z "},
      {R"([{"n":"other","v":1}])",
       "there is no 'temperature' nor another known value in the SenML pack"},
      {R"([{"n":"other","v":1},{"n":"temperature","vs":"hot"}])",
       "'temperature': read 'hot', expected a number"},
      {R"([{"n":"temperature"}])", "'temperature': read no value, expected a number"},
      {R"([])", "there is no 'temperature' nor another known value in the SenML pack"},
      {R"({"n":"temperature","v":1})", "is no SenML pack: expected a list"},
      {R"([1])", "a record of the SenML pack is no object"},
      {R"([{"bver":11,"n":"temperature","v":1}])", "SenML of version 11, expected 10 at most"},
      {R"([{"n":"temperature","v":1},{"n":"x","v":1,"scale_":2}])",
       "the SenML pack has the field 'scale_', which must be understood and is not known here"},
      {R"([{"n":"temperature","v":1,"scale":2}])", "0:1 2026-11-29T12:00:00Z "},
      {R"([{"n":"temperature","v":1,"t":1e300}])", "'temperature': its time is 1e+300 s"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.payload));
    CHECK(read(c.payload) == c.expected);
  }
  CHECK_FALSE(reader.read(R"([{"n":)", now));
}

}  // namespace
}  // namespace sosie::mqtt
