#include "diagnosis/recent.h"

#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie::diagnosis {
namespace {

using std::chrono::minutes;

/// Two hours of 100 with a deviation of 1, then an hour of what `course` makes of it, minute by
/// minute.
Shape shape_of(double (*course)(double minute, double noise)) {
  testing::Rig rig(testing::Rig::plain(1), std::chrono::seconds(5));
  Recent recent;
  recent.begin(1, std::chrono::seconds(5));
  Random random(1);
  const auto onset = rig.now() + minutes(120);
  for (int i = 0; i < 180 * 12; ++i) {
    const double minute = (i + 1) / 12.0 - 120;
    const double noise = random.normal();
    recent.look(rig.frame({minute < 0 ? 100 + noise : course(minute, noise)}));
  }
  return recent.shape(0, onset);
}

TEST_CASE("recent: a jump, a creep and a bump have each their shape") {
  const auto jump = shape_of([](double, double noise) { return 130 + noise; });
  CHECK(jump.jump > 0.9);
  CHECK(jump.back < 0.1);
  const auto creep = shape_of([](double minute, double noise) { return 100 + minute + noise; });
  CHECK(creep.jump < 0.2);
  CHECK(creep.straight > 0.95);
  CHECK(creep.back < 0.1);
  const auto bump = shape_of([](double minute, double noise) {
    return 100 + 40 * std::sin(minute / 60 * 3.14159) + noise;
  });
  CHECK(bump.jump < 0.3);
  CHECK(bump.straight < 0.3);
  CHECK(bump.back > 0.7);
}

TEST_CASE("recent: trembling more, less, and not at all") {
  const auto louder = shape_of([](double, double noise) { return 100 + 8 * noise; });
  CHECK(louder.louder == doctest::Approx(0.6).epsilon(0.1));
  CHECK(louder.calmer == 0);
  const auto calmer = shape_of([](double, double noise) { return 100 + noise / 4; });
  CHECK(calmer.calmer == doctest::Approx(0.4).epsilon(0.1));
  const auto still = shape_of([](double, double) { return 100.0; });
  CHECK(still.calmer == 1);
  const auto same = shape_of([](double, double noise) { return 100 + noise; });
  CHECK(same.jump == 0);
  CHECK(same.louder < 0.05);
}

TEST_CASE("recent: too little, or nothing, is no shape") {
  Recent recent;
  CHECK(recent.shape(0, {}).jump == 0);
  testing::Rig rig(testing::Rig::plain(1), minutes(1));
  recent.begin(1, minutes(1));
  const auto onset = rig.now();
  for (int i = 0; i < 60; ++i) recent.look(rig.frame({std::nan("")}));
  CHECK(recent.shape(0, onset + minutes(40)).calmer == 0);
  CHECK(recent.shape(7, onset).jump == 0);
}

TEST_CASE("recent: how many columns are not where they were") {
  testing::Rig rig(testing::Rig::plain(4), minutes(1));
  Recent recent;
  recent.begin(4, minutes(1));
  Random random(3);
  CHECK(recent.stirred() == 0);
  const auto live = [&](int rows, double moved) {
    for (int i = 0; i < rows; ++i) {
      recent.look(rig.frame({random.normal(), random.normal(), moved + random.normal(), 1}));
    }
  };
  live(300, 0);
  CHECK(recent.stirred() == 0);
  live(15, 20);
  CHECK(recent.stirred() == doctest::Approx(1.0 / 3));  // what rests is no witness
}

TEST_CASE("recent: how far a column is from where it was for days") {
  testing::Rig rig(testing::Rig::plain(3), minutes(1));
  Recent recent;
  recent.begin(3, minutes(1));
  Random random(3);
  const auto live = [&](int rows, double moved) {
    for (int i = 0; i < rows; ++i)
      recent.look(rig.frame({random.normal() - moved, 1, std::nan("")}));
  };
  live(600, 0);
  live(60, 20);
  CHECK(recent.astray(0) == 0);  // less than a day is known
  CHECK(recent.share_astray() == 0);
  recent.begin(3, minutes(1));
  live(3000, 0);
  CHECK(std::abs(recent.astray(0)) < 1);
  live(45, 20);
  CHECK(recent.astray(0) < -5);
  CHECK(recent.astray(1) == 0);
  CHECK(recent.astray(2) == 0);
  CHECK(recent.share_astray() == doctest::Approx(1.0 / 3));
}

TEST_CASE("recent: where a column usually is, is what it showed before the upset") {
  testing::Rig rig(testing::Rig::plain(1), std::chrono::seconds(5));
  Recent recent;
  recent.begin(1, std::chrono::seconds(5));
  CHECK_FALSE(recent.usual(0, rig.now()));
  const auto onset = rig.now() + minutes(60);
  for (int i = 0; i < 90 * 12; ++i) {
    const int minute = i / 12;
    recent.look(rig.frame({minute >= 60 ? 500.0 : (minute % 2 == 0 ? 90.0 : 110.0)}));
  }
  const auto usual = recent.usual(0, onset);
  REQUIRE(usual);
  CHECK(usual->mean == doctest::Approx(100).epsilon(0.03));
  CHECK(usual->low < 95);
  CHECK(usual->low >= 90);
  CHECK(usual->high > 105);
  CHECK(usual->high <= 110);
  CHECK_FALSE(recent.usual(1, onset));
  CHECK_FALSE(recent.usual(0, rig.now() - minutes(90)));  // nothing is known of before that
}

}  // namespace
}  // namespace sosie::diagnosis
