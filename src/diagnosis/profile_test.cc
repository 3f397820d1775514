#include "diagnosis/profile.h"

#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "testing/rig.h"

namespace sosie {
namespace {

using testing::Rig;

constexpr auto minute = std::chrono::minutes(1);

/// `days` days of a daily wave, 100 at midnight and 120 at noon (local), with noise of deviation 1.
NormalProfile learned(Rig& rig, const Zone& zone, int days, double (*extra)(int)) {
  NormalProfile profile(zone);
  profile.begin(rig.columns());
  Random random(1);
  for (int i = 0; i < days * 1440; ++i) {
    const double hour = std::fmod(i / 60.0 + 1.0 / 60, 24);
    const double wave = 110 - 10 * std::cos(hour / 24 * 6.28318);
    profile.learn(rig.frame({wave + random.normal() + extra(i)}));
  }
  profile.settle();
  return profile;
}

double nothing(int /*minute*/) {
  return 0;
}

TEST_CASE("profile: the band follows the hours and holds about 99 % of the values") {
  Rig rig(Rig::plain(1), minute);
  const auto profile = learned(rig, *Zone::find("UTC"), 7, nothing);
  const auto noon = profile.band(0, 12);
  const auto night = profile.band(0, 0);
  REQUIRE(noon);
  REQUIRE(night);
  CHECK(noon->low == doctest::Approx(117).epsilon(0.01));
  CHECK(noon->high == doctest::Approx(122.5).epsilon(0.01));
  CHECK(night->high < noon->low);
}

TEST_CASE("profile: hours are the site's own") {
  Rig rig(Rig::plain(1), minute, Timestamp(std::chrono::hours(24 * 20000 - 1)));  // winter, UTC+1
  const auto profile = learned(rig, *Zone::find("Europe/Paris"), 7, nothing);
  CHECK(profile.band(0, 12)->low == doctest::Approx(117).epsilon(0.01));
}

TEST_CASE("profile: an unlabelled fault of half an hour does not widen the band") {
  Rig rig(Rig::plain(1), minute);
  const auto profile =
      learned(rig, *Zone::find("UTC"), 3, [](int i) { return i >= 720 && i < 750 ? 500.0 : 0.0; });
  CHECK(profile.band(0, 12)->high < 130);
}

TEST_CASE("profile: one day gives every hour a band, from its neighbours' too; an hour does not") {
  Rig rig(Rig::plain(1), minute);
  const auto day = learned(rig, *Zone::find("UTC"), 1, nothing);
  for (std::size_t hour = 0; hour < 24; ++hour) CHECK(day.band(0, hour));
  CHECK(!day.band(0, 24));
  CHECK(!day.band(1, 0));
  NormalProfile fresh(*Zone::find("UTC"));
  fresh.begin(rig.columns());
  fresh.settle();
  CHECK(!fresh.band(0, 0));
}

TEST_CASE("profile: frames of 5 s teach no more than one value a minute") {
  Rig rig(Rig::plain(1), std::chrono::seconds(5));
  NormalProfile profile(*Zone::find("UTC"));
  profile.begin(rig.columns());
  for (int i = 0; i < 12 * 10; ++i) profile.learn(rig.frame({1.0}));
  profile.settle();
  CHECK(!profile.band(0, 0));  // ten values
}

TEST_CASE("profile: bands survive by name; damage is an Error and changes nothing") {
  Rig rig(Rig::plain(1), minute);
  const auto first = learned(rig, *Zone::find("UTC"), 2, nothing);
  const auto bytes = first.save();
  NormalProfile second(*Zone::find("UTC"));
  auto sensors = Rig::plain(2);
  std::swap(sensors[0], sensors[1]);
  Rig other(sensors, minute);
  second.begin(other.columns());
  REQUIRE(second.load(bytes));
  CHECK(second.band(1, 7) == first.band(0, 7));
  CHECK(!second.band(0, 7));
  auto damaged = bytes;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 4);
  CHECK(second.load(damaged).error().code == Errc::corrupt);
  CHECK(second.load("").error().code == Errc::corrupt);
  CHECK(second.band(1, 7) == first.band(0, 7));
}

}  // namespace
}  // namespace sosie
