#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_slope(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("slope: the sample is valid, a typo is an Error, so is a wrong order") {
  const auto made = make_detector(
      register_detectors_slope, Section::read_file(SOSIE_ROOT "/src/detectors/slope/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  for (const std::string wrong : {"margn = 2", "slow = '5m'", "quick = '10s'", "sample = '0s'"}) {
    CAPTURE(wrong);
    const auto refused = make_detector(register_detectors_slope, "kind = 'slope'\n" + wrong);
    CHECK(refused.error.find(wrong.substr(0, wrong.find(' '))) != std::string::npos);
  }
}

/// A screen: its loss rises from 10 to 40 mbar within `hours`, and is raked.
double loss(int row, double hours) {
  const double part = std::fmod(row / (720 * hours), 1.0);
  return part < 0.98 ? 10 + 30 * part / 0.98 : 10 + 30 * (1 - part) / 0.02;
}

std::unique_ptr<Detector> learned(Rig& rig, std::size_t count) {
  auto made = make_detector(register_detectors_slope, "kind = 'slope'");
  REQUIRE(made.error == "");
  made.detector->begin(rig.columns());
  Random random(4);
  std::vector<double> values(count);
  for (int i = 0; i < 2 * 17280; ++i) {
    for (std::size_t k = 0; k < count; ++k) {
      values[k] = loss(i + static_cast<int>(300 * k), 4) + 0.2 * random.normal();
    }
    made.detector->learn(rig.frame(values));
  }
  REQUIRE(made.detector->settle());
  return std::move(made.detector);
}

TEST_CASE("slope: a screen that clogs six times as fast, though its level is as ever") {
  Rig rig(Rig::plain(1));
  const auto detector = learned(rig, 1);
  Random random(5);
  Recorder ordinary;
  for (int i = 0; i < 17280; ++i) {
    detector->look(rig.frame({loss(i, 4) + 0.2 * random.normal()}), ordinary);
  }
  CHECK(ordinary.text() == "");
  const auto model = detector->save();
  Recorder faulty;
  for (int i = 0; i < 720; ++i) {
    detector->look(rig.frame({loss(i, 4.0 / 6) + 0.2 * random.normal()}), faulty);
  }
  REQUIRE(!faulty.symptoms.empty());
  CHECK(faulty.symptoms.front().kind == SymptomKind::deviation);
  CHECK(faulty.symptoms.front().value > faulty.symptoms.front().high);
  auto other = make_detector(register_detectors_slope, "kind = 'slope'");
  other.detector->begin(rig.columns());
  REQUIRE(other.detector->load(model));
  CHECK(other.detector->save() == model);
}

TEST_CASE("slope: what all do at once is no sensor's") {
  constexpr std::size_t count = 25;
  Rig rig(Rig::plain(count));
  const auto detector = learned(rig, count);
  Random random(6);
  std::vector<double> values(count);
  const auto look = [&](int frames, std::size_t rising, Recorder& recorder) {
    for (int i = 0; i < frames; ++i) {
      for (std::size_t k = 0; k < count; ++k) {
        const bool rises = k == rising || rising == count;
        values[k] = 20 + (rises ? i * 0.15 : 0) + 0.2 * random.normal();
      }
      detector->look(rig.frame(values), recorder);
    }
  };
  Recorder before;
  look(720, count + 1, before);
  Recorder all;
  look(120, count, all);
  CHECK(all.text() == "");
  look(720, count + 1, before);
  Recorder one;
  look(120, 7, one);
  REQUIRE(!one.symptoms.empty());
  for (const auto& s : one.symptoms) CHECK(s.column == 7);
}

TEST_CASE("slope: where somebody shakes all, what that adds is no slope, and a slope is one") {
  constexpr std::size_t count = 12;
  Rig rig(Rig::plain(count));
  Random random(8);
  std::vector<double> values(count);
  double at = 0;
  const auto frame = [&](double added, double rise) {
    at += rise;
    for (std::size_t k = 0; k < count; ++k) {
      values[k] = 20 + (k == 7 ? at : 0) + (0.2 + added) * random.normal();
    }
    return rig.frame(values);
  };
  auto made = make_detector(register_detectors_slope, "kind = 'slope'");
  made.detector->begin(rig.columns());
  for (int i = 0; i < 2 * 17280; ++i) made.detector->learn(frame(0, 0));
  REQUIRE(made.detector->settle());
  auto other = make_detector(register_detectors_slope, "kind = 'slope'");
  other.detector->begin(rig.columns());
  REQUIRE(other.detector->load(made.detector->save()));
  Recorder at_first;
  for (int i = 0; i < 720; ++i) other.detector->look(frame(2, 0), at_first);
  Recorder shaken;
  for (int i = 0; i < 17280; ++i) other.detector->look(frame(2, 0), shaken);
  for (const auto& s : shaken.symptoms) CHECK(!s.active);  // what began at first ends
  Recorder slope;
  for (int i = 0; i < 120; ++i) other.detector->look(frame(2, 0.08), slope);
  REQUIRE(!slope.symptoms.empty());
  for (const auto& s : slope.symptoms) CHECK(s.column == 7);
}

TEST_CASE("slope: nothing is said of a state, of too little learning, or over a gap") {
  auto sensors = Rig::plain(3);
  sensors[1].sensor_class = "S";
  Rig rig(sensors);
  auto made = make_detector(register_detectors_slope, "kind = 'slope'");
  made.detector->begin(rig.columns());
  Random random(7);
  for (int i = 0; i < 17280; ++i) {
    made.detector->learn(rig.frame({random.normal(), 0, i < 500 ? random.normal() : std::nan("")}));
  }
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 720; ++i) {
    const bool is_away = i > 240;  // calibrated for longer than it looks back, and another level
    const double first = i > 240 && i < 480 ? std::nan("") : (is_away ? 50 : 0) + random.normal();
    made.detector->look(rig.frame({first, i > 300 ? 1.0 : 0.0, 9.0 * i}), recorder);
  }
  CHECK(recorder.text() == "");
}

}  // namespace
}  // namespace sosie
