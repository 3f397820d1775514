#include "engine/pace.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/pace_gate.h"

namespace sosie {
namespace {

using std::chrono::seconds;

/// Sensors, learned at a value every 5 s; frames every 5 s.
class PaceRig : public SymptomSink {
 public:
  explicit PaceRig(std::uint32_t sensors = 5) {
    infos_.resize(sensors);
    columns_.period = seconds(5);
    for (std::size_t i = 0; i < infos_.size(); ++i) {
      infos_[i].entity = "S" + std::to_string(i);
      infos_[i].attribute = "value";
      columns_.series.push_back(SeriesId{static_cast<std::uint32_t>(i)});
      columns_.info.push_back(&infos_[i]);
    }
    at_.resize(sensors);
    values_.assign(sensors, 1.0);
    pace.begin(columns_);
    gate.begin(sensors);
    for (int i = 0; i < 100; ++i) pace.learn(frame([](auto) { return true; }));
    pace.begin(columns_);  // as when another sensor joins: what was learned stays
  }

  void report(const Symptom& symptom) override {
    heard += std::string(to_text(symptom.kind)) + (symptom.active ? "+" : "-") +
             std::to_string(symptom.column) + " ";
  }

  /// The next frame; `sends(column)` says whether it has a value of it.
  template <class F>
  Frame frame(F sends) {
    now_ += seconds(5);
    ++number;
    fresh_.assign(at_.size(), 0);
    for (std::uint32_t i = 0; i < at_.size(); ++i) {
      if (!sends(i)) continue;
      fresh_[i] = 1;
      at_[i] = now_;
    }
    return {now_, values_, at_, fresh_};
  }

  /// A look at it, in which a detector tells these.
  void look(const Frame& frame, const std::vector<Symptom>& symptoms) {
    if (pace.look(frame)) gate.end_explained(pace, frame, *this);
    for (const auto& symptom : symptoms) gate.report(pace, frame, symptom, *this);
    gate.settle(pace, frame, *this);
  }

  /// Frames in which all send, and nobody tells anything.
  void live(int frames) {
    for (int i = 0; i < frames; ++i) look(frame([](auto) { return true; }), {});
  }
  /// … send every `factor`th frame; a detector tells these in the fourth.
  void live_slowly(int frames, int factor, const std::vector<Symptom>& symptoms) {
    for (int i = 0; i < frames; ++i) {
      const bool sends = i % factor == factor - 1;
      look(frame([&](auto) { return sends; }), i == 3 ? symptoms : std::vector<Symptom>{});
    }
  }

  static Symptom symptom(SymptomKind kind, std::uint32_t column, bool active = true) {
    Symptom made;
    made.detector = "d";
    made.kind = kind;
    made.active = active;
    made.column = column;
    return made;
  }
  static std::vector<Symptom> of_all(SymptomKind kind, std::uint32_t count) {
    std::vector<Symptom> all;
    for (std::uint32_t i = 0; i < count; ++i) all.push_back(symptom(kind, i));
    return all;
  }

  const AssetColumns& columns() const { return columns_; }

  Pace pace;
  PaceGate gate;
  std::string heard;
  int number = 0;

