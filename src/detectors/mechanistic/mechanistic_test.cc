#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "core/parallel_model.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_mechanistic(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Believes S0; says S1 to follow it within ten frames, S2 to be its opposite, S3 to be a wave that
/// it is not. Its parameters are not the rig's.
class ToyModel final : public ParallelModel {
 public:
  ToyModel(std::int64_t seed, std::int64_t build) : seed_(seed), build_(build) {}

  void begin(const AssetColumns& columns) override {
    known_ = std::min<std::size_t>(columns.size(), 4);
  }
  std::size_t known() const override { return known_; }
  bool step(const Frame& frame, std::span<double> expected) override {
    const bool follows = last_ != Timestamp{} && frame.at - last_ <= std::chrono::hours(1);
    last_ = frame.at;
    const double in = frame.values[0];
    if (!std::isnan(in)) tank_ += 0.1 * (in - tank_);
    std::ranges::fill(expected, nan);
    if (expected.size() < 4) return follows;
    expected[1] = 0.9 * tank_ + 4;
    expected[2] = -1.1 * in;
    expected[3] = std::sin(static_cast<double>(frame.at.time_since_epoch().count()) * 1e-9);
    return follows;
  }
  Duration settling_time() const override { return std::chrono::hours(6); }
  std::string save() const override { return fmt::format("{} {} {}", build_, seed_, tank_); }
  Result<void> load(std::string_view state) override {
    std::istringstream from{std::string(state)};
    std::int64_t build = 0;
    std::int64_t seed = 0;
    double tank = 0;
    if (!(from >> build >> seed >> tank) || build != build_) {
      return Error{Errc::corrupt, "the toy's state is of another build"};
    }
    if (seed != seed_) {
      return Error{Errc::unsupported,
                   fmt::format("the toy's state is of seed {}; expected seed {}", seed, seed_)};
    }
    tank_ = tank;
    return {};
  }

 private:
  std::int64_t seed_;
  std::int64_t build_;
  std::size_t known_ = 0;
  double tank_ = 0;
  Timestamp last_;
};

void enroll(Catalog& catalog) {
  catalog.add<ParallelModel>("wastewater",
                             [](Section& section) -> Result<std::unique_ptr<ParallelModel>> {
                               const auto seed = TRY(section.integer("seed", 1));
                               const auto build = TRY(section.integer("build", 1));
                               for (const auto& key : section.keys()) (void)section.raw(key);
                               return std::make_unique<ToyModel>(seed, build);
                             });
  register_detectors_mechanistic(catalog);
}

constexpr std::string_view usual =
    "kind = 'mechanistic'\nsample = '1m'\n[model]\nkind = 'wastewater'";

/// A plant of three quantities that hang on one, and one that does not; a frame a minute.
class Toy {
 public:
  Rig rig{Rig::plain(4), std::chrono::minutes(1)};
  double inlet = 0;                       ///< added
  std::array<double, 4> off{0, 0, 0, 0};  ///< what the sensors say beside the truth

  Frame next() {
    ++step_;
    slow_ += 0.01 * (random_.normal() * 3 - slow_);
    const double in = 20 + inlet + 5 * std::sin(step_ / 1440.0 * 6.28318) + 8 * slow_;
    tank_ += 0.1 * (in - tank_);
    const auto noise = [&] { return 0.1 * random_.normal(); };
    return rig.frame({in + off[0] + noise(), tank_ + 2 + off[1] + noise(),
                      50 - in + off[2] + noise(), 3 + off[3] + noise()});
  }

 private:
  Random random_{11};
  int step_ = 0;
  double slow_ = 0;
  double tank_ = 20;
};

struct Learned {
  testing::Made made = make_detector(enroll, usual);
  Toy toy;
  Recorder recorder;

  explicit Learned(double fault = 0) {
    REQUIRE_MESSAGE(made.detector, made.error);
    made.detector->begin(toy.rig.columns());
    for (int t = 0; t < 5 * 1440; ++t) {
      toy.off[1] = t > 4000 && t < 4120 ? fault : 0;
      made.detector->learn(toy.next());
    }
    REQUIRE(made.detector->settle());
  }
  void live(int minutes) {
    for (int t = 0; t < minutes; ++t) made.detector->look(toy.next(), recorder);
  }
};

