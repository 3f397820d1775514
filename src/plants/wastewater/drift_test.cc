#include "plants/wastewater/drift.h"

#include <cmath>

#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

std::vector<SensorRow> drifting_list() {
  auto rows = read_sensor_list(SOSIE_ROOT "/scenarios/traffeyere/sensors.csv", "t");
  REQUIRE(rows);
  return std::move(rows).value();
}

std::size_t row_of(const std::vector<SensorRow>& rows, std::string_view tag) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].info.entity == tag) return i;
  }
  FAIL("no sensor ", std::string(tag));
  return 0;
}

TEST_CASE(
    "drift: each kind of sensor by its share of the span a day, from its calibration's rest") {
  struct Case {
    const char* tag;
    double of_span_per_day;
  };
  const auto rows = drifting_list();
  Drift drift(rows, Random(3), true);
  drift.start(std::vector<double>(rows.size()));
  const std::vector<double> before(drift.off().begin(), drift.off().end());
  for (int i = 0; i < steps_a_day; ++i) drift.step();
  for (const Case& c : {Case{"AIT-306-DO", 0.002},
                        {"AIT-102-PH", 0.001},
                        {"AIT-109-NH4", 0.005},
                        {"AIT-310-NO3", 0.005},
                        {"AIT-106-TSS", 0.004},
                        {"AIT-105-TURB", 0.004},
                        {"FIT-101", 0},
                        {"AIT-211-PO4", 0},
                        {"YS-114", 0}}) {
    CAPTURE(c.tag);
    const std::size_t i = row_of(rows, c.tag);
    const double span = rows[i].high - rows[i].low;
    CHECK(std::abs(drift.off()[i] - before[i]) ==
          doctest::Approx(c.of_span_per_day * span).epsilon(1e-6));
    CHECK(usual_drift_per_day(rows[i]) == c.of_span_per_day);
    if (c.of_span_per_day == 0) CHECK(before[i] == 0);
  }
  CHECK(drift.off()[row_of(rows, "AIT-106-TSS")] > before[row_of(rows, "AIT-106-TSS")]);
}

TEST_CASE("drift: what is left after a calibration is a hundredth of the span, in its deviation") {
  const auto rows = drifting_list();
  Drift drift(rows, Random(3), true);
  const std::size_t oxygen = row_of(rows, "AIT-306-DO");
  double sum = 0;
  double squares = 0;
  constexpr int calibrations = 4000;
  for (int i = 0; i < calibrations; ++i) {
    drift.calibrated(oxygen);
    sum += drift.off()[oxygen];
    squares += drift.off()[oxygen] * drift.off()[oxygen];
  }
  CHECK(std::abs(sum / calibrations) < 0.01);
  CHECK(std::sqrt(squares / calibrations) == doctest::Approx(0.1).epsilon(0.05));
}

TEST_CASE("drift: none where none is wanted; its state goes on as it was") {
  const auto rows = drifting_list();
  Drift none(rows, Random(3), false);
  none.start(std::vector<double>(rows.size(), 7));
  none.step();
  for (const double off : none.off()) CHECK(off == 0);
  Drift a(rows, Random(3), true);
  a.start(std::vector<double>(rows.size(), 7));
  std::string state;
  a.save(state);
  Drift b(rows, Random(4), true);
  std::string_view rest = state;
  REQUIRE(b.load(rest));
  CHECK(rest.empty());
  a.step();
  b.step();
  CHECK(std::ranges::equal(a.off(), b.off()));
}

/// In the station: shown by its sensors, reset by their service, heard by its loops, in no label.
TEST_CASE("drift: a station's oxygen sensor is off, and its loop keeps to what it says") {
  Station sound(7, "2026-05-05T00:00:00Z", 0, "dry");
  Station drifting(7, "2026-05-05T00:00:00Z", 0, "dry", "drift = true\n");
  sound.live(12 * steps_an_hour);
  drifting.live(12 * steps_an_hour);
  const std::size_t ammonia = sound.index("AIT-308-NH4");
  const std::size_t oxygen = sound.index("AIT-306-DO");
  double apart = 0;
  for (int i = 0; i < steps_an_hour; ++i) {
    sound.step();
    drifting.step();
    apart += std::abs(sound.values[ammonia].value - drifting.values[ammonia].value);
    CHECK(drifting.values[oxygen].value == doctest::Approx(2).epsilon(0.25));
  }
  CHECK(apart / steps_an_hour > 0.1);
  CHECK(drifting.labels.heard.empty());
}

}  // namespace
}  // namespace sosie::wastewater
