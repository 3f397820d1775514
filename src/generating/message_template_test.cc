#include "generating/message_template.h"

#include <array>

#include <doctest/doctest.h>

#include "base/time_text.h"

namespace sosie::generating {
namespace {

constexpr std::array<std::string_view, 3> attributes{"temperature", "speed", "latitude"};

std::string written(std::string_view text, std::span<const PlantValue> values,
                    const std::string& at = "2026-11-20T13:14:15.250Z") {
  auto made = MessageTemplate::create(text, attributes);
  REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
  std::vector<std::int32_t> places;
  for (const auto& attribute : made->attributes()) {
    places.push_back(attribute == "temperature" ? 0 : attribute == "speed" ? 1 : -1);
  }
  const Report report{.device = "truck-0017",
                      .kind = "trucks",
                      .place = "Saint-Étienne",
                      .place_slug = "saint-etienne",
                      .at = *from_iso8601(at),
                      .since = *from_iso8601(at) - std::chrono::seconds(10),
                      .sent = *from_iso8601("2026-11-20T13:14:16Z"),
                      .sequence = 4,
                      .values = values,
                      .places = places};
  std::string out(made->room_for(report), '?');
  out.resize(static_cast<std::size_t>(made->write(out.data(), report) - out.data()));
  return out;
}

TEST_CASE("message template: placeholders become what the device says, blanks go") {
  const std::vector<PlantValue> values{{.value = 71.5}, {.value = -3, .sent = false}};
  struct Case {
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {R"({"device": "${device}",
          "at": {"time": "${time}"}, "data": {"temperature": ${temperature}}})",
       R"({"device":"truck-0017","at":{"time":"2026-11-20T13:14:15.250Z"},"data":{"temperature":71.5}})"},
      {R"({"a b": " ${kind}  \" x", "n": [ ${sequence}, ${speed}, ${latitude} ]})",
       R"({"a b":" trucks  \" x","n":[4,null,null]})"},
      {R"({"t": ${time:unix}, "m": ${time:unix_ms}, "u": ${time:unix_us}, "n": ${time:unix_ns}})",
       R"({"t":1795180455.25,"m":1795180455250,"u":1795180455250000,"n":1795180455250000000})"},
      {R"({"i": "${time:iso}", "s": "${sent}", "sm": ${sent:unix_ms}})",
       R"({"i":"2026-11-20T13:14:15.250Z","s":"2026-11-20T13:14:16.000Z","sm":1795180456000})"},
      {R"({"same": ${temperature}, "again": "${temperature}"})", R"({"same":71.5,"again":"71.5"})"},
  };
  for (const auto& c : cases) {
    CHECK(written(c.text, values) == c.expected);
  }
  CHECK(written(R"([{"p": "${place}", "s": "urn:${place:slug}", "f": "${since}"}, ${since:unix}])",
                values) ==
        R"([{"p":"Saint-Étienne","s":"urn:saint-etienne","f":"2026-11-20T13:14:05.250Z"},)"
        R"(1795180445.25])");
  const std::vector<PlantValue> states{{.value = 1}, {.value = 7}};
  CHECK(written(R"({"a": "${temperature:free|occupied}", "b": "${speed:a|b\"c}"})", states) ==
        R"({"a":"occupied","b":"b\"c"})");
  CHECK(written(R"({"m": ${time:unix_ms}})", values, "1970-01-01T00:00:01.500Z") ==
        R"({"m":1500})");
  CHECK(written(R"({"m": ${time:unix}})", values, "1970-01-01T00:00:01.500Z") == R"({"m":1.5})");
  CHECK(written(R"({"m": ${time:unix_us}})", values, "1970-01-01T00:00:01Z") == R"({"m":1000000})");
  CHECK(written(R"({"m": ${time:unix_ns}})", values, "1970-01-01T00:00:01Z") ==
        R"({"m":1000000000})");
}

TEST_CASE("message template: numbers are short, and are read back as they were") {
  struct Case {
    double value;
    std::string expected;
  };
  const Case cases[] = {
      {0, "0"},
      {71.5, "71.5"},
      {-0.3, "-0.3"},
      {100, "100"},
      {60.171234, "60.171234"},
      {24.95, "24.95"},
      {24.9400010, "24.940001"},
      {1e-7, "1e-07"},
      {0.1 + 0.2, "0.30000000000000004"},
      {-12345678.9, "-12345678.9"},
      {1e300, "1e+300"},
      {0.05, "0.05"},
      {-0.000001, "-0.000001"},
  };
  for (const auto& c : cases) {
    std::array<char, 32> buffer{};
    const std::string text(buffer.data(), write_number(buffer.data(), c.value));
    CHECK(text == c.expected);
    CHECK(std::stod(text) == c.value);
  }
}

TEST_CASE("message template: what is wrong is said with its line and the nearest name") {
  struct Case {
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {"{\n\n\"a\": ${temprature}}",
       "line 3 of it: '${temprature}' is no placeholder; did you mean "
       "'${temperature}'?"},
      {"{\"a\": ${x}}", "expected one of temperature, speed, latitude, device"},
      {"{\"a\": \"${time:is}\"}", "'${time:is}': expected one of iso, unix, unix_ms"},
      {"{\"a\": ${speed:2}}", "'${speed:2}': expected '${speed}'"},
      {"{\n\"a\": ${speed", "line 2 of it: '${' has no end"},
      {"{\"a\": ${device}}", "is no JSON"},
      {"${speed}", "is no JSON object and no list"},
      {"", "is no JSON"},
  };
  for (const auto& c : cases) {
    const auto made = MessageTemplate::create(c.text, attributes);
    REQUIRE_FALSE(made);
    CHECK_MESSAGE(made.error().what.find(c.expected) != std::string::npos, made.error().what);
  }
}

TEST_CASE("message template: topics are texts of names") {
  auto topic = MessageTemplate::create_topic("toulouse/${place:slug}/${kind}/${device}");
  REQUIRE(topic);
  const Report report{.device = "noise-0001",
                      .kind = "noise",
                      .place = "La Vache",
                      .place_slug = "la-vache",
                      .at = {},
                      .sent = {},
                      .values = {},
                      .places = {}};
  std::string out(topic->room_for(report), '?');
  out.resize(static_cast<std::size_t>(topic->write(out.data(), report) - out.data()));
  CHECK(out == "toulouse/la-vache/noise/noise-0001");
  for (const char* text : {"", "a/#", "a/+/b", "a/${temperature}", "a/${device"}) {
    CHECK_FALSE(MessageTemplate::create_topic(text));
  }
}

TEST_CASE("message template: slugs") {
  CHECK(slug("Saint-Étienne") == "saint-etienne");
  CHECK(slug("Patte-d'Oie") == "patte-d-oie");
  CHECK(slug("  Île du Ramier (sud) ") == "ile-du-ramier-sud");
  CHECK(slug("Ça où œ") == "ca-ou");
  CHECK(slug("") == "-");
}

}  // namespace
}  // namespace sosie::generating