TEST_CASE("mechanistic: the sample is valid, what is wrong is an Error") {
  const auto made = make_detector(
      enroll, Section::read_file(SOSIE_ROOT "/src/detectors/mechanistic/sample.toml"));
  CHECK(made.error == "");
  struct Case {
    std::string toml;
    std::string said;
  };
  const Case cases[] = {
      {"kind = 'mechanistic'",
       "'model' is missing: a table whose kind is one of the plants that "
       "have a model to run beside them (wastewater)"},
      {"kind = 'mechanistic'\n[model]\nkind = 'room'", "room"},
      {"kind = 'mechanistic'\nmargn = 2\n[model]\nkind = 'wastewater'", "margn"},
      {"kind = 'mechanistic'\nmargin = 0.5\n[model]\nkind = 'wastewater'", "1 or more"},
      {"kind = 'mechanistic'\nskill = 1\n[model]\nkind = 'wastewater'", "below 1"},
      {"kind = 'mechanistic'\nrows = 10\n[model]\nkind = 'wastewater'", "800 or more"},
      {"kind = 'mechanistic'\nadapt = '0s'\n[model]\nkind = 'wastewater'", "above 0"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto error = make_detector(enroll, c.toml).error;
    CAPTURE(error);
    CHECK(error.find(c.said) != std::string::npos);
  }
}

TEST_CASE("mechanistic: quiet in ordinary life and where the inlet changes") {
  Learned one;
  one.live(4 * 1440);
  CHECK(one.recorder.text() == "");
  one.toy.inlet = 15;
  one.live(300);
  one.toy.inlet = 0;
  one.live(300);
  CHECK(one.recorder.text() == "");
}

TEST_CASE("mechanistic: a falsified sensor departs, and says what was expected") {
  Learned one;
  one.live(600);
  one.toy.off[1] = -3;
  one.live(60);
  REQUIRE_FALSE(one.recorder.symptoms.empty());
  for (const auto& s : one.recorder.symptoms) CHECK(s.column == 1);
  const auto& first = one.recorder.symptoms.front();
  CHECK(first.kind == SymptomKind::residual);
  CHECK(first.value < first.low);
  CHECK(first.expected - first.value == doctest::Approx(3).epsilon(0.2));
  CHECK(first.detector == "mechanistic");
  one.toy.off[1] = 0;
  one.live(600);
  CHECK_FALSE(one.recorder.symptoms.back().active);
}

TEST_CASE("mechanistic: sensors that lie together are found, for it hears none of them") {
  Learned one;
  one.live(600);
  one.toy.off[1] = 3;
  one.toy.off[2] = -3;
  one.live(60);
  const auto text = one.recorder.text();
  CHECK(text.find("residual 1") != std::string::npos);
  CHECK(text.find("residual 2") != std::string::npos);
}

TEST_CASE("mechanistic: what the model says nothing of, or cannot explain, is left alone") {
  Learned one;
  one.live(600);
  one.toy.off[3] = 30;
  one.live(120);
  CHECK(one.recorder.text() == "");
}

TEST_CASE("mechanistic: an unlabelled fault in learning is no yardstick") {
  Learned one(30);
  one.live(600);
  one.toy.off[1] = -4;
  one.live(60);
  CHECK(one.recorder.text().find("residual 1") != std::string::npos);
}

TEST_CASE("mechanistic: a lasting shift is accepted in the end") {
  Learned one;
  one.live(600);
  one.toy.off[1] = -3;
  one.live(4 * 1440);
  CHECK_FALSE(one.recorder.symptoms.back().active);
}

TEST_CASE("mechanistic: what was learned survives; after a gap nothing is said until tanks fill") {
  Learned one;
  const auto model = one.made.detector->save();
  auto other = make_detector(enroll, usual);
  other.detector->begin(one.toy.rig.columns());
  REQUIRE(other.detector->load(model));
  Recorder of_other;
  one.toy.off[1] = -3;
  for (int t = 0; t < 60; ++t) {  // a model that was loaded begins, and waits
    const Frame frame = one.toy.next();
    one.made.detector->look(frame, one.recorder);
    other.detector->look(frame, of_other);
  }
  CHECK_FALSE(one.recorder.symptoms.empty());
  CHECK(of_other.text() == "");
  one.toy.off[1] = 0;
  for (int t = 0; t < 1440; ++t) other.detector->look(one.toy.next(), of_other);
  CHECK(of_other.text() == "");
  one.toy.off[1] = -3;
  for (int t = 0; t < 60; ++t) other.detector->look(one.toy.next(), of_other);
  CHECK(of_other.text().find("residual 1") != std::string::npos);

  CHECK_FALSE(other.detector->load("SOSIE"));
  CHECK_FALSE(other.detector->load(std::string_view(model).substr(0, model.size() - 3)));
}

TEST_CASE("mechanistic: what was learned beside another model is refused, of another build not") {
  Learned one;
  const auto model = one.made.detector->save();
  auto other = make_detector(enroll, std::string(usual) + "\nseed = 2");
  REQUIRE_MESSAGE(other.detector, other.error);
  other.detector->begin(one.toy.rig.columns());
  const auto loaded = other.detector->load(model);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == Errc::unsupported);
  CHECK(loaded.error().what ==
        "mechanistic: the toy's state is of seed 1; expected seed 2: train anew");
  CHECK(other.detector->save().empty());  // it took nothing over

  auto newer = make_detector(enroll, std::string(usual) + "\nbuild = 2");
  REQUIRE_MESSAGE(newer.detector, newer.error);
  newer.detector->begin(one.toy.rig.columns());
  CHECK(newer.detector->load(model));
  CHECK_FALSE(newer.detector->save().empty());
}

TEST_CASE("mechanistic: what comes back from maintenance is not judged at once") {
  Learned one;
  one.live(600);
  one.toy.off[1] = nan;
  one.live(30);
  one.toy.off[1] = -2;  // calibrated
  one.live(180);
  CHECK(one.recorder.text() == "");
}

TEST_CASE("mechanistic: too little to learn from gives nothing, and is no Error") {
  auto made = make_detector(enroll, usual);
  Toy toy;
  made.detector->begin(toy.rig.columns());
  for (int t = 0; t < 50; ++t) made.detector->learn(toy.next());
  CHECK(made.detector->settle());
  Recorder recorder;
  toy.off[1] = 50;
  for (int t = 0; t < 50; ++t) made.detector->look(toy.next(), recorder);
  CHECK(recorder.text() == "");
  CHECK(made.detector->save().empty());
}

}  // namespace
}  // namespace sosie
