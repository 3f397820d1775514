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

/// Twelve sensors that tremble by themselves, and from some frame on by ten times or by one and a
/// half times as much more, which somebody adds to all of them.
class Shaken {
 public:
  explicit Shaken(std::uint64_t seed) : rig{Rig::plain(12)}, random_(seed), values_(12) {}

  /// `frozen`: one that trembles by what is added alone.
  Frame frame(double added, std::size_t frozen = no_column, double louder = 1) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double own = i == frozen ? 0 : random_.normal();
      values_[i] = 20.0 * static_cast<double>(i) + own + added * random_.normal();
    }
    values_[5] += (louder - 1) * random_.normal();
    return rig.frame(values_);
  }

  Rig rig;

 private:
  Random random_;
  std::vector<double> values_;
};

std::unique_ptr<Detector> learned(Shaken& asset) {
  auto made = make_detector(register_detectors_noise, "kind = 'noise'");
  made.detector->begin(asset.rig.columns());
  for (int i = 0; i < 2 * 17280; ++i) made.detector->learn(asset.frame(0));
  REQUIRE(made.detector->settle());
  return std::move(made.detector);
}

Recorder seen(Detector& detector, Shaken& asset, int frames, double added,
              std::size_t frozen = no_column, double louder = 1) {
  Recorder recorder;
  for (int i = 0; i < frames; ++i) detector.look(asset.frame(added, frozen, louder), recorder);
  return recorder;
}

TEST_CASE("noise: who froze beneath a noise that lies on all is found by what is gone of his own") {
  Shaken asset(21);
  const auto first = learned(asset);
  auto second = make_detector(register_detectors_noise, "kind = 'noise'");
  second.detector->begin(asset.rig.columns());
  REQUIRE(second.detector->load(first->save()));
  for (auto* const detector : {first.get(), second.detector.get()}) {
    seen(*detector, asset, 2000, 1.5);
    CHECK(seen(*detector, asset, 17280, 1.5).text() == "");
    // Of 3.25 of variance 2.25 are left: less than any limit of a level would be told of.
    const auto frozen = seen(*detector, asset, 1200, 1.5, 3);
    REQUIRE(!frozen.symptoms.empty());
    for (const auto& s : frozen.symptoms) {
      CHECK(s.column == 3);
      CHECK(s.kind == SymptomKind::noise);
      CHECK(s.value < s.expected);
      CHECK(s.at - s.since < std::chrono::hours(1));
    }
    const auto lives = seen(*detector, asset, 2000, 1.5);
    REQUIRE(!lives.symptoms.empty());
    CHECK(!lives.symptoms.back().active);
  }
}

TEST_CASE(
    "noise: an own part that is lost in what lies on all says nothing, nor does a burst's end") {
  Shaken asset(22);
  const auto detector = learned(asset);
  seen(*detector, asset, 3000, 4);
  CHECK(seen(*detector, asset, 4000, 4, 3).text() == "");
  Shaken other(23);
  const auto another = learned(other);
  seen(*another, other, 3000, 1.5, no_column, 6);  // loud since before it is known how all are
  const auto calm = seen(*another, other, 17280, 1.5);
  for (const auto& s : calm.symptoms) CHECK(!s.active);
}

TEST_CASE("noise: without a noise on all, a trembling that is a little less is nobody's fault") {
  Shaken asset(24);
  const auto detector = learned(asset);
  CHECK(seen(*detector, asset, 4000, 0).text() == "");
}

/// Its unit is wrong when all begin to tremble, and right again when that is taken for how things
/// are.
TEST_CASE("noise: who was off when all began to tremble is not told of again and again") {
  Shaken asset(25);
  const auto detector = learned(asset);
  std::vector<double> values(12);
  Recorder recorder;
  for (int i = 0; i < 1200; ++i) {
    const Frame frame = asset.frame(1.0);
    values.assign(frame.values.begin(), frame.values.end());
    values[4] *= 0.71;  // so that it trembles as it learned
    detector->look({frame.at, values, frame.measured_at, frame.fresh}, recorder);
  }
  std::size_t told = 0;
  const auto after = seen(*detector, asset, 2 * 17280, 1.0);
  for (const auto& s : after.symptoms) told += s.active && s.column == 4 ? 1 : 0;
  CHECK(told <= 4);
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
