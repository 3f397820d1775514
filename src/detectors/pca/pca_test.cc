#include <algorithm>
#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "core/budgeted.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_pca(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("pca: the sample is valid, what is none is an Error") {
  const auto made = make_detector(register_detectors_pca,
                                  Section::read_file(SOSIE_ROOT "/src/detectors/pca/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  for (const auto* const wrong : {"varianc = 0.9", "variance = 1", "sample = \"0s\"", "rows = 10",
                                  "false_alarms_per_day = 0"}) {
    CAPTURE(wrong);
    const auto refused =
        make_detector(register_detectors_pca, fmt::format("kind = 'pca'\n{}", wrong));
    CHECK(refused.error.find(std::string_view(wrong).substr(0, 4)) != std::string::npos);
  }
}

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

std::unique_ptr<Detector> learned(TwoDrivers& process, int minutes = 5 * 1440) {
  auto made = make_detector(register_detectors_pca, "kind = 'pca'");
  REQUIRE(made.error == "");
  made.detector->begin(process.rig.columns());
  for (int i = 0; i < minutes; ++i) made.detector->learn(process.frame());
  REQUIRE(made.detector->settle());
  return std::move(made.detector);
}

TEST_CASE("pca: sensors that no longer go together are told, with who they are") {
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
  for (int i = 0; i < 120; ++i) detector->look(process.frame(), recorder);
  CHECK(!recorder.symptoms.back().active);
}

TEST_CASE("pca: keeps to its budget on other days of the same, and says what it expects") {
  std::size_t episodes = 0;
  constexpr int days = 10;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    TwoDrivers process(10 + seed);
    const auto detector = learned(process);
    const auto kept = dynamic_cast<const Budgeted&>(*detector).kept();
    CHECK(kept.days == doctest::Approx(5).epsilon(0.01));
    CHECK(kept.episodes <= 4);
    Recorder recorder;
    for (int i = 0; i < days * 1440; ++i) detector->look(process.frame(), recorder);
    episodes +=
        static_cast<std::size_t>(std::ranges::count_if(recorder.symptoms, &Symptom::active));
  }
  CHECK(episodes <= 10);  // 40 days at one in ten
}

TEST_CASE("pca: what was learned survives; a damaged model is refused") {
  TwoDrivers process(3);
  const auto first = learned(process);
  const auto model = first->save();
  REQUIRE(!model.empty());
  auto second = make_detector(register_detectors_pca, "kind = 'pca'");
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

TEST_CASE("pca: too little to learn from gives nothing; a silent sensor is ordinary") {
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

}  // namespace
}  // namespace sosie
