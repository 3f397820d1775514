#include "messages/mapping.h"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include "base/time_text.h"
#include "messages/intake_names.h"
#include "testing/memory_intake.h"

namespace sosie::messages {
namespace {

using testing::MemoryIntake;

std::unique_ptr<Mapping> mapping_of(const std::string& toml) {
  auto section = Section::read_text(toml, "t");
  REQUIRE(section);
  auto mapping = read_mapping(*section);
  REQUIRE(mapping);
  return std::move(mapping).value();
}

/// The readings that a message makes, or why it makes none.
std::string read(const std::string& toml, std::optional<std::string_view> payload,
                 std::optional<std::string_view> key = "truck-1") {
  MemoryIntake intake;
  intake.declares = true;
  IntakeNames names(intake);
  const auto mapping = mapping_of(toml);
  Message message;
  message.payload = payload;
  message.key = key;
  message.at = *from_iso8601("2026-11-20T10:00:00Z");
  const auto done = mapping->read(message, names, intake.readings);
  if (!done) {
    CHECK(intake.readings.empty());
    return done.error().what;
  }
  return fmt::format("{}", fmt::join(intake.lines(), "; "));
}

constexpr auto nested = R"(
device = "vehicle.id"
time = "at"
[values]
"data.engine.temperature" = "temperature"
"data.load.0" = "load"
)";

TEST_CASE("messages: values in another unit are converted, in an unknown one refused") {
  constexpr auto toml =
      "unit = 'data.unit'\n[values]\n'data.no2' = 'no2'\n'data.rpm' = 'rpm'\n[units]\nno2 = "
      "'ug/m3'";
  CHECK(read(toml, R"({"data":{"no2":0.25,"rpm":9,"unit":"mg/m3"}})") ==
        "truck-1.no2=250 @2026-11-20T10:00:00Z; truck-1.rpm=9 @2026-11-20T10:00:00Z");
  CHECK(read(toml, R"({"data":{"no2":86,"rpm":9}})") ==
        "truck-1.no2=86 @2026-11-20T10:00:00Z; truck-1.rpm=9 @2026-11-20T10:00:00Z");
  CHECK(read(toml, R"({"data":{"no2":86,"rpm":9,"unit":"furlong"}})") ==
        "the unit 'furlong' cannot become 'ug/m3'");
  CHECK(read(toml, R"({"data":{"no2":86,"rpm":9,"unit":"bogus"}})") ==
        "the unit 'bogus' is not known");
  CHECK(read(toml, R"({"data":{"no2":86,"rpm":9,"unit":7}})") ==
        "'data.unit': read 7, expected a unit");
}

TEST_CASE("messages: a series has the unit in which the source keeps it, unless it has one") {
  MemoryIntake intake;
  intake.declares = true;
  SeriesInfo described;
  described.entity = "truck-2";
  described.attribute = "heat";
  described.unit = "K";
  intake.declare(described);
  IntakeNames names(intake);
  const auto mapping = mapping_of("[values]\na = 'heat'\nb = 'load'\n[units]\nheat = '°C'\n");
  for (const auto* const key : {"truck-1", "truck-2"}) {
    Message message;
    message.payload = R"({"a":68,"unit":"°F","b":1})";
    message.key = key;
    message.at = *from_iso8601("2026-11-20T10:00:00Z");
    REQUIRE(mapping->read(message, names, intake.readings));
  }
  const auto unit_of = [&](const char* entity, const char* attribute) {
    return intake.table[*intake.table.find(entity, attribute)].unit.str();
  };
  CHECK(unit_of("truck-1", "heat") == "°C");
  CHECK(unit_of("truck-1", "load").empty());
  CHECK(unit_of("truck-2", "heat") == "K");
}

TEST_CASE("messages: nested fields become readings") {
  CHECK(read(nested, R"({"vehicle":{"id":"t1"},"at":"2026-11-20T11:00:00Z",
                         "data":{"engine":{"temperature":81.5},"load":[3]}})") ==
        "t1.temperature=81.5 @2026-11-20T11:00:00Z; t1.load=3 @2026-11-20T11:00:00Z");
  CHECK(read(nested, R"({"vehicle":{"id":17},"quality":"bad",
                         "data":{"engine":{"temperature":"81.5"},"load":[true]}})") ==
        "17.temperature=81.5 @2026-11-20T10:00:00Z bad; 17.load=1 @2026-11-20T10:00:00Z bad");
  CHECK(read("value = \"v\"\nprefix = \"fleet-\"", R"({"v":1})") ==
        "fleet-truck-1.value=1 @2026-11-20T10:00:00Z");
  CHECK(read("may_lack = true\n[values]\na = \"a\"\nb = \"b\"", R"({"a":null,"b":2})") ==
        "truck-1.b=2 @2026-11-20T10:00:00Z");
  CHECK(read("time_format = \"unix\"", R"({"value":1,"time":1795168800.5})") ==
        "truck-1.value=1 @2026-11-20T10:00:00.500Z");
}

