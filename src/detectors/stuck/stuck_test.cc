#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_stuck(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("stuck: the sample is valid, a typo is an Error") {
  const auto made = make_detector(
      register_detectors_stuck, Section::read_file(SOSIE_ROOT "/src/detectors/stuck/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(make_detector(register_detectors_stuck, "kind = 'stuck'\nmargn = 2").error.find("margn") !=
        std::string::npos);
}

/// Learns from what `value(i)` gives, then looks at what `later(i)` gives.
template <class F, class G>
Recorder told(int learned, F value, int looked, G later) {
  auto made = make_detector(register_detectors_stuck, "kind = 'stuck'");
  Rig rig(Rig::plain(1));
  made.detector->begin(rig.columns());
  for (int i = 0; i < learned; ++i) made.detector->learn(rig.frame({value(i)}));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < looked; ++i) made.detector->look(rig.frame({later(i)}), recorder);
  return recorder;
}

double rounded(Random& random) {
  return std::round(random.normal() * 20) / 10;
}

TEST_CASE("stuck: a noisy sensor that freezes, and moves again") {
  Random random(1);
  double last = 0;
  const auto value = [&](int) { return last = rounded(random); };
  const auto frozen = [&](int i) { return i >= 100 && i < 400 ? last : value(i); };
  const auto heard = told(10000, value, 600, frozen);
  REQUIRE(heard.symptoms.size() >= 2);
  const auto& first = heard.symptoms.front();
  CHECK(first.at - first.since <= std::chrono::minutes(2));
  CHECK(first.value == heard.symptoms[1].value);
  CHECK(!heard.symptoms.back().active);
  CHECK(heard.symptoms[heard.symptoms.size() - 2].score > first.score);  // the longer, the surer
}

TEST_CASE("stuck: a calibration between two equal values ends the run of the first") {
  Random random(4);
  double last = 0;
  const auto held = [&](int i) { return last = i % 60 == 0 ? rounded(random) : last; };
  // The value before a calibration comes again after it; neither lasts too long.
  const auto serviced = [&](int i) {
    if (i < 3000) return held(i);
    return i < 3200 || i >= 3236 ? last : std::nan("");
  };
  CHECK(told(20000, held, 3436, serviced).symptoms.empty());
  const auto frozen = [&](int i) { return i < 3000 ? held(i) : last; };
  CHECK(!told(20000, held, 6000, frozen).symptoms.empty());
}

TEST_CASE("stuck: nothing on another day, over twenty seeds and coarse digits") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    const auto value = [&](int) { return std::round(random.normal() * 3) / 2; };
    CAPTURE(seed);
    CHECK(told(8640, value, 8640, value).text() == "");
  }
}

TEST_CASE("stuck: a stuck hour in training is not taken for a habit") {
  Random random(2);
  double last = 0;
  const auto value = [&](int i) { return i > 3000 && i < 3720 ? last : last = rounded(random); };
  const auto frozen = [&](int i) { return i < 20 ? last = rounded(random) : last; };
  CHECK(told(10000, value, 200, frozen).text().starts_with("stuck 0"));
}

TEST_CASE("stuck: left alone are states, a sensor at rest, and one that never moved") {
  Random random(2);
  const auto state = [&](int) { return random.uniform() < 0.05 ? 2.0 : 1.0; };
  CHECK(told(10000, state, 3000, [](int) { return 1.0; }).text() == "");
  const auto dosing = [&](int i) { return i % 1000 < 500 ? 0.0 : random.normal(); };
  CHECK(told(10000, dosing, 5000, [](int) { return 0.0; }).text() == "");
  CHECK(told(10000, [](int) { return 4.0; }, 3000, [](int) { return 4.0; }).text() == "");
}

TEST_CASE("stuck: a half-hourly analyser is judged by its half hours") {
  Random random(4);
  double held = 0;
  const auto value = [&](int i) { return i % 360 == 0 ? held = random.normal() : held; };
  CHECK(told(17280, value, 17280, value).text() == "");
  const auto heard = told(17280, value, 17280, [&](int) { return held; });
  CHECK(heard.text().starts_with("stuck 0"));
}

TEST_CASE("stuck: at the end of its range a sensor is given two hours") {
  auto sensors = Rig::plain(1);
  sensors[0].low = 0;
  sensors[0].high = 10;
  for (const double held : {5.0, 10.0}) {
    CAPTURE(held);
    auto made = make_detector(register_detectors_stuck, "kind = 'stuck'");
    Rig rig(sensors);
    Random random(6);
    made.detector->begin(rig.columns());
    for (int i = 0; i < 4000; ++i) made.detector->learn(rig.frame({5 + random.normal()}));
    REQUIRE(made.detector->settle());
    Recorder recorder;
    for (int i = 0; i < 700; ++i) made.detector->look(rig.frame({held}), recorder);  // near an hour
    CHECK(recorder.symptoms.empty() == (held == 10.0));
    for (int i = 0; i < 800; ++i) made.detector->look(rig.frame({held}), recorder);
    CHECK(!recorder.symptoms.empty());
  }
}

TEST_CASE("stuck: a counter that stands now and then may stand as long again") {
  Random random(6);
  double count = 0;
  int stands = 0;
  // It counts on with each frame, and once in some five hundred stands for ten to eighteen.
  const auto counter = [&](int) {
    if (stands > 0) {
      --stands;
    } else if (random.uniform() < 0.002) {
      stands = 10 + static_cast<int>(8 * random.uniform());
    } else {
      count += 1;
    }
    return count;
  };
  CHECK(told(20000, counter, 20000, counter).symptoms.empty());
  const auto frozen = [&](int i) { return i < 100 ? counter(i) : count; };
  CHECK(!told(20000, counter, 200, frozen).symptoms.empty());
}

TEST_CASE("stuck: what was learned survives") {
  auto first = make_detector(register_detectors_stuck, "kind = 'stuck'");
  Rig rig(Rig::plain(1));
  Random random(5);
  first.detector->begin(rig.columns());
  for (int i = 0; i < 4000; ++i) first.detector->learn(rig.frame({random.normal()}));
  REQUIRE(first.detector->settle());
  const auto model = first.detector->save();
  auto second = make_detector(register_detectors_stuck, "kind = 'stuck'");
  second.detector->begin(rig.columns());
  REQUIRE(second.detector->load(model));
  CHECK(second.detector->save() == model);
  Recorder recorder;
  for (int i = 0; i < 20; ++i) second.detector->look(rig.frame({7.0}), recorder);
  CHECK(recorder.text().starts_with("stuck 0"));

  auto early = make_detector(register_detectors_stuck, "kind = 'stuck'");
  REQUIRE(early.detector->load(model));  // its sensor joins later
  early.detector->begin(rig.columns());
  CHECK(early.detector->save() == model);
}

}  // namespace
}  // namespace sosie
