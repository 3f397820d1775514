#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_echo(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

constexpr std::size_t sensors = 12;
constexpr std::size_t computed = 3;  ///< the sensor that somebody may hold

/// Twelve sensors that follow one slow course, each with a noise of its own.
class Plant {
 public:
  explicit Plant(std::uint64_t seed) : rig_(Rig::plain(sensors)), random_(seed) {}

  Rig& rig() { return rig_; }
  /// `is_held`: the third shows the mean of the others, and some noise.
  Frame next(bool is_held) {
    const double course = 3 * std::sin(step_++ * 3.6e-4);
    std::vector<double> values(sensors);
    double sum = 0;
    for (double& value : values) {
      value = course + random_.normal();
      sum += value;
    }
    const double others = (sum - values[computed]) / (sensors - 1);
    if (is_held) values[computed] = others + 0.3 * random_.normal();
    return rig_.frame(values);
  }

 private:
  Rig rig_;
  Random random_;
  int step_ = 0;
};

std::unique_ptr<Detector> learned(Plant& plant, const char* toml = "kind = 'echo'\nseed = 5") {
  auto made = make_detector(register_detectors_echo, toml);
  REQUIRE(made.error == "");
  made.detector->begin(plant.rig().columns());
  for (int i = 0; i < 17280; ++i) made.detector->learn(plant.next(false));
  REQUIRE(made.detector->settle());
  return std::move(made.detector);
}

/// What is told of more sensors than were learned, each by itself but for the one that is computed.
std::string told_of_computed(Detector& detector, Rig& wider, std::size_t columns) {
  Random random(1);
  Recorder recorder;
  for (int i = 0; i < 1500; ++i) {
    std::vector<double> values(columns);
    double sum = 0;
    for (double& value : values) value = random.normal();
    for (std::size_t c = 0; c < sensors; ++c) sum += c == computed ? 0 : values[c];
    values[computed] = sum / (sensors - 1) + 0.3 * random.normal();
    detector.look(wider.frame(values), recorder);
  }
  return recorder.text();
}

TEST_CASE("echo: the sample is valid, what is none is an Error") {
  const auto made = make_detector(register_detectors_echo,
                                  Section::read_file(SOSIE_ROOT "/src/detectors/echo/sample.toml"));
  CHECK(made.error == "");
  for (const auto* const wrong :
       {"seeds = 1", "slack = 0", "limit = -1", "peers = 1.5", "rows = 10"}) {
    CAPTURE(wrong);
    const auto text = std::string("kind = 'echo'\n") + wrong;
    CHECK(make_detector(register_detectors_echo, text).error != "");
  }
}

TEST_CASE("echo: silent on another day of the same, over five seeds") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    Plant plant(seed);
    const auto detector = learned(plant);
    Recorder recorder;
    for (int i = 0; i < 17280; ++i) detector->look(plant.next(false), recorder);
    CHECK(recorder.text() == "");
  }
}

TEST_CASE("echo: a value that is computed from the others is told, and nobody else") {
  Plant plant(6);
  const auto detector = learned(plant);
  Recorder recorder;
  for (int i = 0; i < 3000; ++i) detector->look(plant.next(i >= 500 && i < 1500), recorder);
  REQUIRE(recorder.symptoms.size() >= 2);
  for (const auto& symptom : recorder.symptoms) CHECK(symptom.column == computed);
  CHECK(recorder.symptoms.front().score >= 0.8);
  CHECK(recorder.symptoms.front().anomaly > 0.3);
  CHECK_FALSE(recorder.symptoms.back().active);
}

TEST_CASE("echo: what was learned survives; what is damaged is refused") {
  Plant plant(7);
  const auto first = learned(plant);
  const auto model = first->save();
  REQUIRE(!model.empty());
  auto second = make_detector(register_detectors_echo, "kind = 'echo'");
  second.detector->begin(plant.rig().columns());
  REQUIRE(second.detector->load(model));
  CHECK(second.detector->save() == model);
  Recorder recorder;
  for (int i = 0; i < 1000; ++i) second.detector->look(plant.next(true), recorder);
  CHECK(recorder.text().starts_with("replay 3"));
  auto early = make_detector(register_detectors_echo, "kind = 'echo'");
  REQUIRE(early.detector->load(model));  // its sensors join later
  early.detector->begin(plant.rig().columns());
  CHECK(early.detector->save() == model);
  auto damaged = model;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  CHECK_FALSE(second.detector->load(damaged));
  CHECK(second.detector->save() == model);  // nothing of it was taken
}

TEST_CASE("echo: a sensor that joins leaves what was learned in its place") {
  Plant plant(8);
  const auto detector = learned(plant);
  Rig wider(Rig::plain(sensors + 5));
  detector->begin(wider.columns());
  CHECK(told_of_computed(*detector, wider, sensors + 5).starts_with("replay 3"));
}

TEST_CASE("echo: a sensor that joins while it learns") {
  Plant plant(8);
  auto made = make_detector(register_detectors_echo, "kind = 'echo'\nseed = 5");
  made.detector->begin(plant.rig().columns());
  for (int i = 0; i < 17280; ++i) made.detector->learn(plant.next(false));
  Rig wider(Rig::plain(sensors + 1));
  made.detector->begin(wider.columns());
  REQUIRE(made.detector->settle());  // not one row of it
  auto again = make_detector(register_detectors_echo, "kind = 'echo'");
  again.detector->begin(wider.columns());
  REQUIRE(again.detector->load(made.detector->save()));
  CHECK(told_of_computed(*again.detector, wider, sensors + 1).starts_with("replay 3"));
}

TEST_CASE("echo: learning goes on after it was asked what it knows") {
  const auto model = [](bool is_asked) {
    Plant plant(9);
    auto made = make_detector(register_detectors_echo, "kind = 'echo'\nseed = 5");
    made.detector->begin(plant.rig().columns());
    for (int i = 0; i < 17280; ++i) {
      // At last the fourth sensor is computed from the others, by nature.
      made.detector->learn(plant.next(i > 15000));
      if (is_asked && i == 8000) REQUIRE(made.detector->settle());
    }
    REQUIRE(made.detector->settle());
    Recorder recorder;
    for (int i = 0; i < 1500; ++i) made.detector->look(plant.next(true), recorder);
    return recorder.text();
  };
  CHECK(model(false) == "");
  CHECK(model(true) == "");
}

TEST_CASE("echo: another seed, other peers; by itself nobody knows them") {
  const auto model = [](const char* toml) {
    Plant plant(9);
    return learned(plant, toml)->save();
  };
  const auto one = model("kind = 'echo'\nseed = 1");
  CHECK(one == model("kind = 'echo'\nseed = 1"));
  CHECK(one != model("kind = 'echo'\nseed = 2"));
  CHECK(model("kind = 'echo'") != model("kind = 'echo'"));  // drawn by chance
}

TEST_CASE("echo: too little to learn from gives nothing") {
  Plant plant(10);
  auto made = make_detector(register_detectors_echo, "kind = 'echo'");
  made.detector->begin(plant.rig().columns());
  for (int i = 0; i < 100; ++i) made.detector->learn(plant.next(false));
  REQUIRE(made.detector->settle());
  CHECK(made.detector->save().empty());
  Recorder recorder;
  for (int i = 0; i < 2000; ++i) made.detector->look(plant.next(true), recorder);
  CHECK(recorder.text() == "");
}

}  // namespace
}  // namespace sosie
