#include "testing/whole_detector.h"

namespace sosie {
void register_detectors_contrast(Catalog& catalog);

namespace {

const testing::WholeDetectorCheck check(register_detectors_contrast, "contrast");

TEST_CASE("contrast: the sample is valid, what is none is an Error") {
  check.sample({"windows = 3", "sample = \"0s\"", "rows = 10", "false_alarms_per_day = 0"});
}

TEST_CASE("contrast: sensors that no longer go together are told, with who they are") {
  check.tells(500);  // to come back is a change, too
}

TEST_CASE("contrast: keeps to its budget on other days of the same, and says what it expects") {
  CHECK(check.false_episodes() <= 10);  // 40 days at one in ten
}

TEST_CASE("contrast: what was learned survives; a damaged model is refused") {
  check.survives();
}

TEST_CASE("contrast: too little to learn from gives nothing; a silent sensor is ordinary") {
  check.bears_little();
}

}  // namespace
}  // namespace sosie
