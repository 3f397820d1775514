#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_machine(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("machine: the sample is valid, a typo is an Error") {
  const auto made =
      make_detector(register_detectors_machine,
                    Section::read_file(SOSIE_ROOT "/src/detectors/machine/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(make_detector(register_detectors_machine, "kind = 'machine'\nholt = '1m'")
            .error.find("holt") != std::string::npos);
}

std::vector<SeriesInfo> pump(std::string_view unit, std::string_view sensor_class = "S") {
  auto sensors = Rig::plain(1);
  sensors[0].unit = std::string(unit);
  sensors[0].sensor_class = std::string(sensor_class);
  sensors[0].low = 0;
  sensors[0].high = 5;
  return sensors;
}

/// Runs and stands in turn for two hours, then shows `shown` for five minutes.
template <class F>
Recorder heard(const std::vector<SeriesInfo>& sensors, F shown, bool is_saved = false) {
  Rig rig(sensors);
  auto made = make_detector(register_detectors_machine, "kind = 'machine'");
  made.detector->begin(rig.columns());
  for (int i = 0; i < 1440; ++i) made.detector->learn(rig.frame({i / 100 % 4 == 0 ? 0.0 : 1.0}));
  REQUIRE(made.detector->settle());
  if (is_saved) {
    const auto model = made.detector->save();
    made = make_detector(register_detectors_machine, "kind = 'machine'");
    made.detector->begin(rig.columns());
    REQUIRE(made.detector->load(model));
    CHECK(made.detector->save() == model);
  }
  Recorder recorder;
  for (int i = 0; i < 60; ++i) made.detector->look(rig.frame({shown(i)}), recorder);
  return recorder;
}

TEST_CASE("machine: what it says and what not") {
  Random random(1);
  const auto always = [](double value) { return [value](int) { return value; }; };
  CHECK(heard(pump("0/1/2"), always(1)).text() == "");
  CHECK(heard(pump("0/1/2"), always(0)).text() == "");
  CHECK(heard(pump("0/1/2"), always(2)).text() == "command 0");
  CHECK(heard(pump("0/1/2"), always(2), true).text() == "command 0");
  CHECK(heard(pump(""), always(1)).text() == "");
  CHECK(heard(pump(""), always(3)).text() == "command 0");  // it never was in
  CHECK(heard(pump(""), always(3), true).text() == "command 0");
  CHECK(heard(pump(""), always(7)).text() == "");            // no state at all
  CHECK(heard(pump("0/1/2", "A"), always(2)).text() == "");  // a measured quantity
  const auto for_a_moment = [](int i) { return i == 5 ? 2.0 : 1.0; };
  CHECK(heard(pump("0/1/2"), for_a_moment).text() == "");
  const auto trembling = [&](int) { return 1 + 0.03 * random.normal(); };
  CHECK(heard(pump("0/1/2"), trembling).text() == "");
  CHECK(heard(pump(""), trembling).text() == "");
  const auto back = [](int i) { return i < 10 ? 2.0 : 1.0; };
  const auto over = heard(pump("0/1/2"), back);
  CHECK(over.text() == "command 0, -command 0");
  CHECK(over.symptoms.front().value == 2);
  CHECK(over.symptoms.front().expected == 1);
}

TEST_CASE("machine: a fault in learning is a fault all the same; a number of many values is none") {
  Rig rig(pump("0/1/2"));
  auto made = make_detector(register_detectors_machine, "kind = 'machine'");
  made.detector->begin(rig.columns());
  for (int i = 0; i < 2000; ++i) made.detector->learn(rig.frame({i < 1800 ? 2.0 : 1.0}));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 60; ++i) made.detector->look(rig.frame({2}), recorder);
  CHECK(recorder.text() == "command 0");
  CHECK(recorder.symptoms.front().expected == 1);

  Rig other(pump(""));
  made = make_detector(register_detectors_machine, "kind = 'machine'");
  made.detector->begin(other.columns());
  for (int i = 0; i < 2000; ++i) {
    made.detector->learn(other.frame({static_cast<double>(i % 20) / 5}));
  }
  REQUIRE(made.detector->settle());
  Recorder none;
  for (int i = 0; i < 60; ++i) made.detector->look(other.frame({4.9}), none);
  CHECK(none.text() == "");
}

}  // namespace
}  // namespace sosie
