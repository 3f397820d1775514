#include "engine/description.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

Result<Descriptions> descriptions(std::string_view toml) {
  auto scenario = Section::read_text(toml).value();
  return Descriptions::read(scenario);
}

TEST_CASE("descriptions: each that fits fills in what is missing, the first before the others") {
  const auto made = descriptions(R"toml(
[[describe]]
series = "*.laeq"
unit = "dB(A)"
quantity = {en = "noise level", fr = "niveau sonore"}
low = 20
high = 130
[[describe]]
series = ["noise-*", "sound-*"]
stage = "noise"
stage_name = {en = "Noise", fr = "Bruit"}
unit = "?"
)toml");
  REQUIRE(made);
  SeriesInfo info;
  info.entity = "noise-0001";
  info.attribute = "laeq";
  info.high = 120;
  made->complete(info);
  CHECK(info.unit == "dB(A)");
  CHECK(info.quantity.fr == "niveau sonore");
  CHECK(info.stage == "noise");
  CHECK(info.stage_name.en == "Noise");
  CHECK(info.low == 20);
  CHECK(info.high == 120);
  SeriesInfo other;
  other.entity = "bin-1";
  other.attribute = "filling";
  const auto before = other;
  made->complete(other);
  CHECK(other == before);

  SeriesTable table;
  SeriesInfo bare;
  bare.entity = "noise-2";
  bare.attribute = "battery";
  const auto id = table.declare(bare);
  made->complete(table);
  CHECK(table.size() == 1);
  CHECK(table[id].stage == "noise");
}

TEST_CASE("descriptions: what is wrong is said") {
  const auto problem = [](std::string_view toml) {
    const auto made = descriptions(toml);
    return made ? std::string() : made.error().what;
  };
  const auto says = [&](std::string_view toml, std::string_view words) {
    CAPTURE(problem(toml));
    return problem(toml).find(words) != std::string::npos;
  };
  CHECK(says("[[describe]]\nunit = 'm'", "'series' is missing"));
  CHECK(says("[[describe]]\nseries = '*'", "says nothing of them"));
  CHECK(says("[[describe]]\nseries = '*'\nlow = 2\nhigh = 2", "expected less than high"));
  CHECK(says("[[describe]]\nseries = '*'\nunit = 'm'\nlov = 1", "lov"));
}

}  // namespace
}  // namespace sosie
