#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "core/adjustable.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_limits(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("limits: the sample is valid, a typo is an Error") {
  const auto made =
      make_detector(register_detectors_limits,
                    Section::read_file(SOSIE_ROOT "/src/detectors/limits/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(
      make_detector(register_detectors_limits, "kind = 'limits'\nmargn = 2").error.find("margn") !=
      std::string::npos);
}

SeriesInfo sensor(const char* name, double low, double high) {
  SeriesInfo info;
  info.entity = name;
  info.attribute = "value";
  info.low = low;
  info.high = high;
  return info;
}

/// What is told of values of one sensor, one a period of 5 s.
std::string told(std::string_view toml, const std::vector<double>& values,
                 const std::vector<double>& learned = {}) {
  auto made = make_detector(register_detectors_limits, toml);
  REQUIRE(made.error == "");
  Rig rig({sensor("AIT-1-TSS", 0, 100)});
  made.detector->begin(rig.columns());
  for (const double value : learned) made.detector->learn(rig.frame({value}));
  if (!learned.empty()) REQUIRE(made.detector->settle());
  Recorder recorder;
  for (const double value : values) made.detector->look(rig.frame({value}), recorder);
  return recorder.text();
}

TEST_CASE("limits: a table of rules and values") {
  struct Case {
    const char* name;
    const char* rule;
    std::vector<double> values;
    const char* expected;
  };
  const Case cases[] = {
      {"silent at the limit", "high = 30", {29, 30}, ""},
      {"begins beyond, ends when back", "high = 30", {31, 45, 30}, "limit 0, -limit 0"},
      {"the deadband holds it", "high = 30\ndeadband = 2", {31, 29, 31, 27}, "limit 0, -limit 0"},
      {"the on-delay waits", "high = 30\non_delay = '10s'", {31, 31, 29, 31, 31}, ""},
      {"the off-delay waits", "high = 30\noff_delay = '10s'", {31, 29, 31, 29}, "limit 0"},
      {"below", "low = 10", {11, 9, 11}, "limit 0, -limit 0"},
      {"two limits, two symptoms", "high = 30\nhigh_high = 40", {50}, "limit 0, limit 0"},
      {"an unknown value neither begins nor ends", "high = 30", {31, std::nan("")}, "limit 0"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(told(fmt::format("kind = 'limits'\n[[rule]]\non = 'AIT-*'\n{}", c.rule), c.values) ==
          c.expected);
  }
}

TEST_CASE("limits: rules that cannot be") {
  const auto error = [](const char* rule) {
    return make_detector(register_detectors_limits,
                         fmt::format("kind = 'limits'\n[[rule]]\n{}", rule))
        .error;
  };
  CHECK(error("on = 'A'\nhigh = 5\nlow = 7").find("'high' is 5, expected more than low = 7") !=
        std::string::npos);
  CHECK(error("on = 'A'").find("has no limit") != std::string::npos);
  CHECK(error("high = 5").find("'on' is missing") != std::string::npos);
  CHECK(error("on = 'A'\nhigh = 5\ndeadband = -1").find("negative") != std::string::npos);
  CHECK(error("on = 'A'\nhigh = 5\npriority = 'hgh'").find("did you mean high") !=
        std::string::npos);
}

TEST_CASE("limits: pages learn the limits, the outer ones more urgent") {
  auto made = make_detector(register_detectors_limits,
                            "kind='limits'\n[[rule]]\non=['AIT-1-TSS']\nhigh=30\nhigh_high=40");
  Rig rig({sensor("AIT-1-TSS", 0, 100), sensor("AIT-2", 0, 1)});
  made.detector->begin(rig.columns());
  const auto limits = made.detector->limits();
  REQUIRE(limits.size() == 2);
  CHECK(limits[0].name == "high_high");
  CHECK(limits[0].priority == Priority::high);
  CHECK(limits[1].value == 30);
  CHECK(limits[1].priority == Priority::medium);
}

TEST_CASE("limits: the ends of the range") {
  const char* const toml = "kind = 'limits'\nrange_delay = '5s'";
  CHECK(told(toml, {50, 100, 100, 50}) == "out_of_range 0");
  CHECK(told(toml, {50, 100, 50, 100}) == "");
  CHECK(told(toml, {0, 0}) == "out_of_range 0");
  // A sensor that rests at 0 in training is at home there; clearly below is still reported.
  const std::vector<double> rests(100, 0.0);
  CHECK(told(toml, {0, 0, 0}, rests) == "");
  CHECK(told(toml, {-2, -2, -2}, rests) == "out_of_range 0");
  // One unlabelled hour at the end of a day does not make it a home.
  std::vector<double> once(1000, 50.0);
  std::fill_n(once.begin() + 300, 50, 100.0);
  CHECK(told(toml, {100, 100}, once) == "out_of_range 0");
}

TEST_CASE("limits: at the end of the range is a hint, beyond it is certain") {
  auto made = make_detector(register_detectors_limits, "kind = 'limits'\nrange_delay = '0s'");
  Rig rig({sensor("A", 0, 10)});
  made.detector->begin(rig.columns());
  Recorder recorder;
  made.detector->look(rig.frame({10.0}), recorder);
  made.detector->look(rig.frame({10.3}), recorder);
  REQUIRE(recorder.symptoms.size() == 2);
  CHECK(recorder.symptoms[0].score < 0.5);
  CHECK(recorder.symptoms[1].score > 0.9);
}

TEST_CASE("limits: where its trembling brings it beyond an end is a hint, further is certain") {
  auto made = make_detector(register_detectors_limits, "kind = 'limits'\nrange_delay = '0s'");
  Rig rig({sensor("A", 0, 100)});
  made.detector->begin(rig.columns());
  Random random(4);
  Recorder shaken;
  for (int i = 0; i < 2000; ++i) {
    made.detector->look(rig.frame({4 + (i < 100 ? 0.1 : 2) * random.normal()}), shaken);
  }
  CHECK(!shaken.symptoms.empty());
  for (const auto& symptom : shaken.symptoms) CHECK(symptom.score < 0.5);
  Recorder broken;
  made.detector->look(rig.frame({-20.0}), broken);
  REQUIRE(broken.symptoms.size() == 1);
  CHECK(broken.symptoms.front().score > 0.9);
}

TEST_CASE("limits: one that is moved is judged by from the next frame on") {
  auto made = make_detector(register_detectors_limits,
                            "kind = 'limits'\n[[rule]]\non = ['A']\nhigh = 12\nhigh_high = 20");
  REQUIRE(made.error == "");
  Rig rig({sensor("A", 0, 100)});
  made.detector->begin(rig.columns());
  auto* adjustable = dynamic_cast<Adjustable*>(made.detector.get());
  REQUIRE(adjustable != nullptr);
  Recorder recorder;
  made.detector->look(rig.frame({13.0}), recorder);
  CHECK(adjustable->set_limit(0, "high", 14));
  made.detector->look(rig.frame({13.0}), recorder);
  CHECK(adjustable->set_limit(0, "high", 12));
  made.detector->look(rig.frame({13.0}), recorder);
  CHECK(recorder.text() == "limit 0, -limit 0, limit 0");
  CHECK(made.detector->limits()[1].value == 12);
  CHECK_FALSE(adjustable->set_limit(0, "low", 1));
  CHECK_FALSE(adjustable->set_limit(1, "high", 1));
}

TEST_CASE("limits: what was learned survives by name") {
  auto first = make_detector(register_detectors_limits, "kind = 'limits'\nrange_delay = '0s'");
  Rig rig({sensor("A", 0, 10)});
  first.detector->begin(rig.columns());
  for (int i = 0; i < 10; ++i) first.detector->learn(rig.frame({0.0}));
  REQUIRE(first.detector->settle());
  const auto model = first.detector->save();
  auto second = make_detector(register_detectors_limits, "kind = 'limits'\nrange_delay = '0s'");
  Rig other({sensor("B", 0, 10), sensor("A", 0, 10)});
  second.detector->begin(other.columns());
  REQUIRE(second.detector->load(model));
  Recorder recorder;
  second.detector->look(other.frame({0.0, 0.0}), recorder);
  CHECK(recorder.text() == "out_of_range 0");
  CHECK(!second.detector->load("rubbish"));
}

}  // namespace
}  // namespace sosie
