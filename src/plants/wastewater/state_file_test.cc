#include "plants/wastewater/state_file.h"

#include <bit>
#include <cstddef>

#include "plants/wastewater/bsm1_golden_test.h"

namespace sosie::bsm1 {
namespace {

TEST_CASE("state file: what is written is read, bit for bit") {
  Bsm1 plant = made({.control = Control::closed});
  well(plant.feed(constant_inflow()));
  well(plant.live(0.1));
  const auto read = parse_state(state_text(plant), "state.csv", plant.config());
  REQUIRE_MESSAGE(read, (read ? "" : read.error().what));
  using Bytes = std::array<std::byte, sizeof(WorksState)>;
  CHECK(std::bit_cast<Bytes>(read->works) == std::bit_cast<Bytes>(plant.state().works));
  CHECK(read->loops.kla_per_d.out() == plant.kla_5(plant.state()));
  CHECK(read->loops.internal_m3_d == plant.duty().internal_m3_d);
}

TEST_CASE("state file: what cannot be is told with file, line and value") {
  const Bsm1 plant = made({});
  const std::string good = state_text(plant);
  struct Case {
    const char* what = "";
    std::string text;
    const char* expected = "";
  };
  for (const Case& c : {
           Case{"negative", "reactor1,-30\n", "s.csv:1: SI is '-30'; expected a number, 0 or more"},
           Case{"unknown place", good + "reactor6,1\n",
                "s.csv:19: 'reactor6'; expected reactor1 to reactor5, layer1 to layer10, kLa5 or "
                "Qa"},
           Case{"a row lacks", good.substr(0, good.find("layer10")), "s.csv: no row 'layer10'"},
           Case{"a field lacks", "layer1,30\n", "s.csv:1: SS is ''; expected a number, 0 or more"},
       }) {
    CAPTURE(c.what);
    const auto read = parse_state(c.text, "s.csv", plant.config());
    REQUIRE(!read);
    CHECK(read.error().what == c.expected);
  }
}

}  // namespace
}  // namespace sosie::bsm1