TEST_CASE("messages: a bad message says why, and leaves nothing behind") {
  struct Case {
    std::optional<std::string_view> payload;
    std::string_view reason;
  };
  const Case cases[] = {
      {std::nullopt, "a tombstone: it has no payload"},
      {"", "it is empty; expected a JSON object"},
      {"[1]", "it is a list; expected an object"},
      {R"({"vehicle":{"id":"t"},"data":{"engine":{"temperature":1}}})",
       "there is no 'data.load.0' in it"},
      {R"({"vehicle":{"id":"t"},"data":{"engine":{"temperature":1},"load":[null]}})",
       "'data.load.0': read null, expected a number"},
      {R"({"vehicle":{"id":"t"},"data":{"engine":{"temperature":"hot"},"load":[1]}})",
       "'data.engine.temperature': read 'hot', expected a number"},
      {R"({"vehicle":{"id":"t"},"data":{"engine":{"temperature":{}},"load":[1]}})",
       "'data.engine.temperature': read an object, expected a number"},
      {R"({"vehicle":"t","data":{"engine":{"temperature":1},"load":[1]}})",
       "'vehicle.id': read nothing, expected a device's name"},
      {R"({"vehicle":{"id":""},"data":{"engine":{"temperature":1},"load":[1]}})",
       "'vehicle.id': read '', expected a device's name"},
      {R"({"vehicle":{"id":"t"},"at":"noon","data":{"engine":{"temperature":1},"load":[1]}})",
       "'at': read 'noon', expected a time"},
      {R"({"vehicle":{"id":"t"},"quality":"so","data":{"engine":{"temperature":1},"load":[1]}})",
       "'quality': read 'so', expected good, uncertain or bad"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.reason);
    CHECK(read(nested, one.payload) == one.reason);
  }
  CHECK(read("", R"({"value":1})", "\xff\xfe") == "the device's name is no UTF-8 text");
  CHECK(read("", R"({"value":1})", std::nullopt) == "it has no key, which names the device");
  CHECK(read("may_lack = true\n[values]\na = \"a\"\nb = \"b\"", R"({"c":2})") ==
        "there is no 'a' nor another known value in it");
}

TEST_CASE("messages: a series that is not known is refused, and asked for again later") {
  MemoryIntake intake;
  intake.declares = false;
  IntakeNames names(intake);
  const auto mapping = mapping_of("");
  Message message;
  message.payload = R"({"value":1})";
  message.key = "stranger";
  for (int i = 0; i < 3; ++i) {
    const auto done = mapping->read(message, names, intake.readings);
    REQUIRE_FALSE(done);
    CHECK(done.error().what == "no series 'stranger.value'");
  }
  CHECK(intake.readings.empty());
  message.key = "known";
  SeriesInfo info;
  info.entity = "known";
  info.attribute = "value";
  intake.table.declare(info);
  REQUIRE(mapping->read(message, names, intake.readings));
  REQUIRE(mapping->read(message, names, intake.readings));
  CHECK(intake.readings.size() == 2);
}

TEST_CASE("messages: Sosie's own form, and line protocol") {
  constexpr auto readings = "format = \"readings\"";
  CHECK(
      read(readings, R"({"entity":"a","attribute":"x","value":1,"time":"2026-11-20T11:00:00Z"})") ==
      "a.x=1 @2026-11-20T11:00:00Z");
  CHECK(read(readings, R"([{"entity":"a","attribute":"x","value":1},
                          {"entity":"b","attribute":"x"}])") == "'value' is missing");
  CHECK(read(readings, std::nullopt) == "a tombstone: it has no payload");
  CHECK(read(readings, "[]") == "no reading in it");
  constexpr auto line = "format = \"line\"\ndevice = \"truck\"";
  CHECK(read(line, "engine,truck=t1 temperature=81.5,note=\"x\" 1795172400000000000") ==
        "t1.temperature=81.5 @2026-11-20T11:00:00Z");
  CHECK(read(line, "engine,truck=t1 temperature=81.5\nengine temperature=1") ==
        "there is no tag 'truck'");
  CHECK(read("format = \"line\"", "engine temperature=81.5") ==
        "engine.temperature=81.5 @2026-11-20T10:00:00Z");
  // Named as those that come by HTTP: no two of a sender's series are one.
  CHECK(read("format = \"line\"",
             "engine,host=h1 temperature=91.5\nengine,host=h2 temperature=1\n"
             "engine,zone=z,host=h2 temperature=2") ==
        "engine.h1.temperature=91.5 @2026-11-20T10:00:00Z; "
        "engine.h2.temperature=1 @2026-11-20T10:00:00Z; "
        "engine.h2.z.temperature=2 @2026-11-20T10:00:00Z");
  CHECK(read("format = \"line\"", "ph,sensor_id=IN,host=h value=7") ==
        "IN.ph=7 @2026-11-20T10:00:00Z");
  CHECK(read(line, "temperature,truck=t1 value=81.5") ==
        "t1.temperature=81.5 @2026-11-20T10:00:00Z");
}

}  // namespace
}  // namespace sosie::messages
