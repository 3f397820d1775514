#include "diagnosis/observation.h"

#include <doctest/doctest.h>

namespace sosie::diagnosis {
namespace {

TEST_CASE("a clock that is fast and values that come again have sentences of their own") {
  Symptom symptom;
  symptom.detector = "missing";
  symptom.kind = SymptomKind::missing;
  symptom.value = 37;
  symptom.expected = 5;
  const auto told = [&](std::string_view rule) {
    symptom.rule = rule;
    return observation(Sign(symptom), SeriesInfo{}, std::chrono::minutes(60));
  };
  CHECK(told("ahead").en ==
        "has dated its values 37 s ahead of the other sensors for 60 min, as a clock that is fast "
        "does");
  CHECK(told("ahead").fr ==
        "date ses valeurs 37 s en avance sur les autres capteurs depuis 60 min, comme le fait une "
        "horloge qui avance");
  CHECK(told("again").en == "has sent many of its values more than once for 60 min");
  CHECK(told("again").fr == "envoie beaucoup de ses valeurs plus d'une fois depuis 60 min");
  CHECK(told("").en == "has not sent all its values in time for 60 min (usually one every 5 s)");
}

}  // namespace
}  // namespace sosie::diagnosis
