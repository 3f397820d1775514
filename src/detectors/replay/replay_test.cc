#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_replay(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("replay: the sample is valid, a typo is an Error") {
  const auto made =
      make_detector(register_detectors_replay,
                    Section::read_file(SOSIE_ROOT "/src/detectors/replay/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(
      make_detector(register_detectors_replay, "kind = 'replay'\nmargn = 2").error.find("margn") !=
      std::string::npos);
}

/// Twelve noisy sensors; from frame 6000 to 6600 the first `attacked` ones play what they showed
/// 4000 frames earlier.
Recorder told(std::size_t attacked, double digits, std::uint64_t seed) {
  auto made = make_detector(register_detectors_replay, "kind = 'replay'");
  Rig rig(Rig::plain(12));
  Random random(seed);
  made.detector->begin(rig.columns());
  std::vector<std::vector<double>> past;
  Recorder recorder;
  for (std::size_t t = 0; t < 8000; ++t) {
    std::vector<double> values(12);
    for (double& value : values) value = std::round(random.normal() * digits) / digits;
    if (t >= 6000 && t < 6600) std::copy_n(past[t - 4000].begin(), attacked, values.begin());
    past.push_back(values);
    if (t < 5000) {
      made.detector->learn(rig.frame(values));
    } else {
      made.detector->look(rig.frame(values), recorder);
    }
  }
  return recorder;
}

TEST_CASE("replay: a played recording is found on the sensors it covers, with its age") {
  const auto heard = told(3, 1000, 1);
  for (const std::uint32_t column : {0U, 1U, 2U}) {
    const auto first = std::ranges::find_if(
        heard.symptoms, [&](const Symptom& s) { return s.column == column && s.active; });
    REQUIRE(first != heard.symptoms.end());
    CHECK(first->anomaly == doctest::Approx(20000).epsilon(0.001));
    CHECK(first->at - Timestamp(std::chrono::hours(24 * 20000)) <
          std::chrono::seconds(5 * 6000 + 600));
  }
  CHECK(std::ranges::all_of(heard.symptoms, [](const Symptom& s) { return s.column < 3; }));
}

TEST_CASE("replay: silent where nothing is played, however coarse the digits") {
  for (const double digits : {1000.0, 10.0, 2.0}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(digits);
      CHECK(told(0, digits, seed).text() == "");
    }
  }
}

/// Twelve sensors of which six tremble five times as much as the others, and one goes to and fro,
/// too; from frame 5000 on a noise lies on all of them that drowns those. From 6000 to 6600 the
/// first `attacked` play what they showed 4000 frames earlier, beneath it.
Recorder told_beneath_noise(std::size_t attacked, std::uint64_t seed) {
  auto made = make_detector(register_detectors_replay, "kind = 'replay'");
  Rig rig(Rig::plain(12));
  Random random(seed);
  made.detector->begin(rig.columns());
  std::vector<std::vector<double>> past;
  Recorder recorder;
  for (std::size_t t = 0; t < 9000; ++t) {
    std::vector<double> values(12);
    for (std::size_t i = 0; i < 12; ++i) {
      const double course =
          i == 5 ? static_cast<double>(t % 100) / 5 : 2 * std::sin(static_cast<double>(t) * 1e-3);
      values[i] = course + random.normal() * (i < 6 ? 1 : 0.2);
    }
    if (t >= 6000 && t < 6600) std::copy_n(past[t - 4000].begin(), attacked, values.begin());
    past.push_back(values);
    if (t == 5000) REQUIRE(made.detector->settle());
    if (t < 5000) {
      made.detector->learn(rig.frame(values));
      continue;
    }
    for (double& value : values) value += 0.4 * random.normal();
    made.detector->look(rig.frame(values), recorder);
  }
  return recorder;
}

TEST_CASE("replay: a recording that is played beneath a noise is found, with its age") {
  const auto heard = told_beneath_noise(3, 1);
  for (const std::uint32_t column : {0U, 1U, 2U}) {
    CAPTURE(column);
    const auto first = std::ranges::find_if(
        heard.symptoms, [&](const Symptom& s) { return s.column == column && s.active; });
    REQUIRE(first != heard.symptoms.end());
    CHECK(first->anomaly == doctest::Approx(20000).epsilon(0.001));
    const auto last = std::ranges::find_if(
        heard.symptoms, [&](const Symptom& s) { return s.column == column && !s.active; });
    CHECK(last != heard.symptoms.end());
  }
  CHECK(std::ranges::all_of(heard.symptoms, [](const Symptom& s) { return s.column < 3; }));
}

TEST_CASE("replay: a noise alone is none, over five seeds") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    CHECK(told_beneath_noise(0, seed).text() == "");
  }
}

TEST_CASE("replay: a column that repeats by nature is left alone, also after a save") {
  auto made = make_detector(register_detectors_replay, "kind = 'replay'");
  Rig rig(Rig::plain(1));
  made.detector->begin(rig.columns());
  const auto value = [](int t) { return static_cast<double>((t % 97) * (t % 97)); };
  for (int t = 0; t < 3000; ++t) made.detector->learn(rig.frame({value(t)}));
  Recorder recorder;
  for (int t = 0; t < 3000; ++t) made.detector->look(rig.frame({value(t)}), recorder);
  CHECK(recorder.text() == "");
  auto other = make_detector(register_detectors_replay, "kind = 'replay'");
  other.detector->begin(rig.columns());
  REQUIRE(other.detector->load(made.detector->save()));
  for (int t = 0; t < 3000; ++t) other.detector->look(rig.frame({value(t)}), recorder);
  CHECK(recorder.text() == "");
  auto naive = make_detector(register_detectors_replay, "kind = 'replay'");
  naive.detector->begin(rig.columns());
  for (int t = 0; t < 3000; ++t) naive.detector->look(rig.frame({value(t)}), recorder);
  CHECK(recorder.text().starts_with("replay 0"));
}

}  // namespace
}  // namespace sosie
