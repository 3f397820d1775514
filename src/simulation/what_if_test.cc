#include "simulation/what_if.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <doctest/doctest.h>

#include "simulation/label_book_test.h"
#include "simulation/toy_tank_test.h"

namespace sosie {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

WhatIf futures_of(const Plant& plant, const WhatIfQuestion& question) {
  auto told = what_if(plant, question);
  REQUIRE_MESSAGE(told, (told ? "" : told.error().what));
  return std::move(told).value();
}

std::string refusal_of(const Plant& plant, const WhatIfQuestion& question) {
  const auto told = what_if(plant, question);
  REQUIRE_FALSE(told);
  return told.error().what;
}

const Divergence& of_sensor(const WhatIf& told, std::size_t sensor) {
  return *std::ranges::find(told.divergences, sensor, &Divergence::sensor);
}

/// So that there is a middle of its life.
ToyTank lived() {
  ToyTank tank;
  LabelBook labels;
  std::array<PlantValue, 2> values{};
  for (int i = 0; i < 100; ++i) tank.step(values, labels);
  return tank;
}

TEST_CASE("what if: a change that changes nothing gives the same future, bit for bit") {
  const ToyTank tank = lived();
  WhatIfQuestion question;
  question.change.setpoints = {{"inflow", 1}};
  const auto told = futures_of(tank, question);
  REQUIRE(told.courses.size() == 2);
  CHECK(told.ahead == hours(24));
  CHECK(told.bucket == minutes(5));
  for (const auto& course : told.courses) {
    CHECK(course.unchanged.size() == 288);
    CHECK(same_bits(course.unchanged, course.changed));
  }
  for (const auto& d : told.divergences) {
    CHECK(d.deviation == 0);
    CHECK_FALSE(d.largest_at);
    CHECK_FALSE(d.first_at);
  }
}

TEST_CASE("what if: the unchanged future is the plant's own, bit for bit") {
  ToyTank tank = lived();
  WhatIfQuestion question;
  question.ahead = hours(2);
  question.change.weather = "wet";
  const auto told = futures_of(tank, question);
  CHECK(told.bucket == minutes(1));
  LabelBook labels;
  std::array<PlantValue, 2> values{};
  for (std::size_t i = 0; i < 120; ++i) {
    const Timestamp at = tank.step(values, labels);
    if (i == 0) CHECK(at == told.from + tank.period());
    CHECK(told.courses[0].unchanged[i] == values[0].value);
    CHECK(told.courses[1].unchanged[i] == values[1].value);
  }
}

TEST_CASE("what if: the plant that is asked does not move") {
  ToyTank asked = lived();
  ToyTank left_alone = lived();
  WhatIfQuestion question;
  question.change.faults = {{"leak", "", 1.0, hours(3)}};
  question.change.setpoints = {{"inflow", 2}};
  futures_of(asked, question);
  LabelBook labels;
  std::array<PlantValue, 2> values{};
  std::array<PlantValue, 2> others{};
  for (int i = 0; i < 500; ++i) {
    asked.step(values, labels);
    left_alone.step(others, labels);
    CHECK(values[0].value == others[0].value);
    CHECK(values[1].value == others[1].value);
  }
  CHECK(labels.heard.empty());
  CHECK(asked.running().empty());
  CHECK(asked.setpoints()[0].value == 1);
}

TEST_CASE("what if: futures differ by the fault alone, and the noise of both is one") {
  const ToyTank tank = lived();
  WhatIfQuestion question;
  question.change.faults = {{"leak", "tank", 0.5, hours(6)}};
  const auto told = futures_of(tank, question);
  CHECK(same_bits(told.courses[1].unchanged, told.courses[1].changed));
  const auto& level = told.courses[0];
  // dD/dt = -leak - D/T with T = 5 h: its exact course, whatever the noise.
  const double after_6_h = -0.5 * 5 * (1 - std::exp(-6.0 / 5));
  CHECK(level.changed[71] - level.unchanged[71] == doctest::Approx(after_6_h).epsilon(0.02));
  CHECK(told.divergences[0].sensor == 0);
  CHECK(told.divergences[0].deviation > 20);
  CHECK(told.divergences[0].largest == doctest::Approx(after_6_h).epsilon(0.02));
  CHECK(told.divergences[0].noise == doctest::Approx(0.01).epsilon(0.3));
  REQUIRE(told.divergences[0].first_at);
  CHECK(*told.divergences[0].first_at < told.from + minutes(15));
  CHECK(told.divergences[1].deviation == 0);
  REQUIRE(told.began.size() == 1);
  CHECK(told.began[0].scenario == "leak");
  CHECK(told.began[0].start == told.from + tank.period());
}

TEST_CASE("what if: a fault that runs is undone, and the plant recovers") {
  ToyTank tank = lived();
  const auto id = tank.inject({"leak", "", 1.0, hours(24)});
  REQUIRE(id);
  LabelBook labels;
  std::array<PlantValue, 2> values{};
  for (int i = 0; i < 600; ++i) tank.step(values, labels);
  CHECK(values[0].value < 1);
  WhatIfQuestion question;
  question.ahead = hours(48);
  question.change.undo = {*id};
  const auto told = futures_of(tank, question);
  CHECK(told.courses[0].changed.back() == doctest::Approx(5).epsilon(0.02));
  // In the unchanged future it ends as it was planned to: later, but it ends.
  CHECK(told.courses[0].unchanged[24] < 1);
  CHECK(told.courses[0].unchanged.back() > 4);
  REQUIRE(told.undone.size() == 1);
  CHECK(told.undone[0].id == *id);
  REQUIRE(told.running.size() == 1);
  CHECK(tank.running().size() == 1);
}

TEST_CASE("what if: chance brings no fault in either future") {
  ToyTank tank = lived();
  tank.set_fault_rate(0.5);
  WhatIfQuestion question;
  question.ahead = hours(24 * 7);
  question.change.setpoints = {{"inflow", 1}};
  const auto told = futures_of(tank, question);
  for (const double level : told.courses[0].unchanged) CHECK(level > 4.8);
  CHECK(tank.fault_rate() == 0.5);
}

TEST_CASE("what if: a fork of a fork of a fork lives as the first, and disturbs none") {
  ToyTank tank = lived();
  REQUIRE(tank.inject({"leak", "", 1.0, hours(2)}));
  REQUIRE(tank.set_setpoint("inflow", 3));
  auto one = fork(tank);
  REQUIRE(one);
  LabelBook labels;
  std::array<PlantValue, 2> values{};
  std::array<PlantValue, 2> others{};
  (*one)->step(values, labels);
  auto two = fork(**one);
  REQUIRE(two);
  auto three = fork(**two);
  REQUIRE(three);
  CHECK((*three)->setpoints()[0].value == 3);
  REQUIRE((*two)->set_weather("wet"));
  (*two)->step(values, labels);
  tank.step(others, labels);
  for (int i = 0; i < 200; ++i) {
    tank.step(others, labels);
    (*three)->step(values, labels);
    CHECK(values[0].value == others[0].value);
    CHECK(values[1].value == others[1].value);
  }
  WhatIfQuestion question;
  question.change.setpoints = {{"inflow", 3}};
  const auto of_fork = futures_of(**three, question);
  const auto of_first = futures_of(tank, question);
  CHECK(same_bits(of_fork.courses[0].changed, of_first.courses[0].changed));
}

TEST_CASE("what if: a silent sensor has no course, and no deviation") {
  const ToyTank tank = lived();
  WhatIfQuestion question;
  question.ahead = hours(10);
  question.change.faults = {{"stuck", "flow", {}, hours(20)}};
  const auto told = futures_of(tank, question);
  const auto& flow = of_sensor(told, 1);
  CHECK(flow.unchanged);
  CHECK_FALSE(flow.changed);
  CHECK(flow.deviation == 0);
  for (const double value : told.courses[1].changed) CHECK(std::isnan(value));
}

TEST_CASE("what if: only the courses that are asked for are kept") {
  const ToyTank tank = lived();
  WhatIfQuestion question;
  question.change.weather = "wet";
  question.sensors = {1, 1};
  const auto told = futures_of(tank, question);
  REQUIRE(told.courses.size() == 1);
  CHECK(told.courses[0].sensor == 1);
  CHECK(told.divergences.size() == 2);
}

TEST_CASE("what if: spans, and the buckets that they make") {
  struct Case {
    Duration ahead;
    Duration bucket;
    std::size_t buckets;
  };
  const ToyTank tank = lived();
  for (const Case& c : {Case{minutes(1), minutes(1), 1},
                        {minutes(61), minutes(1), 61},
                        {hours(6), minutes(5), 72},
                        {hours(24), minutes(5), 288},
                        {hours(48), minutes(10), 288},
                        {hours(24 * 7), minutes(60), 168},
                        {hours(24 * 31), minutes(60), 744}}) {
    CAPTURE(c.buckets);
    WhatIfQuestion question;
    question.ahead = c.ahead;
    question.change.weather = "wet";
    const auto told = futures_of(tank, question);
    CHECK(told.bucket == c.bucket);
    CHECK(told.courses[0].changed.size() == c.buckets);
    CHECK(told.ahead == static_cast<std::int64_t>(c.buckets) * c.bucket);
  }
}

TEST_CASE("what if: what cannot be asked is said, with what could") {
  struct Case {
    const char* name;
    WhatIfChange change;
    Duration ahead;
    std::vector<std::size_t> sensors;
    std::vector<const char*> said;
  };
  ToyTank tank = lived();
  REQUIRE(tank.inject({"leak", "", 1.0, hours(9)}));
  const Case cases[] = {
      {"nothing", {}, hours(24), {}, {"nothing is changed"}},
      {"a typo", {.setpoints = {{"inflo", 1}}}, hours(24), {}, {"'inflo'", "mean 'inflow'"}},
      {"range", {.setpoints = {{"inflow", 9}}}, hours(24), {}, {"inflow is 9", "0 to 4 m3/h"}},
      {"NaN", {.setpoints = {{"inflow", std::nan("")}}}, hours(24), {}, {"0 to 4 m3/h"}},
      {"weather", {.weather = "hail"}, hours(24), {}, {"weather"}},
      {"no fault", {.faults = {{"lek", "", {}, {}}}}, hours(24), {}, {"lek", "leak"}},
      {"size", {.faults = {{"leak", "", 9.0, {}}}}, hours(24), {}, {"9", "0.1", "2"}},
      {"label", {.undo = {77}}, hours(24), {}, {"77", "(leak (1 m3/h))"}},
      {"too short", {.weather = "wet"}, minutes(0), {}, {"0 hours", "744"}},
      {"too long", {.weather = "wet"}, hours(745), {}, {"745 hours", "744"}},
      {"sensor", {.weather = "wet"}, hours(1), {2}, {"sensor 2 where 2"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto said = refusal_of(tank, {c.change, c.ahead, c.sensors});
    CAPTURE(said);
    for (const char* part : c.said) CHECK(said.find(part) != std::string::npos);
  }
}

TEST_CASE("what if: a plant without setpoints says so") {
  const auto found = find_setpoint({}, "oxygen", 1);
  REQUIRE_FALSE(found);
  CHECK(found.error().what == "setpoint 'oxygen': this plant has none");
}

TEST_CASE("what if: weather that ends is as in the other future from then on") {
  const ToyTank tank = lived();
  WhatIfQuestion question;
  question.change.weather = "wet";
  const auto endless = futures_of(tank, question);
  question.change.weather_lasts = hours(2);
  const auto told = futures_of(tank, question);
  const WhatIfCourse& inflow = told.courses[1];
  constexpr std::size_t buckets = 24;  // of two hours
  for (std::size_t i = 0; i < inflow.unchanged.size(); ++i) {
    CAPTURE(i);
    CHECK((inflow.changed[i] > 1.5 * inflow.unchanged[i]) == (i < buckets));
    CHECK(endless.courses[1].changed[i] > 1.5 * inflow.unchanged[i]);
  }
  question.change.weather_lasts = Duration::zero();
  CHECK(refusal_of(tank, question) == "a weather of 0 hours; expected more than 0");
  question.change.weather = "";
  question.change.weather_lasts = hours(1);
  question.change.setpoints = {{"inflow", 2}};
  CHECK(refusal_of(tank, question) == "how long the weather lasts, and no weather");
}

}  // namespace
}  // namespace sosie
