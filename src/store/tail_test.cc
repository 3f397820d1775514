#include "store/tail.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

Reading at_second(int second, double value, QualityReason reason = QualityReason::none) {
  const auto quality = reason == QualityReason::none ? Quality::good : Quality::bad;
  return {Timestamp(std::chrono::seconds(second)), value, SeriesId{5}, quality, reason};
}

std::vector<Reading> all_of(const Tail& tail) {
  std::vector<Reading> all;
  tail.copy_to({5}, all);
  return all;
}

TEST_CASE("tail: what was put in comes out, however it was cut") {
  std::vector<Reading> readings;
  for (int i = 0; i < 40; ++i) {
    readings.push_back(
        at_second(i * i, i / 3.0, i % 7 == 0 ? QualityReason::sensor_fault : QualityReason::none));
  }
  for (const std::size_t step : {1U, 2U, 3U, 17U, 40U}) {
    CAPTURE(step);
    Tail tail;
    CHECK(tail.empty());
    for (std::size_t i = 0; i < readings.size(); i += step) {
      tail.append(std::span(readings).subspan(i, std::min(step, readings.size() - i)));
    }
    CHECK(tail.size() == 40);
    CHECK(tail.oldest() == readings.front().at);
    CHECK(tail.newest() == readings.back().at);
    CHECK(all_of(tail) == readings);
    tail.assign(std::span(readings).last(3));
    tail.append({});
    CHECK(all_of(tail) == std::vector(readings.end() - 3, readings.end()));
    tail.assign({});
    CHECK(tail.empty());
    CHECK(all_of(tail).empty());
  }
}

}  // namespace
}  // namespace sosie
