#include "detectors/forest/measure.h"

#include <doctest/doctest.h>

namespace sosie::forest {
namespace {

TEST_CASE("measure: every figure was measured") {
  const auto times = time_forest(20, 50);
  REQUIRE(times);
  CHECK(times->features == 40);
  CHECK(times->trees == 50);
  CHECK(times->splits > 50);
  for (const CallTimes* t : {&times->row.score, &times->row.explained, &times->look,
                             &times->look_and_tell, &times->train}) {
    CHECK(t->calls >= 10);
    CHECK(t->p50_us > 0);
    CHECK(t->p50_us <= t->p95_us);
    CHECK(t->p95_us <= t->p99_us);
  }
  CHECK(times->look.p50_us < times->look_and_tell.p50_us);
  CHECK(to_json(*times).starts_with("{\"sensors\": 20, \"features\": 40, \"trees\": 50, "));
}

}  // namespace
}  // namespace sosie::forest
