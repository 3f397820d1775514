#include "twin/live/latest.h"

#include <thread>

#include <doctest/doctest.h>

namespace sosie {
namespace {

Reading reading(std::uint32_t series, int second, double value) {
  return {Timestamp(std::chrono::seconds(second)), value, SeriesId{series}};
}

TEST_CASE("latest is by event time, whatever the order of arrival") {
  Latest latest;
  CHECK_FALSE(latest.read(SeriesId{5}).has_value());
  CHECK(latest.put(reading(5, 10, 1)) == Latest::Put::younger);
  CHECK(latest.put(reading(5, 9, 2)) == Latest::Put::late);
  CHECK(latest.put(reading(5, 10, 1)) == Latest::Put::as_old);
  CHECK(latest.read(SeriesId{5})->value == 1);
  auto bad = reading(5, 11, 3);
  bad.quality = Quality::bad;
  bad.reason = QualityReason::out_of_range;
  CHECK(latest.put(bad) == Latest::Put::younger);
  CHECK(latest.read(SeriesId{5}) == bad);
  CHECK(latest.put(reading(3'000'000, 1, 7)) == Latest::Put::younger);
  CHECK(latest.read(SeriesId{3'000'000})->value == 7);
  CHECK_FALSE(latest.read(SeriesId{0xFFFFFFFF}).has_value());
}

TEST_CASE("a reader never sees half of a reading") {
  Latest latest;
  latest.put(reading(0, 0, 0));
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 1; !stop.stop_requested(); ++i) latest.put(reading(0, i, i));
  });
  for (int i = 0; i < 200'000; ++i) {
    const auto seen = latest.read(SeriesId{0});
    const auto second = std::chrono::duration<double>(seen->at.time_since_epoch()).count();
    REQUIRE(seen->value == second);
  }
}

}  // namespace
}  // namespace sosie
