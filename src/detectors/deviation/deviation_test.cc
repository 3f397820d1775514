#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_deviation(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("deviation: the sample is valid, a typo is an Error") {
  const auto made =
      make_detector(register_detectors_deviation,
                    Section::read_file(SOSIE_ROOT "/src/detectors/deviation/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(make_detector(register_detectors_deviation, "kind = 'deviation'\nmargn = 2")
            .error.find("margn") != std::string::npos);
}

/// A daily wave and noise, at 5 minutes.
struct Wave {
  Rig rig{Rig::plain(1), std::chrono::minutes(5)};
  Random random{9};
  int step = 0;
  Frame frame(double extra) {
    const double wave = 10 * std::sin(step++ / 288.0 * 6.28318);
    return rig.frame({wave + random.normal() + extra});
  }
};

TEST_CASE("deviation: silent for a month of the same; finds an outage and its end") {
  auto made = make_detector(register_detectors_deviation, "kind = 'deviation'");
  Wave wave;
  made.detector->begin(wave.rig.columns());
  for (int i = 0; i < 288 * 7; ++i) made.detector->learn(wave.frame(0));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 288 * 30; ++i) made.detector->look(wave.frame(0), recorder);
  CHECK(recorder.text() == "");
  for (int i = 0; i < 24; ++i) made.detector->look(wave.frame(-60), recorder);
  CHECK(recorder.text() == "deviation 0");
  CHECK(recorder.symptoms.front().value < recorder.symptoms.front().low);
  for (int i = 0; i < 144; ++i) made.detector->look(wave.frame(0), recorder);
  CHECK(recorder.text() == "deviation 0, -deviation 0");
}

TEST_CASE("deviation: a step to a new level is accepted in the end") {
  auto made = make_detector(register_detectors_deviation, "kind = 'deviation'");
  Wave wave;
  made.detector->begin(wave.rig.columns());
  for (int i = 0; i < 288 * 7; ++i) made.detector->learn(wave.frame(0));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 288 * 7; ++i) made.detector->look(wave.frame(80), recorder);
  REQUIRE(!recorder.symptoms.empty());
  CHECK(recorder.symptoms.front().active);
  CHECK(!recorder.symptoms.back().active);
}

TEST_CASE("deviation: what was learned survives") {
  auto first = make_detector(register_detectors_deviation, "kind = 'deviation'");
  Wave wave;
  first.detector->begin(wave.rig.columns());
  for (int i = 0; i < 288 * 3; ++i) first.detector->learn(wave.frame(0));
  REQUIRE(first.detector->settle());
  const auto model = first.detector->save();
  REQUIRE(!model.empty());
  auto second = make_detector(register_detectors_deviation, "kind = 'deviation'");
  second.detector->begin(wave.rig.columns());
  REQUIRE(second.detector->load(model));
  CHECK(second.detector->save() == model);
  Recorder recorder;
  for (int i = 0; i < 200; ++i) second.detector->look(wave.frame(0), recorder);
  second.detector->look(wave.frame(200), recorder);
  CHECK(recorder.text() == "deviation 0");
}

}  // namespace
}  // namespace sosie
