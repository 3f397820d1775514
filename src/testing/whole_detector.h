#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
#include "core/budgeted.h"
#include "testing/rig.h"

namespace sosie::testing {

/// Ten sensors of two hidden drivers, at a minute.
class TwoDrivers {
 public:
  explicit TwoDrivers(std::uint64_t seed) : random_(seed) {}

  /// `broken`: the last three go the other way with the second driver, and well within their range.
  Frame frame(bool broken = false) {
    for (double& d : driver_) d += 0.2 * random_.normal() - 0.02 * d;
    std::vector<double> values(10);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double sign = broken && i >= 7 ? -1 : 1;
      const double second = (i % 3 == 1 ? 1.0 : 0.4) * driver_[1];
      values[i] = 50 + driver_[0] * (i % 2 == 0 ? 1 : -1) + sign * (second + (i >= 7 ? 2 : 0)) +
                  0.1 * random_.normal();
    }
    return rig.frame(values);
  }

  Rig rig{Rig::plain(10), std::chrono::minutes(1)};

 private:
  Random random_;
  std::array<double, 2> driver_{};
};

/// What is to be seen of every detector that looks at an asset as a whole, on TwoDrivers.
class WholeDetectorCheck {
 public:
  /// `kind`: as in a scenario, and its folder's name.
  WholeDetectorCheck(void (*enroll)(Catalog&), std::string_view kind)
      : enroll_(enroll), kind_(kind) {}

  /// Its sample.toml is valid; of each of `wrong` the first letters stand in its Error.
  void sample(std::initializer_list<std::string_view> wrong) const {
    const auto made = make_detector(
        enroll_,
        Section::read_file(fmt::format("{}/src/detectors/{}/sample.toml", SOSIE_ROOT, kind_)));
    CHECK(made.error == "");
    CHECK(made.detector);
    for (const auto line : wrong) {
      CAPTURE(line);
      const auto refused = make_detector(enroll_, fmt::format("{}\n{}", toml(), line));
      CHECK(refused.error.find(line.substr(0, 4)) != std::string::npos);
    }
  }

  std::unique_ptr<Detector> learned(TwoDrivers& process, int minutes = 5 * 1440) const {
    auto made = make_detector(enroll_, toml());
    REQUIRE(made.error == "");
    made.detector->begin(process.rig.columns());
    for (int i = 0; i < minutes; ++i) made.detector->learn(process.frame());
    REQUIRE(made.detector->settle());
    return std::move(made.detector);
  }

  /// Sensors that no longer go together are told, with who they are; it ends within `minutes`.
  void tells(int minutes) const {
    TwoDrivers process(1);
    const auto detector = learned(process);
    Recorder recorder;
    for (int i = 0; i < 60; ++i) detector->look(process.frame(true), recorder);
    REQUIRE(!recorder.symptoms.empty());
    CHECK(recorder.symptoms.front().kind == SymptomKind::multivariate);
    CHECK(recorder.symptoms.front().column == no_column);
    CHECK(recorder.symptoms.front().score >= 0.5);
    REQUIRE(!recorder.shares.front().empty());
    CHECK(recorder.shares.front().front().column >= 7);
    for (int i = 0; i < minutes; ++i) detector->look(process.frame(), recorder);
    CHECK(!recorder.symptoms.back().active);
  }

  /// How many episodes 40 other days of the same bring.
  std::size_t false_episodes() const {
    std::size_t episodes = 0;
    constexpr int days = 10;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      TwoDrivers process(10 + seed);
      const auto detector = learned(process);
      Recorder recorder;
      for (int i = 0; i < days * 1440; ++i) detector->look(process.frame(), recorder);
      episodes +=
          static_cast<std::size_t>(std::ranges::count_if(recorder.symptoms, &Symptom::active));
    }
    return episodes;
  }

  /// What was learned survives; a damaged model is refused.
  void survives() const {
    TwoDrivers process(3);
    const auto first = learned(process);
    const auto model = first->save();
    REQUIRE(!model.empty());
    auto second = make_detector(enroll_, toml());
    second.detector->begin(process.rig.columns());
    REQUIRE(second.detector->load(model));
    CHECK(second.detector->save() == model);
    Recorder a;
    Recorder b;
    for (int i = 0; i < 60; ++i) {
      const Frame frame = process.frame(true);
      first->look(frame, a);
      second.detector->look(frame, b);
    }
    CHECK(a.text() == "multivariate *");
    CHECK(b.text() == "multivariate *");
    auto damaged = model;
    damaged[damaged.size() / 2] ^= 1;
    CHECK(second.detector->load(damaged).error().code == Errc::corrupt);
  }

  /// Too little to learn from gives nothing; a silent sensor is ordinary.
  void bears_little() const {
    TwoDrivers process(4);
    const auto short_one = learned(process, 100);
    CHECK(short_one->save().empty());
    const auto detector = learned(process);
    Recorder recorder;
    for (int i = 0; i < 300; ++i) {
      const Frame frame = process.frame();
      std::vector<double> values(frame.values.begin(), frame.values.end());
      values[3] = std::nan("");
      short_one->look(frame, recorder);
      detector->look({frame.at, values, frame.measured_at, frame.fresh}, recorder);
    }
    CHECK(recorder.text() == "");
  }

 private:
  std::string toml() const { return fmt::format("kind = '{}'", kind_); }

  void (*enroll_)(Catalog&);
  std::string_view kind_;
};

}  // namespace sosie::testing
