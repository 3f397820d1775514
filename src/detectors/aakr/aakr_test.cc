#include "testing/whole_detector.h"

namespace sosie {
void register_detectors_aakr(Catalog& catalog);

namespace {

const testing::WholeDetectorCheck check(register_detectors_aakr, "aakr");

TEST_CASE("aakr: the sample is valid, what is none is an Error") {
  check.sample(
      {"vecors = 100", "vectors = 1", "sample = \"0s\"", "rows = 10", "false_alarms_per_day = 0"});
}

TEST_CASE("aakr: sensors that no longer go together are told, with who they are") {
  check.tells(120);
}

TEST_CASE("aakr: keeps to its budget on other days of the same, and says what it expects") {
  CHECK(check.false_episodes() <= 16);  // 40 days; learned from five, a tenth a day is an estimate
}

TEST_CASE("aakr: what was learned survives; a damaged model is refused") {
  check.survives();
}

TEST_CASE("aakr: too little to learn from gives nothing; a silent sensor is ordinary") {
  check.bears_little();
}

}  // namespace
}  // namespace sosie
