#include <algorithm>
#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "core/budgeted.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_residual(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("residual: the sample is valid, a typo is an Error") {
  const auto made =
      make_detector(register_detectors_residual,
                    Section::read_file(SOSIE_ROOT "/src/detectors/residual/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(make_detector(register_detectors_residual, "kind = 'residual'\nmargn = 2")
            .error.find("margn") != std::string::npos);
}

/// Sensors of three hidden, slowly wandering drivers, each with its own noise; twelve of them.
class Process {
 public:
  explicit Process(std::uint64_t seed, std::size_t count = 12,
                   Duration period = std::chrono::seconds(5))
      : rig{Rig::plain(count), period}, random_(seed), weights_(count) {
    for (auto& row : weights_) {
      for (double& w : row) w = random_.normal();
    }
  }

  Frame frame(std::uint32_t faulty = no_column, double offset = 0) {
    std::vector<double> values(weights_.size());
    for (std::size_t d = 0; d < 3; ++d) {
      driver_[d] += 0.03 * random_.normal() - 1e-3 * driver_[d];
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = 100 + 0.05 * roughness * random_.normal();
      for (std::size_t d = 0; d < 3; ++d) values[i] += weights_[i][d] * driver_[d];
    }
    if (faulty != no_column) values[faulty] += offset;
    return rig.frame(values);
  }

  Rig rig;
  double roughness = 1;  ///< of everybody's noise

 private:
  Random random_;
  std::vector<std::array<double, 3>> weights_;
  std::array<double, 3> driver_{};
};

std::unique_ptr<Detector> learned(Process& process, std::uint32_t faulty = no_column) {
  auto made = make_detector(register_detectors_residual, "kind = 'residual'");
  REQUIRE(made.error == "");
  made.detector->begin(process.rig.columns());
  for (int i = 0; i < 17280; ++i) {
    const bool is_faulty = i > 6000 && i < 7000;
    made.detector->learn(process.frame(is_faulty ? faulty : no_column, 5));
  }
  REQUIRE(made.detector->settle());
  return std::move(made.detector);
}

TEST_CASE("residual: a constant shift is named on the shifted sensor") {
  int named = 0;
  int false_names = 0;
  constexpr int trials = 24;
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    Process process(trial + 1);
    const auto detector = learned(process);
    const auto faulty = trial % 12;
    Recorder recorder;
    for (int i = 0; i < 720; ++i) detector->look(process.frame(faulty, 3), recorder);
    const bool is_named = std::ranges::any_of(recorder.symptoms,
                                              [&](const Symptom& s) { return s.column == faulty; });
    named += is_named ? 1 : 0;
    for (const auto& s : recorder.symptoms) false_names += s.column != faulty ? 1 : 0;
    if (is_named) {
      const auto& s = recorder.symptoms.front();
      CHECK(s.kind == SymptomKind::residual);
      CHECK(s.value - s.expected == doctest::Approx(3).epsilon(0.25));
      CHECK(s.low < s.expected);
      CHECK(s.value > s.high);
    }
  }
  CHECK(named == trials);
  CHECK(false_names == 0);
}

TEST_CASE(
    "residual: two sensors that were off while it learned, which nobody said, are no yardstick") {
  Process process(31);
  const auto shift = [&](double offset, double other) {
    auto frame = process.frame(4, offset);
    std::vector<double> values(frame.values.begin(), frame.values.end());
    values[5] += other;
    return std::pair(frame, values);
  };
  auto made = make_detector(register_detectors_residual, "kind = 'residual'");
  made.detector->begin(process.rig.columns());
  for (int i = 0; i < 3 * 17280; ++i) {
    const bool is_faulty = i > 20'000 && i < 21'500;
    auto [frame, values] = shift(is_faulty ? 20 : 0, is_faulty ? 12 : 0);
    frame.values = values;
    made.detector->learn(frame);
  }
  REQUIRE(made.detector->settle());
  Recorder recorder;
  const auto look = [&](int frames, double offset) {
    for (int i = 0; i < frames; ++i) {
      auto [frame, values] = shift(offset, 0);
      frame.values = values;
      made.detector->look(frame, recorder);
    }
  };
  look(1440, 0);
  CHECK(recorder.text() == "");
  for (const double offset : {1, 2, 3, 4, 6}) look(720, offset);
  CHECK(std::ranges::any_of(recorder.symptoms,
                            [](const Symptom& s) { return s.column == 4 || s.column == 5; }));
}

TEST_CASE("residual: a slow creep is a drift of that sensor") {
  int drifts = 0;
  for (std::uint32_t trial = 0; trial < 8; ++trial) {
    Process process(trial + 100);
    const auto detector = learned(process);
    Recorder recorder;
    for (int i = 0; i < 12 * 60 * 12; ++i) {
      detector->look(process.frame(trial, 3.0 * i / (12 * 60 * 12)), recorder);
    }
    REQUIRE(!recorder.symptoms.empty());
    drifts += recorder.symptoms.front().kind == SymptomKind::drift &&
                      recorder.symptoms.front().column == trial
                  ? 1
                  : 0;
    CHECK(recorder.symptoms.front().value > recorder.symptoms.front().high);
  }
  CHECK(drifts == 8);
}