 private:
  std::vector<SeriesInfo> infos_;
  AssetColumns columns_;
  Timestamp now_{std::chrono::hours(1'000'000 / 2)};
  std::vector<Timestamp> at_;
  std::vector<double> values_;
  std::vector<std::uint8_t> fresh_;
};

TEST_CASE("a plant that has two rates, by day and by night, has no other one") {
  PaceRig rig;
  Pace pace;
  pace.begin(rig.columns());
  for (int day = 0; day < 3; ++day) {
    for (int i = 0; i < 800; ++i) pace.learn(rig.frame([](auto) { return true; }));
    for (int i = 0; i < 800; ++i) pace.learn(rig.frame([&](auto) { return i % 6 == 5; }));
  }
  pace.settle();
  CHECK(pace.regular() == 0);
  for (int i = 0; i < 60; ++i) pace.look(rig.frame([&](auto) { return i % 6 == 5; }));
  CHECK_FALSE(pace.is_other());
  // Nor is it one after a restart.
  Pace again;
  again.begin(rig.columns());
  const auto loaded = again.load(pace.save());
  if (!loaded) FAIL(loaded.error().what);
  CHECK(again.regular() == 0);
}

TEST_CASE("all sensors at another rate are one notice, and neither missing nor noisy") {
  for (const int factor : {2, 3, 10}) {
    CAPTURE(factor);
    PaceRig rig;
    CHECK(rig.pace.what().empty());
    rig.live_slowly(6 * factor, factor, PaceRig::of_all(SymptomKind::missing, 5));
    CHECK(rig.pace.is_other());
    CHECK(
        rig.pace.what().starts_with("5 of 5 sensors send at another rate than it was learned "
                                    "from (S0: every " +
                                    std::to_string(5 * factor) + " s, learned every 5 s)"));
    rig.live_slowly(4 * factor, factor, PaceRig::of_all(SymptomKind::noise, 5));
    CHECK(rig.heard.empty());
    // What is not of the rate is told as ever, and so is one that falls silent.
    rig.look(rig.frame([&](auto) { return false; }), {PaceRig::symptom(SymptomKind::limit, 2)});
    CHECK(rig.heard == "limit+2 ");
    for (int i = 0; i < 6 * factor; ++i) {
      const bool sends = i % factor == factor - 1;
      rig.look(rig.frame([&](auto column) { return column != 1 && sends; }), {});
    }
    CHECK(rig.heard == "limit+2 missing+1 ");
    rig.live(6);
    CHECK_FALSE(rig.pace.is_other());
  }
}

TEST_CASE("one sensor at another rate is no rate of all, and its symptoms pass at once") {
  PaceRig rig;
  for (int i = 0; i < 40; ++i) {
    const bool sends = i % 2 == 1;
    const auto frame = rig.frame([&](auto column) { return column != 3 || sends; });
    rig.look(frame, i == 20 ? std::vector{PaceRig::symptom(SymptomKind::missing, 3)}
                            : std::vector<Symptom>{});
    CHECK_FALSE(rig.pace.is_other());
  }
  CHECK(rig.heard == "missing+3 ");
}

TEST_CASE(
    "all sensors that are silent are told after three minutes, and what ends before is told") {
  PaceRig rig;
  rig.look(rig.frame([](auto) { return true; }), {});
  const int began = rig.number;
  rig.look(rig.frame([](auto) { return false; }), PaceRig::of_all(SymptomKind::missing, 5));
  while (rig.heard.empty() && rig.number < began + 100) {
    rig.look(rig.frame([](auto) { return false; }), {});
  }
  CHECK(rig.number == began + 37);
  CHECK(rig.heard == "missing+0 missing+1 missing+2 missing+3 missing+4 ");
  PaceRig shortly;
  shortly.look(shortly.frame([](auto) { return false; }), PaceRig::of_all(SymptomKind::missing, 5));
  shortly.look(shortly.frame([](auto) { return true; }),
               {PaceRig::symptom(SymptomKind::missing, 2, false)});
  CHECK(shortly.heard == "missing+2 missing-2 ");
}

TEST_CASE("what another rate hid is told once, if it still holds when the rate is usual again") {
  PaceRig rig;
  rig.live_slowly(30, 3, {});
  REQUIRE(rig.pace.is_other());
  rig.live_slowly(9, 3, PaceRig::of_all(SymptomKind::noise, 3));
  rig.live(40);
  REQUIRE_FALSE(rig.pace.is_other());
  // What is judged by many values still knows those of the other rate.
  CHECK(rig.heard.empty());
  rig.look(rig.frame([](auto) { return true; }), {PaceRig::symptom(SymptomKind::noise, 0, false)});
  rig.look(rig.frame([](auto) { return true; }), {PaceRig::symptom(SymptomKind::noise, 2)});
  CHECK(rig.heard == "noise-0 noise+2 ");
  rig.live(1000);
  CHECK(rig.heard == "noise-0 noise+2 noise+1 ");
  rig.look(rig.frame([](auto) { return true; }), {PaceRig::symptom(SymptomKind::noise, 1, false)});
  rig.live(1000);
  CHECK(rig.heard == "noise-0 noise+2 noise+1 noise-1 ");
}

TEST_CASE("what was told and ended by another rate is told again if it holds beyond that") {
  PaceRig rig;
  rig.look(rig.frame([](auto) { return true; }), {PaceRig::symptom(SymptomKind::noise, 4)});
  rig.live_slowly(30, 3, {});
  CHECK(rig.heard == "noise+4 noise-4 ");
  rig.live(20);
  rig.live_slowly(30, 3, {});  // and once more: it begins anew
  rig.live(20);
  CHECK(rig.heard == "noise+4 noise-4 ");
  rig.live(1000);
  CHECK(rig.heard == "noise+4 noise-4 noise+4 ");
}

TEST_CASE("one that falls silent at another rate is told, though its silence was told before") {
  PaceRig rig;
  rig.live_slowly(100, 10, {});
  REQUIRE(rig.pace.is_other());
  const auto last = rig.number;
  while (rig.heard.empty() && rig.number < last + 200) {
    const int since = rig.number - last;
    const bool sends = since % 10 == 9;
    rig.look(rig.frame([&](auto column) { return column != 1 && sends; }),
             since == 3 ? PaceRig::of_all(SymptomKind::missing, 5) : std::vector<Symptom>{});
    // As of each of them when the next value comes.
    if (since != 9) continue;
    for (const std::uint32_t i : {0U, 2U, 3U, 4U}) {
      rig.gate.report(rig.pace, rig.frame([](auto) { return false; }),
                      PaceRig::symptom(SymptomKind::missing, i, false), rig);
    }
    CHECK(rig.heard == "missing-0 missing-2 missing-3 missing-4 ");
    rig.heard.clear();
  }
  CHECK(rig.heard == "missing+1 ");
  CHECK(rig.number > last + 50);
  CHECK(rig.number < last + 55);
}

TEST_CASE("of two sensors one that is silent is told at once, and both after three minutes") {
  PaceRig one(2);
  one.live(1);
  one.look(one.frame([](auto column) { return column == 0; }),
           {PaceRig::symptom(SymptomKind::missing, 1)});
  CHECK(one.heard == "missing+1 ");
  PaceRig both(2);
  both.live(1);
  const int began = both.number;
  both.look(both.frame([](auto) { return false; }), PaceRig::of_all(SymptomKind::missing, 2));
  while (both.heard.empty() && both.number < began + 100) {
    both.look(both.frame([](auto) { return false; }), {});
  }
  CHECK(both.number == began + 37);
  CHECK(both.heard == "missing+0 missing+1 ");
}

TEST_CASE("values that are lost at random are no other rate") {
  PaceRig rig;
  std::uint32_t state = 1;
  for (int i = 0; i < 5000; ++i) {
    rig.look(rig.frame([&](auto) {
      state = state * 1664525U + 1013904223U;
      return (state >> 31U) != 0;
    }),
             {});
    REQUIRE_FALSE(rig.pace.is_other());
  }
}

TEST_CASE("a pace is kept and found again, and what is no pace is an Error") {
  PaceRig rig;
  const auto bytes = rig.pace.save();
  PaceRig other;
  REQUIRE(other.pace.load(bytes));
  CHECK(other.pace.save() == bytes);
  CHECK(other.pace.regular() == 5);
  CHECK(other.pace.usual() == seconds(5));
  CHECK_FALSE(other.pace.load("no pace"));
}

}  // namespace
}  // namespace sosie
