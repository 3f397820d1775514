#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_rate(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("rate: the sample is valid, a typo is an Error") {
  const auto made = make_detector(register_detectors_rate,
                                  Section::read_file(SOSIE_ROOT "/src/detectors/rate/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(make_detector(register_detectors_rate, "kind = 'rate'\nmargn = 2").error.find("margn") !=
        std::string::npos);
}

/// A slow wave and noise; `extra(i)` is added.
template <class F>
void run(Detector& detector, Rig& rig, Random& random, int frames, F use, double (*extra)(int)) {
  for (int i = 0; i < frames; ++i) {
    const double wave =
        10 * std::sin(static_cast<double>(rig.now().time_since_epoch().count()) / 86400e6 * 6.283);
    use(detector, rig.frame({wave + random.normal() + extra(i)}));
  }
}

std::string told(double (*extra)(int), double (*while_learning)(int) = [](int) { return 0.0; }) {
  auto made = make_detector(register_detectors_rate, "kind = 'rate'");
  Rig rig(Rig::plain(1));
  Random random(3);
  made.detector->begin(rig.columns());
  run(
      *made.detector, rig, random, 17280, [](Detector& d, const Frame& f) { d.learn(f); },
      while_learning);
  REQUIRE(made.detector->settle());
  Recorder recorder;
  run(
      *made.detector, rig, random, 17280, [&](Detector& d, const Frame& f) { d.look(f, recorder); },
      extra);
  return recorder.text();
}

TEST_CASE("rate: silent on another day of the same, over twenty seeds") {
  std::size_t symptoms = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto made = make_detector(register_detectors_rate, "kind = 'rate'");
    Rig rig(Rig::plain(1));
    Random random(seed);
    made.detector->begin(rig.columns());
    const auto nothing = [](int) { return 0.0; };
    run(
        *made.detector, rig, random, 8640, [](Detector& d, const Frame& f) { d.learn(f); },
        nothing);
    REQUIRE(made.detector->settle());
    Recorder recorder;
    run(
        *made.detector, rig, random, 8640,
        [&](Detector& d, const Frame& f) { d.look(f, recorder); }, nothing);
    symptoms += recorder.symptoms.size();
  }
  CHECK(symptoms == 0);
}

TEST_CASE("rate: a jump that stays, one that comes back, and a creep") {
  CHECK(told([](int i) { return i >= 5000 ? 15.0 : 0.0; }) == "rate 0, -rate 0");
  CHECK(told([](int i) { return i == 5000 ? -15.0 : 0.0; }) == "spike 0, -spike 0");
  CHECK(told([](int i) { return i * 0.01; }) == "");
}

TEST_CASE("rate: spikes nobody labelled in training do not hide a jump") {
  CHECK(told([](int i) { return i >= 5000 ? 100.0 : 0.0; },
             [](int i) { return i % 2000 == 7 ? 20.0 : 0.0; }) == "rate 0, -rate 0");
}

TEST_CASE("rate: a sensor that holds its value is judged by its own steps") {
  auto made = make_detector(register_detectors_rate, "kind = 'rate'");
  Rig rig(Rig::plain(1));
  Random random(5);
  made.detector->begin(rig.columns());
  double held = 0;
  const auto next = [&](int i) {
    if (i % 20 == 0) held = 10 * random.normal();
    return rig.frame({held});
  };
  for (int i = 0; i < 20000; ++i) made.detector->learn(next(i));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 20000; ++i) made.detector->look(next(i), recorder);
  CHECK(recorder.text() == "");
}

TEST_CASE("rate: a jump right after a pump of the stage switched is excused, elsewhere not") {
  std::vector<SeriesInfo> sensors = Rig::plain(3);
  sensors[0].sensor_class = "S";
  sensors[0].stage = sensors[1].stage = "a";
  sensors[2].stage = "b";
  auto made = make_detector(register_detectors_rate, "kind = 'rate'");
  Rig rig(sensors);
  Random random(5);
  made.detector->begin(rig.columns());
  for (int i = 0; i < 4000; ++i) {
    made.detector->learn(rig.frame({1.0, random.normal(), random.normal()}));
  }
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 20; ++i) {
    const double on = i >= 10 ? 1 : 0;
    made.detector->look(rig.frame({1 + on, 20 * on + random.normal(), 20 * on + random.normal()}),
                        recorder);
  }
  CHECK(recorder.text() == "rate 2");
}