TEST_CASE("residual: an hour of an offset is an hour, however long averages remember it") {
  using std::chrono::minutes;
  for (std::uint32_t trial = 0; trial < 6; ++trial) {
    CAPTURE(trial);
    Process process(trial + 200);
    const auto detector = learned(process);
    Recorder recorder;
    const auto live = [&](int frames, double offset) {
      for (int i = 0; i < frames; ++i) detector->look(process.frame(trial, offset), recorder);
    };
    live(3 * 720, 0);
    const auto began = process.rig.now();
    live(720, 3);
    live(8 * 720, 0);
    std::size_t ended = 0;
    for (const auto& s : recorder.symptoms) {
      if (s.active || s.column != trial || s.since - began > minutes(60)) continue;
      ++ended;
      CHECK(s.until - began > minutes(50));
      CHECK(s.until - began < minutes(85));
    }
    CHECK(ended > 0);
  }
}

TEST_CASE("residual: silent on another day of the same") {
  std::size_t symptoms = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Process process(seed + 50);
    const auto detector = learned(process);
    Recorder recorder;
    for (int i = 0; i < 17280; ++i) detector->look(process.frame(), recorder);
    symptoms += recorder.symptoms.size();
  }
  CHECK(symptoms <= 2);  // 10 days of 12 sensors
}

TEST_CASE("residual: a fault in training is repaired, and found when it comes again") {
  Process process(77);
  const auto detector = learned(process, 4);
  Recorder recorder;
  for (int i = 0; i < 720; ++i) detector->look(process.frame(4, 5), recorder);
  REQUIRE(!recorder.symptoms.empty());
  CHECK(recorder.symptoms.front().column == 4);
}

TEST_CASE("residual: a budget sets the limits") {
  std::vector<std::size_t> named;
  for (const double allowed : {0.01, 20.0}) {
    Process same(12);
    auto made = make_detector(register_detectors_residual, "kind = 'residual'");
    dynamic_cast<Budgeted&>(*made.detector).allow(allowed);
    made.detector->begin(same.rig.columns());
    for (int i = 0; i < 3 * 17280; ++i) made.detector->learn(same.frame());
    REQUIRE(made.detector->settle());
    Recorder recorder;  // a shift that is small beside the limits of the one
    for (int i = 0; i < 720; ++i) made.detector->look(same.frame(3, 0.45), recorder);
    named.push_back(recorder.symptoms.size());
  }
  CHECK(named[0] <= named[1]);
  CHECK(make_detector(register_detectors_residual, "kind = 'residual'\nfalse_alarms_per_day = -1")
            .error.find("0 or more") != std::string::npos);
}

TEST_CASE("residual: rough weather of learning does not make the limits of calm days") {
  Process process(78, 30);
  auto made = make_detector(register_detectors_residual, "kind = 'residual'");
  made.detector->begin(process.rig.columns());
  const auto rough = [](int i) { return i / 1440 % 6 == 3 ? 8.0 : 1.0; };
  for (int i = 0; i < 2 * 17280; ++i) {
    process.roughness = rough(i);
    made.detector->learn(process.frame());
  }
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < 17280; ++i) {
    process.roughness = rough(i);
    made.detector->look(process.frame(), recorder);
  }
  CHECK(recorder.text() == "");
  process.roughness = 1;
  for (int i = 0; i < 1440; ++i) made.detector->look(process.frame(), recorder);
  for (int i = 0; i < 120; ++i) made.detector->look(process.frame(5, 0.15), recorder);
  CHECK(std::ranges::any_of(recorder.symptoms, [](const Symptom& s) { return s.column == 5; }));
}

