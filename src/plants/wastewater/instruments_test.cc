#include "plants/wastewater/instruments.h"

#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "plants/wastewater/process.h"

namespace sosie::wastewater {
namespace {

/// Seconds until a sensor without noise says 90 % of a step, between two values by a straight line.
double answers_after_s(int lags, double t90_s) {
  static double truth = 0;  // static: a probe is a plain function
  static constexpr Probe probe{"X", [](const Process&) { return truth; }};
  SensorRow row;
  row.probe = &probe;
  row.lags = lags;
  row.t90_s = t90_s;
  row.per_unit = 1e9;
  truth = 0;
  const Process process(125000, Random(1));
  Instruments instruments({row}, 1, process);
  truth = 1;
  const std::vector<Tamper> none(1);
  const std::vector<std::uint8_t> nobody(1);
  const std::vector<double> nothing(1);
  std::vector<PlantValue> values(1);
  double before = 0;
  for (int step = 1;; ++step) {
    instruments.step(process, {none, {}}, {nobody, nothing}, values);
    const double now = values[0].value;
    if (now >= 0.9) return 5 * (step - (now - 0.9) / (now - before));
    before = now;
  }
}

TEST_CASE("instruments: a sensor's answer to a step is 90 % after its class's time") {
  struct Case {
    const char* name;
    int lags;
    double t90_s;
  };
  for (const Case& c : {Case{"A", 2, 60}, {"B0 and B1", 8, 600}, {"C0 and C1", 8, 1200}}) {
    CAPTURE(c.name);
    CHECK(answers_after_s(c.lags, c.t90_s) == doctest::Approx(c.t90_s).epsilon(0.001));
  }
}

/// BSM1's noise: 2.5 % of the range, a new one a minute (sensorinit.m); a state has none.
TEST_CASE("instruments: the benchmark's noise is 2.5 % of the range, and holds for a minute") {
  static constexpr Probe probe{"X", [](const Process&) { return 0.0; }};
  SensorRow row;
  row.probe = &probe;
  row.low = -20;
  row.high = 20;
  row.t90_s = 60;
  row.noise_sd = 0.1;
  row.per_unit = 1e6;
  CHECK(sensor_noise(row, NoiseLaw::benchmark) == doctest::Approx(1));
  CHECK(sensor_noise(row, NoiseLaw::own) == 0.1);
  const Process process(125000, Random(1));
  Instruments instruments({row}, 1, process, NoiseLaw::benchmark);
  const std::vector<Tamper> none(1);
  const std::vector<std::uint8_t> nobody(1);
  const std::vector<double> nothing(1);
  std::vector<PlantValue> values(1);
  constexpr int minutes = 4000;
  constexpr int steps_a_minute = 12;
  double squares = 0;
  int changes = 0;
  double before = 1e9;
  for (int i = 0; i < minutes * steps_a_minute; ++i) {
    instruments.step(process, {none, {}}, {nobody, nothing}, values);
    squares += values[0].value * values[0].value;
    changes += values[0].value != before ? 1 : 0;
    before = values[0].value;
  }
  CHECK(std::sqrt(squares / (minutes * steps_a_minute)) == doctest::Approx(1).epsilon(0.04));
  CHECK(changes == minutes);
  row.noise_sd = 0;
  CHECK(sensor_noise(row, NoiseLaw::benchmark) == 0);
}

TEST_CASE("noise lanes: each is normal, and goes its own way") {
  NoiseLanes lanes;
  NoiseLanes others;
  for (std::size_t i = 0; i < NoiseLanes::lanes; ++i) {
    lanes.seed(i, Random(i));
    others.seed(i, Random(i == 3 ? 3 : 100 + i));
  }
  constexpr int draws = 200000;
  std::array<double, NoiseLanes::lanes> z{};
  std::array<double, NoiseLanes::lanes> other{};
  std::array<double, 5> moments{};
  double product = 0;
  int beyond_2 = 0;
  bool same = true;
  for (int k = 0; k < draws; ++k) {
    lanes.next(z.data());
    others.next(other.data());
    same = same && z[3] == other[3];
    double power = 1;
    for (double& moment : moments) {
      moment += power / draws;
      power *= z[3];
    }
    product += z[3] * z[4] / draws;
    beyond_2 += std::abs(z[3]) > 2 ? 1 : 0;
  }
  CHECK(same);
  CHECK(std::abs(moments[1]) < 0.01);
  CHECK(moments[2] == doctest::Approx(1).epsilon(0.01));
  CHECK(std::abs(moments[3]) < 0.03);
  CHECK(moments[4] == doctest::Approx(3).epsilon(0.03));
  CHECK(std::abs(product) < 0.01);
  CHECK(beyond_2 / static_cast<double>(draws) == doctest::Approx(0.0455).epsilon(0.03));
}

}  // namespace
}  // namespace sosie::wastewater
