#include "models/left_out.h"

#include <doctest/doctest.h>

namespace sosie::models {
namespace {

Timestamp at_minute(int after) {
  return Timestamp(std::chrono::hours(490'000) + std::chrono::minutes(after));
}

TEST_CASE("left out: stretches of one column that overlap are one") {
  const auto found = joined({{1, at_minute(50), at_minute(60)},
                             {0, at_minute(20), at_minute(30)},
                             {1, at_minute(10), at_minute(40)},
                             {1, at_minute(40), at_minute(45)},
                             {0, at_minute(0), at_minute(90)}});
  CHECK(found == std::vector<Doubtful>{{0, at_minute(0), at_minute(90)},
                                       {1, at_minute(10), at_minute(45)},
                                       {1, at_minute(50), at_minute(60)}});
  CHECK(joined({}).empty());
}

TEST_CASE("left out: a fault is, and what a column does a quarter of its time or more is not") {
  const std::vector<Doubtful> doubtful{{0, at_minute(0), at_minute(9)},
                                       {2, at_minute(0), at_minute(39)}};
  const auto made =
      left_out(doubtful, {{.values = 100, .doubtful = 10}, {.values = 100}, {100, 40}, {100, 0}});
  CHECK(made.stretches == std::vector<Doubtful>{{0, at_minute(0), at_minute(9)}});
  CHECK(made.ways_of_life == std::vector<std::size_t>{2});
  CHECK(made.share == doctest::Approx(0.025));
  CHECK_FALSE(made.is_life);
  // Of a column with few values the share is of these.
  CHECK(left_out(doubtful, {{100, 10}, {100, 0}, {1000, 40}}).ways_of_life.empty());
}

TEST_CASE("left out: nothing, where it is more than a tenth of all") {
  const std::vector<Doubtful> doubtful{{0, at_minute(0), at_minute(19)},
                                       {1, at_minute(50), at_minute(69)}};
  const auto made = left_out(doubtful, {{100, 20}, {100, 20}});
  CHECK(made.is_life);
  CHECK(made.stretches.empty());
  CHECK(made.share == doctest::Approx(0.2));
}

TEST_CASE("left out: of columns without a value nothing is asked") {
  const auto made = left_out({}, {{}, {}});
  CHECK_FALSE(made.is_life);
  CHECK(made.ways_of_life.empty());
  CHECK(made.share == 0);
}

}  // namespace
}  // namespace sosie::models
