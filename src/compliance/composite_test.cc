#include "compliance/composite.h"

#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "base/time_text.h"

namespace sosie {
namespace {

std::vector<HourMean> hours(const std::string& from, int count,
                            const std::function<double(int)>& value) {
  std::vector<HourMean> means;
  const auto start = from_iso8601(from).value_or(Timestamp{});
  means.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) means.push_back({start + std::chrono::hours(i), value(i)});
  return means;
}

Zone paris() {
  auto zone = Zone::find("Europe/Paris");
  REQUIRE(zone);
  return *zone;
}

int number_of(std::chrono::local_days day) {
  return static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day(day).day()));
}

TEST_CASE("composite: weighs by flow") {
  // 12 hours of 10 mg/l at 100 m3/h, 12 of 40 at 300: (1000 + 12000) / 400.
  const auto c = hours("2026-06-01T00:00:00Z", 24, [](int h) { return h < 12 ? 10 : 40; });
  const auto q = hours("2026-06-01T00:00:00Z", 24, [](int h) { return h < 12 ? 100 : 300; });
  CHECK(flow_weighted_mean(c, q).value_or(0) == doctest::Approx(32.5));
  CHECK(flow_weighted_mean(c, {}).value_or(0) == doctest::Approx(25));
  CHECK(!flow_weighted_mean({}, q));
}

TEST_CASE("composite: what is not known of the flow weighs as the rest of the day") {
  const auto c = hours("2026-06-01T00:00:00Z", 4, [](int h) { return h < 2 ? 10 : 40; });
  auto q = hours("2026-06-01T00:00:00Z", 4, [](int h) { return h < 2 ? 100 : 300; });
  q.erase(q.begin() + 3);  // 100, 100, 300, and the missing one as (100 + 100 + 300) / 3
  CHECK(flow_weighted_mean(c, q).value_or(0) ==
        doctest::Approx((2000 + 12000 + 40 * 500.0 / 3) / (500 + 500.0 / 3)));
}

TEST_CASE("composite: no water, no negative water") {
  const auto c = hours("2026-06-01T00:00:00Z", 4, [](int h) { return h < 2 ? 10 : 40; });
  const auto dry = hours("2026-06-01T00:00:00Z", 4, [](int) { return 0; });
  const auto below = hours("2026-06-01T00:00:00Z", 4, [](int h) { return h < 2 ? -3 : 5; });
  CHECK(flow_weighted_mean(c, dry).value_or(0) == doctest::Approx(25));
  CHECK(flow_weighted_mean(c, below).value_or(0) == doctest::Approx(40));
}

TEST_CASE("composite: spans begin where they are said to, and are named by their days") {
  // From 17:00 in Paris: 24 hours of 10, 24 of 20, six of 30.
  const auto c = hours("2026-06-01T15:00:00Z", 54, [](int h) { return 10 * (h / 24 + 1); });
  const auto q = hours("2026-06-01T15:00:00Z", 54, [](int) { return 50; });
  const auto from = *from_iso8601("2026-06-01T15:00:00Z");
  const auto spans = span_composites(c, q, from, paris(), composite_min_hours);
  REQUIRE(spans.size() == 2);
  CHECK(number_of(spans[0].day) == 1);
  CHECK(spans[0].value == doctest::Approx(10));
  CHECK(number_of(spans[1].day) == 2);
  CHECK(spans[1].value == doctest::Approx(20));
  CHECK(span_composites(c, {}, from, paris(), 6).size() == 3);
  const auto volumes = span_volumes(q, from, paris(), 6);
  REQUIRE(volumes.size() == 3);
  CHECK(volumes[2].value == doctest::Approx(1200));  // of a day at that flow
}

TEST_CASE("composite: a span of 24 h keeps its day where the clocks change") {
  // 00:30 in Paris before a day of 25 hours: the second span begins at 23:30 of the same day.
  const auto c = hours("2026-10-24T22:30:00Z", 48, [](int h) { return h / 24; });
  const auto spans = span_composites(c, {}, *from_iso8601("2026-10-24T22:30:00Z"), paris(), 18);
  REQUIRE(spans.size() == 2);
  CHECK(number_of(spans[0].day) == 25);
  CHECK(number_of(spans[1].day) == 26);
}

TEST_CASE("composite: days are the site's, and whole") {
  // From local midnight (22:00 UTC in summer): two whole days, then 17 hours.
  const auto c = hours("2026-05-31T22:00:00Z", 24 + 24 + 17, [](int h) { return h / 24; });
  const auto days = daily_composites(c, {}, paris());
  REQUIRE(days.size() == 2);
  CHECK(number_of(days[0].day) == 1);
  CHECK(days[0].value == 0);
  CHECK(number_of(days[1].day) == 2);
  CHECK(days[1].value == 1);
  CHECK(daily_composites(hours("2026-05-31T22:00:00Z", 18, [](int) { return 1; }), {}, paris())
            .size() == 1);
  CHECK(daily_composites({}, {}, paris()).empty());
}

TEST_CASE("composite: a day has 23 or 25 hours where the clocks change") {
  struct Case {
    const char* from;  // local midnight
    int hours;
    double m3;
  };
  for (const auto& c :
       {Case{"2026-03-28T23:00:00Z", 23, 2300}, Case{"2026-10-24T22:00:00Z", 25, 2500},
        Case{"2026-06-01T22:00:00Z", 24, 2400}, Case{"2026-06-01T22:00:00Z", 20, 2400}}) {
    CAPTURE(c.from);
    const auto volumes = daily_volumes(hours(c.from, c.hours, [](int) { return 100; }), paris());
    REQUIRE(volumes.size() == 1);
    CHECK(volumes[0].value == doctest::Approx(c.m3));
  }
}

}  // namespace
}  // namespace sosie
