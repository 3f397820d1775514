#include "models/merit.h"

#include <doctest/doctest.h>

namespace sosie::models {
namespace {

Trial fair() {
  Trial trial;
  trial.from = Timestamp(std::chrono::hours(24));
  trial.to = Timestamp(std::chrono::hours(48));
  trial.frames = 1000;
  trial.active = {.episodes = 4, .wrong = 2, .confirmed = 1, .sensors = 10};
  trial.shadow = trial.active;
  trial.error_ratio = 1;
  return trial;
}

TEST_CASE("merit: what is promoted, and what is not") {
  struct Case {
    const char* name;
    void (*change)(Trial&);
    Judgement::What expected;
    const char* reason;
  };
  using enum Judgement::What;
  const Case cases[] = {
      {"too early", [](Trial& t) { t.to = t.from + std::chrono::hours(23); }, wait, ""},
      {"too few frames", [](Trial& t) { t.frames = 99; }, wait, ""},
      {"the same", [](Trial&) {}, retire, "no better"},
      {"foresees better", [](Trial& t) { t.error_ratio = 0.95; }, promote, "foresees better"},
      {"foresees a little better", [](Trial& t) { t.error_ratio = 0.96; }, retire, "no better"},
      {"foresees worse", [](Trial& t) { t.error_ratio = 1.02; }, retire, "foresees worse"},
      {"spares a wrong one", [](Trial& t) { t.shadow.wrong = 1; }, promote, "does not repeat 1"},
      {"and foresees worse",
       [](Trial& t) {
         t.shadow.wrong = 0;
         t.error_ratio = 1.2;
       },
       retire, "foresees worse"},
      {"misses a confirmed one",
       [](Trial& t) {
         t.shadow.confirmed = 0;
         t.error_ratio = 0.5;
       },
       retire, "misses 1 of 1"},
      {"says more",
       [](Trial& t) {
         t.shadow.episodes = 6;
         t.error_ratio = 0.5;
       },
       retire, "6 findings began"},
      {"says a quarter more",
       [](Trial& t) {
         t.shadow.episodes = 5;
         t.error_ratio = 0.5;
       },
       promote, "foresees better"},
      {"says more, within the budget",
       [](Trial& t) {
         t.shadow.episodes = 6;
         t.budget_per_day = 6;
         t.error_ratio = 0.5;
       },
       promote, "foresees better"},
      {"more than the budget, as the active one",
       [](Trial& t) {
         t.budget_per_day = 1;
         t.error_ratio = 0.5;
       },
       promote, "foresees better"},
      {"keeps to the budget, and the active one does not",
       [](Trial& t) {
         t.budget_per_day = 3;
         t.shadow.episodes = 3;
       },
       promote, "keeps to the budget"},
      {"knows fewer sensors",
       [](Trial& t) {
         t.shadow.sensors = 9;
         t.error_ratio = 0.5;
       },
       retire, "knows 9 sensors"},
      {"nothing could be foreseen", [](Trial& t) { t.error_ratio = 0; }, retire, "no better"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    Trial trial = fair();
    c.change(trial);
    const auto judgement = judge(trial, MeritRule());
    CHECK(judgement.what == c.expected);
    const auto why = joined(judgement.reasons);
    CHECK(why.en.starts_with(c.reason));
    CHECK(why.en.empty() == why.fr.empty());
  }
}

/// 1 to 100, spread evenly: 99 % of it lies between 0.5 and 99.5.
double ratio_for(const NormalProfile::Band& active, const NormalProfile::Band& shadow) {
  ErrorRatio error;
  for (int i = 0; i < 1000; ++i) error.add(0, 0.1 * i, active, shadow);
  return error.ratio();
}

TEST_CASE("error: neither a wide nor a narrow band looks better than the right one") {
  const NormalProfile::Band right{0.5, 99.5};
  CHECK(ratio_for(right, right) == 1);
  CHECK(ratio_for(right, {-50, 150}) > 1.5);
  CHECK(ratio_for(right, {40, 60}) > 1.5);
  CHECK(ratio_for({60, 160}, right) < 0.5);
}

TEST_CASE("error: every sensor counts the same, whatever its unit, and the unseen not at all") {
  ErrorRatio error;
  for (int i = 0; i < 100; ++i) {
    error.add(0, 0, {-1, 1}, {-2, 2});
    error.add(1, 0, {-1e6, 1e6}, {-5e5, 5e5});
  }
  error.add(3, 0, {-1, 1}, {-9, 9});
  CHECK(error.ratio() == doctest::Approx(1));
  CHECK(ErrorRatio().ratio() == 0);
}

}  // namespace
}  // namespace sosie::models