TEST_CASE("rate: a state that trembles has not switched, and excuses nothing") {
  std::vector<SeriesInfo> sensors = Rig::plain(2);
  sensors[0].sensor_class = "S";
  sensors[0].unit = "0/1/2";
  auto made = make_detector(register_detectors_rate, "kind = 'rate'");
  Rig rig(sensors);
  Random random(5);
  made.detector->begin(rig.columns());
  for (int i = 0; i < 4000; ++i) made.detector->learn(rig.frame({1.0, random.normal()}));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 40; ++i) {
    const double jump = i == 20 ? 20 : 0;
    made.detector->look(rig.frame({1 + 0.05 * random.normal(), jump + random.normal()}), recorder);
  }
  CHECK(recorder.text() == "spike 1");
}

TEST_CASE("rate: where all change ten times as much, each is judged by how it is now") {
  constexpr std::size_t n = 12;
  auto made = make_detector(register_detectors_rate, "kind = 'rate'");
  Rig rig(Rig::plain(n));
  Random random(9);
  made.detector->begin(rig.columns());
  std::vector<double> values(n);
  const auto frame = [&](double times, double jump) {
    for (double& value : values) value = times * random.normal();
    values[3] += jump;
    return rig.frame(values);
  };
  for (int i = 0; i < 17280; ++i) made.detector->learn(frame(1, 0));
  REQUIRE(made.detector->settle());
  Recorder at_first;
  for (int i = 0; i < 400; ++i) made.detector->look(frame(10, 0), at_first);
  CHECK(!at_first.symptoms.empty());
  Recorder then;
  for (int i = 0; i < 8000; ++i) made.detector->look(frame(10, 0), then);
  for (const auto& s : then.symptoms) CHECK(!s.active);  // what began at first ends
  Recorder spikes;  // seven deviations of what each trembles now
  for (int i = 0; i < 60; ++i) made.detector->look(frame(10, i % 20 == 9 ? 75 : 0), spikes);
  CHECK(spikes.text().starts_with("spike 3"));
  for (int i = 0; i < 200; ++i) made.detector->look(frame(10, 0), spikes);
  Recorder one;
  for (int i = 0; i < 10; ++i) made.detector->look(frame(10, i < 5 ? 0 : 300), one);
  REQUIRE(!one.symptoms.empty());
  CHECK(one.symptoms.front().column == 3);
}

/// Twelve sensors that all tremble ten times as much as they learned; the third has, now and then,
/// values that are too near the others to be told one by one.
TEST_CASE("rate: where all are restless, small spikes are told by their number") {
  constexpr std::size_t n = 12;
  auto made = make_detector(register_detectors_rate, "kind = 'rate'");
  Rig rig(Rig::plain(n));
  Random random(12);
  made.detector->begin(rig.columns());
  std::vector<double> values(n);
  const auto frame = [&](double times, double off) {
    for (double& value : values) value = times * random.normal();
    values[3] += off;
    return rig.frame(values);
  };
  for (int i = 0; i < 17280; ++i) made.detector->learn(frame(1, 0));
  REQUIRE(made.detector->settle());
  Recorder at_first;
  for (int i = 0; i < 2000; ++i) made.detector->look(frame(10, 0), at_first);
  Recorder ordinary;
  for (int i = 0; i < 2 * 17280; ++i) made.detector->look(frame(10, 0), ordinary);
  CHECK(ordinary.text() == "");
  Recorder steps;  // a jump that stays is no spike, however often
  for (int i = 0; i < 4000; ++i) made.detector->look(frame(10, i / 200 % 2 == 0 ? 20 : 0), steps);
  CHECK(steps.text() == "");
  Recorder spikes;
  for (int i = 0; i < 400; ++i) made.detector->look(frame(10, i % 20 == 9 ? 45 : 0), spikes);
  REQUIRE(!spikes.symptoms.empty());
  for (const auto& s : spikes.symptoms) {
    CHECK(s.column == 3);
    CHECK(s.kind == SymptomKind::spike);
    CHECK(s.value - s.expected == doctest::Approx(45).epsilon(0.6));
  }
}

TEST_CASE("rate: what was learned survives") {
  auto first = make_detector(register_detectors_rate, "kind = 'rate'");
  Rig rig(Rig::plain(1));
  Random random(5);
  first.detector->begin(rig.columns());
  for (int i = 0; i < 4000; ++i) first.detector->learn(rig.frame({random.normal()}));
  REQUIRE(first.detector->settle());
  const auto model = first.detector->save();
  auto second = make_detector(register_detectors_rate, "kind = 'rate'");
  second.detector->begin(rig.columns());
  REQUIRE(second.detector->load(model));
  CHECK(second.detector->save() == model);
  Recorder recorder;
  for (const double value : {0.0, 0.1, 50.0, 50.1, 50.2, 50.1}) {
    second.detector->look(rig.frame({value}), recorder);
  }
  CHECK(recorder.text() == "rate 0");
  CHECK(second.detector->load("").error().code == Errc::corrupt);
}

}  // namespace
}  // namespace sosie
