#include "models/about.h"

#include <doctest/doctest.h>

namespace sosie::models {
namespace {

using std::chrono::seconds;

TEST_CASE("what a model was learned of: there and back") {
  const About about{"plant", seconds(5), {"pH", "AIT-306.o2 \"x\""}};
  const auto back = about_from_json(to_json(about));
  REQUIRE(back);
  CHECK(*back == about);
  for (const auto* text : {"", "{}", R"({"asset":"a","period_us":1,"series":[7]})"}) {
    CHECK(about_from_json(text).error().code == Errc::corrupt);
  }
}

TEST_CASE("whether a model fits what is here") {
  const About about{"plant", seconds(5), {"a", "b", "c", "d"}};
  CHECK(fit_of(about, seconds(5), {"a", "b", "c", "d"}).is_fit);
  CHECK(fit_of(about, seconds(5), {"a", "b", "c", "d"}).what.empty());
  CHECK(fit_of(about, seconds(5), {}).is_fit);  // nobody has declared anything yet
  const auto slow = fit_of(about, std::chrono::minutes(1), {"a", "b", "c", "d"});
  CHECK_FALSE(slow.is_fit);
  CHECK(slow.what == "it was learned from a frame every 5 s, and [frame] period here is 60 s");
  const auto other = fit_of(about, seconds(5), {"a", "x", "y"});
  CHECK_FALSE(other.is_fit);
  CHECK(other.what ==
        "it is of another plant ('plant'): of its 4 sensors 1 are here; not here: b, c, d");
  const auto more = fit_of(about, seconds(5), {"a", "b", "c", "new"});
  CHECK(more.is_fit);
  CHECK(more.what.starts_with("1 of 4 sensors are unknown to it"));
  CHECK(fit_of(about, seconds(5), {"a", "b"}).is_fit);  // half of it is gone, and says nothing
}

}  // namespace
}  // namespace sosie::models
