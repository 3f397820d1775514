#include "testing/whole_detector.h"

namespace sosie {
void register_detectors_pca(Catalog& catalog);

namespace {

const testing::WholeDetectorCheck check(register_detectors_pca, "pca");

TEST_CASE("pca: the sample is valid, what is none is an Error") {
  check.sample({"varianc = 0.9", "variance = 1", "sample = \"0s\"", "rows = 10",
                "false_alarms_per_day = 0"});
}

TEST_CASE("pca: sensors that no longer go together are told, with who they are") {
  check.tells(120);
}

TEST_CASE("pca: keeps to its budget on other days of the same, and says what it expects") {
  CHECK(check.false_episodes() <= 10);  // 40 days at one in ten
}

TEST_CASE("pca: what was learned survives; a damaged model is refused") {
  check.survives();
}

TEST_CASE("pca: too little to learn from gives nothing; a silent sensor is ordinary") {
  check.bears_little();
}

}  // namespace
}  // namespace sosie
