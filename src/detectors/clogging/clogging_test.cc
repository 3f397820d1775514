#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_clogging(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("clogging: the sample is valid, a typo is an Error") {
  const auto made =
      make_detector(register_detectors_clogging,
                    Section::read_file(SOSIE_ROOT "/src/detectors/clogging/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  for (const std::string wrong : {"margn = 2", "margin = 0.5", "smooth = '0s'"}) {
    CAPTURE(wrong);
    const auto refused = make_detector(register_detectors_clogging, "kind = 'clogging'\n" + wrong);
    CHECK(refused.error.find(wrong.substr(0, wrong.find(' '))) != std::string::npos);
  }
}

/// A filter that is washed once a day, under a flow that doubles from night to day.
class Filter {
 public:
  explicit Filter(std::string_view unit = "kPa") : rig(sensors(unit)) {}

  Frame frame(double clogging) {
    const double hour = row_++ / 720.0;
    const double flow = 1000 * (1 + 0.4 * std::sin(hour / 24 * 2 * 3.14159));
    held_ += clogging / 720;
    if (row_ % washed_every == 0) held_ = 0;
    const double pressure = flow * (0.009 + 0.0006 * held_) * share;
    return rig.frame(
        {flow + 10 * random_.normal(), pressure + 0.15 * random_.normal(), 20 + random_.normal()});
  }
  Rig rig;
  int washed_every = 17280;  ///< rows
  double share = 1;          ///< of the flow, where others run beside it

 private:
  static std::vector<SeriesInfo> sensors(std::string_view unit) {
    auto all = Rig::plain(3);
    all[0].unit = "m3/h";
    all[1].unit = std::string(unit);
    all[2].unit = "kPa";  // of the air, in another stage
    all[0].stage = all[1].stage = "filters";
    return all;
  }
  int row_ = 0;
  double held_ = 0;
  Random random_{3};
};

std::unique_ptr<Detector> learned(Filter& filter) {
  auto made = make_detector(register_detectors_clogging, "kind = 'clogging'");
  REQUIRE(made.error == "");
  made.detector->begin(filter.rig.columns());
  for (int i = 0; i < 3 * 17280; ++i) made.detector->learn(filter.frame(1));
  REQUIRE(made.detector->settle());
  return std::move(made.detector);
}

TEST_CASE("clogging: a filter that clogs seven times as fast, though its pressure is as ever") {
  Filter filter;
  const auto detector = learned(filter);
  const auto model = detector->save();
  REQUIRE(!model.empty());
  Recorder ordinary;
  for (int i = 0; i < 17280 + 4 * 720; ++i) detector->look(filter.frame(1), ordinary);
  CHECK(ordinary.text() == "");
  Recorder faulty;
  for (int i = 0; i < 720; ++i) detector->look(filter.frame(7), faulty);
  REQUIRE(!faulty.symptoms.empty());
  const auto& first = faulty.symptoms.front();
  CHECK(first.kind == SymptomKind::deviation);
  CHECK(first.column == 1);
  CHECK(first.value > first.high);
  for (int i = 0; i < 3 * 720; ++i) detector->look(filter.frame(1), faulty);
  CHECK(!faulty.symptoms.back().active);

  auto other = make_detector(register_detectors_clogging, "kind = 'clogging'");
  other.detector->begin(filter.rig.columns());
  REQUIRE(other.detector->load(model));
  CHECK(other.detector->save() == model);
}

TEST_CASE(
    "clogging: a filter that clogged while it was learned, which nobody said, is no yardstick") {
  Filter filter;
  auto made = make_detector(register_detectors_clogging, "kind = 'clogging'");
  made.detector->begin(filter.rig.columns());
  for (int i = 0; i < 5 * 17280; ++i) {
    const bool is_faulty = i > 30'000 && i < 32'000;
    made.detector->learn(filter.frame(is_faulty ? 12 : 1));
  }
  REQUIRE(made.detector->settle());
  Recorder ordinary;
  for (int i = 0; i < 17280; ++i) made.detector->look(filter.frame(1), ordinary);
  CHECK(ordinary.text() == "");
  Recorder faulty;
  for (int i = 0; i < 1440; ++i) made.detector->look(filter.frame(7), faulty);
  CHECK(!faulty.symptoms.empty());
}

TEST_CASE("clogging: a second screen that opens for a storm and closes again clogs nothing") {
  Filter screen;
  screen.washed_every = 360;
  const auto detector = learned(screen);
  Recorder recorder;
  const auto look = [&](int rows, double share, double clogging) {
    screen.share = share;
    for (int i = 0; i < rows; ++i) detector->look(screen.frame(clogging), recorder);
  };
  look(1440, 1, 1);
  look(1440, 0.25, 1);
  look(4320, 1, 1);
  CHECK(recorder.text() == "");
  look(1440, 1, 20);
  CHECK(!recorder.symptoms.empty());
}

TEST_CASE("clogging: no pressure, no flow that matters, or nothing learned: nothing is said") {
  Filter level("m");
  CHECK(learned(level)->save().empty());

  auto sensors = Rig::plain(2);
  sensors[0].unit = "m3/h";
  sensors[1].unit = "mbar";
  Rig rig(sensors);
  auto made = make_detector(register_detectors_clogging, "kind = 'clogging'");
  made.detector->begin(rig.columns());
  Random random(5);
  for (int i = 0; i < 17280 * 2; ++i) {  // they have nothing to do with each other
    made.detector->learn(rig.frame({1000 + 100 * std::sin(i * 1e-3), 50 + random.normal()}));
  }
  REQUIRE(made.detector->settle());
  CHECK(made.detector->save().empty());
  Recorder recorder;
  for (int i = 0; i < 1440; ++i) made.detector->look(rig.frame({10, 80}), recorder);
  CHECK(recorder.text() == "");
}

}  // namespace
}  // namespace sosie
