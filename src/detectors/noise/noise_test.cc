#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_noise(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("noise: the sample is valid, a typo is an Error") {
  const auto made = make_detector(
      register_detectors_noise, Section::read_file(SOSIE_ROOT "/src/detectors/noise/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(make_detector(register_detectors_noise, "kind = 'noise'\nmargn = 2").error.find("margn") !=
        std::string::npos);
}

template <class F>
Recorder told(std::uint64_t seed, int looked, F factor) {
  auto made = make_detector(register_detectors_noise, "kind = 'noise'");
  Rig rig(Rig::plain(1));
  Random random(seed);
  made.detector->begin(rig.columns());
  int step = 0;
  const auto value = [&](double times) {
    return 10 * std::sin(step++ * 3.6e-4) + times * random.normal();
  };
  for (int i = 0; i < 17280; ++i) made.detector->learn(rig.frame({value(1)}));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < looked; ++i) made.detector->look(rig.frame({value(factor(i))}), recorder);
  return recorder;
}

TEST_CASE("noise: silent on another day of the same, over ten seeds") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    CHECK(told(seed, 17280, [](int) { return 1.0; }).text() == "");
  }
}

TEST_CASE("noise: more, and less") {
  const auto more = told(1, 1500, [](int i) { return i >= 500 && i < 1000 ? 5.0 : 1.0; });
  REQUIRE(more.symptoms.size() >= 2);
  CHECK(more.symptoms.front().at - more.symptoms.front().since <= std::chrono::minutes(2));
  CHECK(more.symptoms.back().active == false);
  CHECK(more.symptoms.front().value > more.symptoms.front().high);
  const auto less = told(1, 1000, [](int i) { return i >= 500 ? 0.2 : 1.0; });
  REQUIRE(!less.symptoms.empty());
  CHECK(less.symptoms.front().value < less.symptoms.front().low);
}

TEST_CASE("noise: one spike is not noise") {
  CHECK(told(1, 1000, [](int i) { return i == 500 ? 100.0 : 1.0; }).text() == "");
}

/// Twelve sensors; from frame 720 on all tremble ten times as much, and from 4000 to 4360 the third
/// forty times.
TEST_CASE("noise: what all do at once is told, and then taken for how things are") {
  constexpr std::size_t n = 12;
  auto made = make_detector(register_detectors_noise, "kind = 'noise'");
  Rig rig(Rig::plain(n));
  Random random(8);
  made.detector->begin(rig.columns());
  std::vector<double> values(n);
  const auto frame = [&](double times, double third) {
    for (double& value : values) value = times * random.normal();
    values[3] *= third;
    return rig.frame(values);
  };
  for (int i = 0; i < 17280; ++i) made.detector->learn(frame(1, 1));
  REQUIRE(made.detector->settle());
  Recorder shaken;
  for (int i = 0; i < 4000; ++i) made.detector->look(frame(i < 720 ? 1 : 10, 1), shaken);
  std::size_t began = 0;
  std::size_t over = 0;
  for (const auto& s : shaken.symptoms) {
    over += s.active ? 0U : 1U;
    began += s.active && s.score < 0.99 ? 1U : 0U;
  }
  CHECK(began >= n);
  CHECK(over == n);
  Recorder wavering;  // how much a level nobody has learned wavers, nobody knows
  for (int i = 0; i < 4000; ++i) made.detector->look(frame(10, 1.5), wavering);
  CHECK(wavering.text() == "");
  Recorder one;
  for (int i = 0; i < 360; ++i) made.detector->look(frame(10, 4), one);
  REQUIRE(!one.symptoms.empty());
  for (const auto& s : one.symptoms) CHECK(s.column == 3);
}

TEST_CASE("noise: what brings all near their limits at once is taken for how things are, too") {
  constexpr std::size_t n = 12;
  auto made = make_detector(register_detectors_noise, "kind = 'noise'");
  Rig rig(Rig::plain(n));
  Random random(11);
  made.detector->begin(rig.columns());
  std::vector<double> values(n);
  const auto frame = [&](double times) {
    for (double& value : values) value = times * random.normal();
    return rig.frame(values);
  };
  for (int i = 0; i < 17280; ++i) made.detector->learn(frame(1));
  REQUIRE(made.detector->settle());
  Recorder at_first;
  for (int i = 0; i < 1000; ++i) made.detector->look(frame(1.6), at_first);
  Recorder later;
  for (int i = 0; i < 17280; ++i) made.detector->look(frame(1.6), later);
  for (const auto& s : later.symptoms) CHECK(!s.active);  // one in eight of them would be told
}

TEST_CASE("noise: what was learned survives") {
  auto first = make_detector(register_detectors_noise, "kind = 'noise'");
  Rig rig(Rig::plain(1));
  Random random(5);
  first.detector->begin(rig.columns());
  for (int i = 0; i < 4000; ++i) first.detector->learn(rig.frame({random.normal()}));
  REQUIRE(first.detector->settle());
  const auto model = first.detector->save();
  REQUIRE(!model.empty());
  auto second = make_detector(register_detectors_noise, "kind = 'noise'");
  second.detector->begin(rig.columns());
  REQUIRE(second.detector->load(model));
  CHECK(second.detector->save() == model);
  Recorder recorder;
  for (int i = 0; i < 200; ++i) second.detector->look(rig.frame({9 * random.normal()}), recorder);
  CHECK(recorder.text().starts_with("noise 0"));
}

}  // namespace
}  // namespace sosie
