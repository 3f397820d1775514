#include "compliance/config.h"

#include <string>

#include <doctest/doctest.h>

namespace sosie {
namespace {

const std::string plant_section = "[compliance]\npopulation_equivalent = 125000\n";

Result<std::optional<ComplianceConfig>> read(const std::string& toml) {
  auto scenario = Section::read_text(toml);
  REQUIRE(scenario);
  return ComplianceConfig::read(*scenario);
}

TEST_CASE("compliance config: everything that can be set") {
  const auto result = read(plant_section + R"(
sensitive_area = true
suspended_solids = false
reference_flow_m3_per_day = 36000
[compliance.inlet]
flow = "FIT-101"
BOD5 = "AIT-108-BOD"
[compliance.outlet]
TP = "AIT-811-TP"
[compliance.energy]
meter = "JQI-813"
powers = ["JIT-115", "JIT-999"]
)");
  REQUIRE(result);
  REQUIRE(*result);
  const auto config = (*result).value_or(ComplianceConfig{});
  CHECK(config.population_equivalent == 125'000);
  CHECK(config.sensitive_area);
  CHECK(!config.suspended_solids);
  CHECK(config.reference_flow_m3_per_day == 36'000);
  CHECK(config.sources.inlet.flow == "FIT-101");
  CHECK(config.sources.inlet.parameters[Parameter::bod5] == "AIT-108-BOD");
  CHECK(!config.sources.inlet.parameters[Parameter::cod]);
  CHECK(config.sources.outlet.parameters[Parameter::tp] == "AIT-811-TP");
  CHECK(!config.sources.outlet.flow);

  SeriesTable series;
  for (const char* name : {"JIT-115", "AIT-811-TP", "FIT-101"}) {
    SeriesInfo info;
    info.entity = name;
    info.attribute = "value";
    series.declare(info);
  }
  const auto found = resolve(config.sources, series);
  CHECK(found.inlet.flow == SeriesId{2});
  CHECK(found.outlet.parameters[Parameter::tp] == SeriesId{1});
  CHECK(!found.inlet.parameters[Parameter::bod5]);
  CHECK(!found.energy_per_day);
  CHECK(found.powers == std::vector<SeriesId>{SeriesId{0}});
}

TEST_CASE("compliance config: the directive is one of two") {
  CHECK((*read(plant_section))->directive == Directive::of_1991);
  CHECK((*read(plant_section + "directive = \"91/271/EEC\"\n"))->directive == Directive::of_1991);
  const auto recast = *read(plant_section + "directive = \"2024/3019\"\n");
  CHECK(recast->directive == Directive::of_2024);
  CHECK(to_text(recast->directive) == "2024/3019");
  const auto wrong = read(plant_section + "directive = \"2024/3018\"\n");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().what.find("2024/3019") != std::string::npos);
}

TEST_CASE("compliance config: none is none") {
  const auto result = read("[alarms]\n");
  REQUIRE(result);
  CHECK(!*result);
}

TEST_CASE("compliance config: what is wrong with it is said") {
  struct Case {
    std::string toml;
    const char* says;
  };
  const Case cases[] = {
      {"[compliance]\n", "population_equivalent"},
      {"[compliance]\npopulation_equivalent = 0\n", "more than 0"},
      {plant_section + "sensitive = true\n", "sensitive_area"},
      {plant_section + "reference_flow_m3_per_day = -1\n", "more than 0"},
      {plant_section + "[compliance.inlet]\nBOD = 'x'\n", "BOD5"},
      {plant_section + "[compliance.outlets]\n", "outlet"},
      {plant_section + "[compliance.energy]\nmetre = 'x'\n", "meter"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto result = read(c.toml);
    REQUIRE(!result);
    CAPTURE(result.error().what);
    CHECK(result.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("compliance config: the shipped plant's") {
  auto scenario = Section::read_file(SOSIE_ROOT "/scenarios/traffeyere/traffeyere.toml");
  REQUIRE(scenario);
  const auto read = ComplianceConfig::read(*scenario);
  REQUIRE(read);
  const auto config = (*read).value_or(ComplianceConfig{});
  CHECK(config.population_equivalent == 125'000);
  for (const Parameter p : all_parameters) {
    CAPTURE(to_text(p));
    CHECK(config.sources.inlet.parameters[p]);
    CHECK(config.sources.outlet.parameters[p]);
  }
  CHECK(config.sources.powers.size() == 8);
}

}  // namespace
}  // namespace sosie
