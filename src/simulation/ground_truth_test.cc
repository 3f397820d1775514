#include "simulation/ground_truth.h"

#include <doctest/doctest.h>

#include "simulation/toy_tank_test.h"

namespace sosie {
namespace {

/// A tank that lives beside itself without faults.
struct Beside {
  Beside() {
    auto made = GroundTruth::beside(tank);
    REQUIRE(made);
    truth = std::move(*made);
  }
  void live(int minutes) {
    for (int i = 0; i < minutes; ++i) {
      at = tank.step(values, *truth);
      truth->step(at, values, tank);
    }
  }

  ToyTank tank;
  std::unique_ptr<GroundTruth> truth;
  std::vector<PlantValue> values = std::vector<PlantValue>(2);
  Timestamp at;
};

TEST_CASE("ground truth: without a fault nothing is labelled") {
  Beside beside;
  beside.live(600);
  beside.truth->finish();
  CHECK(beside.truth->events().empty());
  CHECK(beside.truth->traces().empty());
  CHECK(beside.truth->labelled() == 0);
  CHECK(beside.truth->values() == 1200);
}

TEST_CASE("ground truth: a fault of the process shows where the two lives part") {
  Beside beside;
  beside.live(10);
  REQUIRE(beside.tank.inject({"leak", "", {}, std::chrono::hours(1)}));
  beside.live(24 * 60 * 2);
  beside.truth->finish();
  REQUIRE(beside.truth->events().size() == 1);
  const TruthEvent& event = beside.truth->events()[0];
  CHECK(event.label.over);
  CHECK(event.moved > 30);
  REQUIRE(event.effect_from);
  REQUIRE(event.effect_to);
  CHECK(*event.effect_from >= event.label.start);
  CHECK(*event.effect_to > event.label.end);  // it has to fill again
  for (const TruthTrace& trace : beside.truth->traces()) {
    CHECK(trace.event == 0);
    CHECK(trace.sensor == 0);  // the inflow does not know of it
    CHECK(trace.peak < 0);
  }
}

TEST_CASE("ground truth: a silent sensor is under its fault as long as that lasts, and no other") {
  Beside beside;
  beside.live(10);
  REQUIRE(
      beside.tank.inject({"stuck", beside.tank.describe(1).name(), {}, std::chrono::minutes(30)}));
  beside.live(100);
  beside.truth->finish();
  REQUIRE(beside.truth->traces().size() == 1);
  const TruthTrace& trace = beside.truth->traces()[0];
  CHECK(trace.sensor == 1);
  CHECK(trace.direct);
  CHECK(beside.truth->labelled() == 30);
  CHECK(beside.truth->steps_under_event() == 30);
  CHECK(trace.to - trace.from == std::chrono::minutes(29));
}

TEST_CASE("ground truth: an event knows what else was there while it ran, and no longer") {
  Beside beside;
  const auto inject = [&] {
    REQUIRE(beside.tank.inject(
        {"stuck", beside.tank.describe(1).name(), {}, std::chrono::minutes(30)}));
  };
  beside.live(10);
  inject();
  beside.live(60);
  REQUIRE(beside.tank.set_weather("wet"));
  beside.live(10);
  inject();
  beside.live(10);
  REQUIRE(beside.tank.set_weather("dry"));
  beside.live(60);
  const auto events = beside.truth->events();
  REQUIRE(events.size() == 2);
  CHECK(events[0].weather == "dry");
  CHECK(events[0].confounders.empty());
  CHECK(events[1].weather == "wet");
  CHECK(events[1].confounders == std::vector<std::string_view>{"rain"});
}

TEST_CASE("ground truth: a stretch has the worst quality of its values") {
  Beside beside;
  beside.live(10);
  REQUIRE(beside.tank.inject({"leak", "", {}, std::chrono::hours(1)}));
  REQUIRE(
      beside.tank.inject({"stuck", beside.tank.describe(1).name(), {}, std::chrono::minutes(30)}));
  beside.live(100);
  beside.truth->finish();
  for (const TruthTrace& trace : beside.truth->traces()) {
    CHECK(trace.worst == (trace.sensor == 1 ? Quality::bad : Quality::good));
  }
}

TEST_CASE("ground truth: what has moved is laid to who is at work") {
  Beside beside;
  beside.live(10);
  REQUIRE(beside.tank.inject({"stuck", beside.tank.describe(1).name(), {}, std::chrono::hours(2)}));
  beside.live(5);
  REQUIRE(beside.tank.inject({"leak", "", {}, std::chrono::hours(1)}));
  beside.live(300);
  beside.truth->finish();
  REQUIRE(beside.truth->events().size() == 2);
  for (const TruthTrace& trace : beside.truth->traces()) CHECK(trace.event == 1 - trace.sensor);
}

}  // namespace
}  // namespace sosie