/// Thirty sensors of three drivers; `weather` moves two in three of them by a driver that learning
/// never saw.
TEST_CASE("residual: what moves the asset as a whole is no sensor's drift") {
  constexpr std::size_t n = 30;
  Random random(3);
  Rig rig(Rig::plain(n));
  std::array<double, 3> driver{};
  std::vector<std::array<double, 3>> weights(n);
  for (auto& row : weights) {
    for (double& w : row) w = random.normal();
  }
  const auto frame = [&](double weather, double drift) {
    std::vector<double> values(n);
    for (double& d : driver) d += 0.03 * random.normal() - 1e-3 * d;
    for (std::size_t i = 0; i < n; ++i) {
      values[i] = 100 + 0.05 * random.normal() +
                  (i % 3 != 0 ? weather * (1 + 0.05 * static_cast<double>(i)) : 0);
      for (std::size_t d = 0; d < 3; ++d) values[i] += weights[i][d] * driver[d];
    }
    values[0] += drift;
    return rig.frame(values);
  };
  const auto made = make_detector(register_detectors_residual, "kind = 'residual'");
  made.detector->begin(rig.columns());
  for (int i = 0; i < 17280; ++i) made.detector->learn(frame(0, 0));
  REQUIRE(made.detector->settle());
  const auto drifts = [](const Recorder& recorder) {
    return std::ranges::count_if(recorder.symptoms,
                                 [](const Symptom& s) { return s.kind == SymptomKind::drift; });
  };
  constexpr int ramp = 12 * 60 * 12;
  Recorder weather;
  for (int i = 0; i < ramp; ++i) made.detector->look(frame(6.0 * i / ramp, 0), weather);
  CHECK(drifts(weather) == 0);
  for (int i = 0; i < 2 * 17280; ++i) made.detector->look(frame(0, 0), weather);
  Recorder one;
  for (int i = 0; i < ramp; ++i) made.detector->look(frame(0, 6.0 * i / ramp), one);
  CHECK(drifts(one) > 0);
}

TEST_CASE("residual: one series alone gets nothing; too short a history neither") {
  for (const std::size_t count : {1U, 5U}) {
    auto made = make_detector(register_detectors_residual, "kind = 'residual'");
    Rig rig(Rig::plain(count));
    Random random(1);
    made.detector->begin(rig.columns());
    std::vector<double> values(count);
    const auto frame = [&] {
      for (double& value : values) value = random.normal();
      return rig.frame(values);
    };
    for (int i = 0; i < (count == 1 ? 9000 : 500); ++i) made.detector->learn(frame());
    REQUIRE(made.detector->settle());
    CHECK(made.detector->save().empty());
    Recorder recorder;
    for (int i = 0; i < 100; ++i) made.detector->look(frame(), recorder);
    CHECK(recorder.text() == "");
  }
}

TEST_CASE("residual: a silent sensor is not blamed and blames nobody") {
  Process process(31);
  const auto detector = learned(process);
  Recorder recorder;
  for (int i = 0; i < 2000; ++i) {
    const Frame frame = process.frame();
    std::vector<double> values(frame.values.begin(), frame.values.end());
    values[3] = values[7] = std::nan("");
    detector->look({frame.at, values, frame.measured_at, frame.fresh}, recorder);
  }
  CHECK(recorder.text() == "");
}

TEST_CASE("residual: a sensor that comes later has no slow average yet, and is not blamed for it") {
  std::string said;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Process process(seed, 12, std::chrono::minutes(1));
    process.roughness = 8;
    auto made = make_detector(register_detectors_residual, "kind = 'residual'");
    made.detector->begin(process.rig.columns());
    for (int i = 0; i < 6000; ++i) made.detector->learn(process.frame());
    REQUIRE(made.detector->settle());
    Recorder recorder;
    for (int i = 0; i < 500; ++i) {
      const Frame frame = process.frame();
      std::vector<double> values(frame.values.begin(), frame.values.end());
      if (i < 250) values[3] = std::nan("");
      if (i == 250) values[3] += 1;  // averages begin with it
      made.detector->look({frame.at, values, frame.measured_at, frame.fresh}, recorder);
    }
    said += recorder.text();
  }
  CHECK(said.find("drift") == std::string::npos);
}

TEST_CASE("residual: the model survives, also where a sensor is gone and the order is another") {
  Process process(5);
  const auto first = learned(process);
  const auto model = first->save();
  auto second = make_detector(register_detectors_residual, "kind = 'residual'");
  second.detector->begin(process.rig.columns());
  REQUIRE(second.detector->load(model));
  CHECK(second.detector->save() == model);
  Recorder a;
  Recorder b;
  for (int i = 0; i < 300; ++i) {
    const Frame frame = process.frame(2, 4);
    first->look(frame, a);
    second.detector->look(frame, b);
  }
  CHECK(a.symptoms.front().column == 2);
  CHECK(b.symptoms.front().column == 2);

  auto third = make_detector(register_detectors_residual, "kind = 'residual'");
  auto sensors = Rig::plain(11);  // S0 … S10, backwards
  std::ranges::reverse(sensors);
  Rig other(sensors);
  third.detector->begin(other.columns());
  REQUIRE(third.detector->load(model));
  Recorder c;
  for (int i = 0; i < 300; ++i) {
    const Frame frame = process.frame(2, 4);
    std::vector<double> values(frame.values.begin(), frame.values.end() - 1);
    std::ranges::reverse(values);
    third.detector->look(other.frame(values), c);
  }
  REQUIRE(!c.symptoms.empty());
  CHECK(c.symptoms.front().column == 8);
  auto damaged = model;
  damaged[damaged.size() / 2] ^= 1;
  CHECK(third.detector->load(damaged).error().code == Errc::corrupt);
}

}  // namespace
}  // namespace sosie
