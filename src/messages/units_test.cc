#include "messages/units.h"

#include <cmath>

#include <doctest/doctest.h>

namespace sosie::messages {
namespace {

/// `value` of `from` in `to`; NaN: it cannot be.
double converted(double value, std::string_view from, std::string_view to) {
  const auto made = conversion(from, to);
  return made ? (*made)(value) : std::nan("");
}

std::string why(std::string_view from, std::string_view to) {
  const auto made = conversion(from, to);
  return made ? "" : made.error().what;
}

TEST_CASE("units: what devices say becomes what is kept") {
  struct Case {
    double value;
    std::string_view from;
    std::string_view to;
    double expected;
  };
  const Case cases[] = {
      {86, "°F", "°C", 30},        {86, "FAH", "Cel", 30},      {303.15, "K", "°C", 30},
      {1, "mg/m3", "ug/m3", 1000}, {1, "mg/m³", "µg/m³", 1000}, {40, "GQ", "µg/m3", 40},
      {36, "km/h", "m/s", 10},     {36, "KMH", "MTS", 10},      {1013.25, "hPa", "Pa", 101325},
      {1.5, "kWh", "Wh", 1500},    {3.6, "MJ", "kWh", 1},       {2, "L/s", "m3/h", 7.2},
      {0.5, "/", "%", 50},         {55, "%RH", "%", 55},        {180, "deg", "rad", 3.14159265},
      {61, "dB", "2N", 61},        {4, "NTU", "NTU", 4},        {7, " degC ", "CEL", 7},
  };
  for (const auto& c : cases) {
    CAPTURE(c.from);
    CAPTURE(c.to);
    CHECK(converted(c.value, c.from, c.to) == doctest::Approx(c.expected));
  }
}

TEST_CASE("units: what cannot be is said") {
  CHECK(why("furlongs per fortnite", "m/s") == "the unit 'furlongs per fortnite' is not known");
  CHECK(why("°C", "blorp") == "the unit 'blorp' is not known");
  CHECK(why("kWh", "°C") == "the unit 'kWh' cannot become '°C'");
  CHECK(why(std::string(5000, 'x'), "°C").size() < 100);
  CHECK_FALSE(why("NTU", "FNU").empty());
  CHECK_FALSE(why("\xFF\xFE", "°C").empty());
}

TEST_CASE("units: as a source says them") {
  const std::string names[] = {"temperature", "load"};
  const auto read = [&](const std::string& toml) {
    auto section = Section::read_text(toml, "t").value();
    return Units::read(section, names);
  };
  CHECK(*read("") == nullptr);
  CHECK(read("unit = 'u'").error().what.find("needs 'units'") != std::string::npos);
  CHECK(read("units = {speed = 'm/s'}").error().what.find("'speed', which is none") !=
        std::string::npos);
  const auto units = read("units = {temperature = '°C'}").value();
  REQUIRE(units);
  CHECK(units->path() == "unit");
  CHECK((*units->of(0, "°F"))(86) == doctest::Approx(30));
  CHECK((*units->of(0, "°F"))(32) == doctest::Approx(0).epsilon(1e-9));
  CHECK((*units->of(0, ""))(86) == 86);
  CHECK((*units->of(1, "anything"))(86) == 86);  // nothing is wanted of it
  CHECK_FALSE(units->of(0, "anything"));
}

}  // namespace
}  // namespace sosie::messages
