#include "plants/wastewater/instruments.h"

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
  std::vector<PlantValue> values(1);
  double before = 0;
  for (int step = 1;; ++step) {
    instruments.step(process, none, nobody, values);
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

}  // namespace
}  // namespace sosie::wastewater
