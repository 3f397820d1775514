#include "evaluation/confusion.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

using std::chrono::hours;

/// Ten days: of each of two kinds four labels, some missed, some called the other; a false finding.
Score made() {
  Score score;
  score.from = Timestamp(hours(0));
  score.to = Timestamp(hours(240));
  const auto label = [&](Kind kind, bool found, Kind said) {
    const auto at = Timestamp(hours(24 * static_cast<int>(score.label_outcomes.size()) + 12));
    score.label_outcomes.push_back(
        {.start = at, .kind = kind, .found = found, .said = said, .delay_s = 60});
    if (found) score.finding_outcomes.push_back({.detected = at, .kind = said, .is_true = true});
  };
  constexpr auto failure = Kind::sensor_failure;
  constexpr auto attack = Kind::cyber_attack;
  for (int i = 0; i < 3; ++i) label(failure, true, failure);
  label(failure, false, Kind::unknown);
  for (int i = 0; i < 2; ++i) label(attack, true, attack);
  label(attack, true, failure);
  label(attack, true, Kind::unknown);
  score.finding_outcomes.push_back(
      {.detected = Timestamp(hours(100)), .kind = attack, .is_true = false});
  return score;
}

TEST_CASE("confusion: rows are what was, columns what was said") {
  const auto confusion = confusion_of(made());
  constexpr std::size_t failure = 0;
  constexpr std::size_t attack = 4;
  CHECK(confusion.counts[failure][failure] == 3);
  CHECK(confusion.counts[failure][kind_count] == 1);  // missed
  CHECK(confusion.counts[attack][failure] == 1);
  CHECK(confusion.counts[attack][Confusion::causes] == 1);  // unknown
  CHECK(confusion.counts[Confusion::causes][attack] == 1);  // on no label
  CHECK(*confusion.f1(Kind::sensor_failure) == doctest::Approx(6.0 / 7));
  CHECK(*confusion.f1(Kind::cyber_attack) == doctest::Approx(4.0 / 6));
  CHECK(!confusion.f1(Kind::pollution_peak));
  CHECK(*confusion.macro_f1() == doctest::Approx((6.0 / 7 + 4.0 / 6) / 2));
  // With the missed one (2·3 / (4 + 4)) and the false one (2·2 / (4 + 3)).
  CHECK(*confusion.strict_macro_f1() == doctest::Approx((6.0 / 8 + 4.0 / 7) / 2));
}

TEST_CASE("confusion: a recording's labels have no kind and are left out") {
  Score score;
  score.label_outcomes.push_back({.start = {}, .kind = Kind::unknown, .found = true});
  CHECK(!confusion_of(score).macro_f1());
}

TEST_CASE("confusion: intervals hold the figure, and are drawn the same each time") {
  const auto score = made();
  const auto intervals = intervals_of(score);
  REQUIRE(intervals.recall);
  CHECK(intervals.recall->value == doctest::Approx(7.0 / 8));
  REQUIRE(intervals.recall->low);
  CHECK(*intervals.recall->low < 7.0 / 8);
  CHECK(*intervals.recall->high >= 7.0 / 8);
  CHECK(intervals.precision->value == doctest::Approx(7.0 / 8));
  CHECK(intervals.false_per_day->value == doctest::Approx(0.1));
  CHECK(intervals.median_delay_s->value == 60);
  CHECK(*intervals_of(score).macro_f1->low == *intervals.macro_f1->low);
}

}  // namespace
}  // namespace sosie
