#include "diagnosis/diagnosis.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "testing/golden.h"
#include "testing/rig.h"

namespace sosie {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Rig;

SeriesInfo sensor(std::string_view tag, std::string_view stage, SharedWords quantity,
                  std::string_view attribute, std::string_view unit) {
  SeriesInfo info;
  info.entity = tag;
  info.attribute = attribute;
  info.stage = stage;
  info.quantity = std::move(quantity);
  info.unit = unit;
  info.low = 0;
  info.high = 5000;
  return info;
}

/// A small plant: four stages, eleven sensors.
std::vector<SeriesInfo> plant() {
  auto sensors = std::vector{
      sensor("FIT-101", "inlet", {"flow", "débit"}, "debit", "m3/h"),
      sensor("AIT-107-COD", "inlet", {"COD", "DCO"}, "dco", "mg/L"),
      sensor("AIT-109-NH4", "inlet", {"ammonia N", "ammonium"}, "ammonium", "mg N/L"),
      sensor("AIT-206-COD", "primary", {"COD", "DCO"}, "dco", "mg/L"),
      sensor("AIT-212-NH4", "primary", {"ammonia N", "ammonium"}, "ammonium", "mg N/L"),
      sensor("AIT-306-DO", "biology", {"dissolved oxygen", "oxygène dissous"}, "o2_dissous",
             "mg/L"),
      sensor("FIT-325", "biology", {"air flow", "débit air"}, "debit_air", "Nm3/h"),
      sensor("JIT-330", "biology", {"electric power", "puissance"}, "puissance", "kW"),
      sensor("YS-328", "biology", {"blower status", "état surpresseur"}, "etat_pompe", "0/1/2"),
      sensor("AIT-806-TSS", "outlet", {"TSS", "MES"}, "mes", "mg/L"),
      sensor("JIT-115", "inlet", {"electric power", "puissance"}, "puissance", "kW"),
  };
  sensors[5].location = "reactor 5";
  sensors[5].location_fr = "réacteur 5";
  sensors[8].sensor_class = "S";
  return sensors;
}

/// Tells a diagnosis a story, and keeps what it says.
class Story {
 public:
  explicit Story(Diagnosis::Config config = {}) : diagnosis(config) {
    diagnosis.begin(rig.columns());
  }

  /// Frames go by.
  void wait(Duration d) {
    for (const auto until = rig.now() + d; rig.now() < until;) tick();
  }
  void tick() {
    const Frame frame = rig.frame(values);
    for (auto& symptom : pending_) {
      symptom.at = frame.at;
      if (symptom.since == Timestamp{}) symptom.since = frame.at;
      diagnosis.report(symptom);
    }
    pending_.clear();
    diagnosis.end_frame(frame, events);
  }

  /// Reported with the next frame.
  void sees(std::string_view tag, SymptomKind kind, double value, double expected,
            double score = 0.9) {
    Symptom symptom = made("test", kind);
    symptom.column = column(tag);
    symptom.score = score;
    symptom.value = value;
    symptom.expected = expected;
    symptom.low = expected * 0.9;
    symptom.high = expected * 1.1;
    values[symptom.column] = value;
    pending_.push_back(symptom);
  }
  void is_upset_at_inlet() {
    for (const auto* const tag : {"AIT-107-COD", "AIT-109-NH4", "AIT-206-COD"}) {
      sees(tag, SymptomKind::residual, 900, 640);
    }
  }
  void is_upset_up_to_primary() {
    is_upset_at_inlet();
    sees("AIT-212-NH4", SymptomKind::residual, 60, 32);
  }
  void ends(std::string_view tag, SymptomKind kind) {
    Symptom symptom = made("test", kind);
    symptom.active = false;
    symptom.column = column(tag);
    pending_.push_back(symptom);
  }
  void report(Symptom symptom) { pending_.push_back(symptom); }

  static Symptom made(std::string_view detector, SymptomKind kind) {
    Symptom symptom;
    symptom.detector = detector;
    symptom.kind = kind;
    return symptom;
  }
  static std::uint32_t column(std::string_view tag) {
    const auto all = plant();
    const auto found =
        std::ranges::find_if(all, [&](const SeriesInfo& info) { return info.entity == tag; });
    return static_cast<std::uint32_t>(found - all.begin());
  }

  const Finding& last() const { return events.back().finding; }
  std::size_t opened() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        events, [](const FindingEvent& e) { return e.what == FindingEvent::What::opened; }));
  }

  /// What was said, for people to read.
  std::string text() const {
    std::string all;
    for (const auto& [what, f] : events) {
      constexpr std::string_view words[] = {"opened ", "updated", "closed "};
      all +=
          fmt::format("{} #{} {} {} {:.2f}{}\n", to_iso8601(f.closed.value_or(f.onset)).substr(11),
                      f.id, words[static_cast<std::size_t>(what)], to_text(f.kind), f.confidence,
                      f.second ? fmt::format(" (or {})", to_text(*f.second)) : "");
      for (const auto& s : f.suspects) {
        all += fmt::format("    {} {:.0f} %\n", plant()[s.series.index].entity, 100 * s.share);
      }
      all += fmt::format("    {}\n    {}\n", f.sentence.en, f.sentence.fr);
    }
    return all;
  }

  Rig rig{plant()};
  std::vector<double> values = std::vector<double>(plant().size(), 100.0);
  Diagnosis diagnosis;
  std::vector<FindingEvent> events;

 private:
  std::vector<Symptom> pending_;
};

TEST_CASE("diagnosis: stories, as an operator reads them") {
  std::string all;
  const auto tell = [&](std::string_view title, const Story& story) {
    all += fmt::format("== {}\n{}\n", title, story.text());
  };
  {
    Story story;
    story.sees("AIT-306-DO", SymptomKind::stuck, 2.04, 2.04);
    story.wait(minutes(42));
    story.ends("AIT-306-DO", SymptomKind::stuck);
    story.wait(minutes(6));
    tell("a sensor freezes for 42 minutes", story);
  }
  {
    Story story;
    story.sees("AIT-806-TSS", SymptomKind::drift, 31, 24.5);
    story.wait(minutes(2));
    tell("a sensor drifts", story);
  }
  {
    Story story;
    story.sees("AIT-107-COD", SymptomKind::deviation, 1320, 640);
    story.wait(minutes(5));
    story.sees("AIT-109-NH4", SymptomKind::deviation, 61, 32);
    story.wait(minutes(5));
    story.sees("AIT-206-COD", SymptomKind::deviation, 820, 380);
    story.sees("AIT-212-NH4", SymptomKind::residual, 55, 32);
    story.wait(minutes(5));
    tell("a load of COD and ammonia comes in", story);
  }
  {
    Story story;
    story.values[Story::column("YS-328")] = 1;
    story.wait(minutes(1));
    story.values[Story::column("YS-328")] = 2;
    story.sees("FIT-325", SymptomKind::residual, 120, 1760);
    story.sees("JIT-330", SymptomKind::residual, 96, 205);
    story.wait(minutes(4));
    story.sees("AIT-306-DO", SymptomKind::residual, 0.4, 2);
    story.wait(minutes(2));
    tell("a blower trips", story);
  }
  {
    Story story;
    Symptom replay = Story::made("test", SymptomKind::replay);
    replay.score = 0.9;
    replay.anomaly = 14400;
    for (const auto* const tag : {"AIT-806-TSS", "AIT-306-DO"}) {
      replay.column = Story::column(tag);
      replay.value = replay.expected = 7;
      story.report(replay);
    }
    story.wait(minutes(2));
    tell("a recording is played on two sensors", story);
  }
  {
    Story story;
    Symptom echo = Story::made("echo", SymptomKind::replay);
    echo.score = 0.9;
    echo.anomaly = 0.4;
    echo.column = Story::column("AIT-306-DO");
    echo.value = echo.expected = 2;
    story.report(echo);
    story.wait(minutes(2));
    tell("a value that is computed from the other sensors", story);
  }
  {
    Story story;
    story.sees("AIT-306-DO", SymptomKind::missing, 40, 5);
    story.sees("FIT-101", SymptomKind::missing, 40, 5);
    story.wait(minutes(2));
    tell("a gateway is silent", story);
  }
  {
    Story story;
    for (const auto& info : plant()) {
      if (info.entity != "JIT-115") story.sees(info.entity, SymptomKind::missing, 40, 5);
    }
    story.wait(minutes(2));
    tell("next to nothing comes", story);
  }
  {
    Story story({.whole_weight = 1});
    const Share shares[] = {{.column = 5, .share = 0.6, .contribution = -0.4},
                            {.column = 6, .share = 0.4, .contribution = -0.3}};
    Symptom forest = Story::made("forest", SymptomKind::multivariate);
    forest.score = 0.8;
    forest.anomaly = -0.14;
    forest.shares = shares;
    Story storm;  // by default: new, but nobody is at odds with anybody
    storm.report(forest);
    storm.wait(minutes(2));
    CHECK(storm.opened() == 0);
    story.report(forest);
    story.wait(minutes(2));
    CHECK(story.last().forest_score == -0.14);
    CHECK(story.last().suspects.front().contribution == -0.4);
    tell("only the forest sees something", story);
  }
  for (const auto& [kind, value, expected] :
       {std::tuple{SymptomKind::spike, 900.0, 640.0}, std::tuple{SymptomKind::rate, 900.0, 640.0},
        std::tuple{SymptomKind::noise, 12.0, 2.0}, std::tuple{SymptomKind::noise, 1.0, 5.0},
        std::tuple{SymptomKind::out_of_range, 5300.0, 640.0},
        std::tuple{SymptomKind::limit, 41.0, 35.0}, std::tuple{SymptomKind::residual, 900.0, 640.0},
        std::tuple{SymptomKind::command, 0.0, 50.0}}) {
    Story story;
    story.sees("AIT-107-COD", kind, value, expected);
    story.tick();
    tell(to_text(kind), story);
  }
  testing::check_golden("diagnosis/stories.golden", all);
}

TEST_CASE("diagnosis: what belongs together and what does not") {
  struct Case {
    const char* name;
    void (*story)(Story&);
    std::size_t findings;
  };
  const Case cases[] = {
      {"two sensors freeze an hour apart",
       [](Story& s) {
         s.sees("AIT-806-TSS", SymptomKind::stuck, 4, 4);
         s.wait(minutes(60));
         s.sees("FIT-101", SymptomKind::stuck, 900, 900);
       },
       2},
      {"two sensors freeze minutes apart, in different stages",
       [](Story& s) {
         s.sees("AIT-806-TSS", SymptomKind::stuck, 4, 4);
         s.wait(minutes(3));
         s.sees("FIT-101", SymptomKind::stuck, 900, 900);
       },
       2},
      {"all freeze in one instant",
       [](Story& s) {
         for (const auto* const tag : {"AIT-806-TSS", "FIT-101", "AIT-306-DO"}) {
           s.sees(tag, SymptomKind::stuck, 4, 4);
         }
       },
       1},
      {"a frozen sensor also leaves its neighbours",
       [](Story& s) {
         s.sees("AIT-306-DO", SymptomKind::stuck, 2, 2);
         s.wait(minutes(30));
         s.sees("AIT-306-DO", SymptomKind::residual, 2, 3.2);
       },
       1},
      {"residuals side by side",
       [](Story& s) {
         s.sees("AIT-107-COD", SymptomKind::residual, 900, 640);
         s.wait(minutes(5));
         s.sees("AIT-206-COD", SymptomKind::residual, 600, 380);
       },
       1},
      {"ammonia comes down three hours later",
       [](Story& s) {
         s.sees("AIT-109-NH4", SymptomKind::residual, 60, 32);
         s.wait(minutes(180));
         s.sees("AIT-212-NH4", SymptomKind::drift, 50, 32);
       },
       1},
      {"but it does not go up",
       [](Story& s) {
         s.sees("AIT-212-NH4", SymptomKind::residual, 60, 32);
         s.wait(minutes(180));
         s.sees("AIT-109-NH4", SymptomKind::drift, 50, 32);
       },
       2},
      {"no water carries a machine's power on",
       [](Story& s) {
         s.sees("JIT-115", SymptomKind::residual, 60, 32);
         s.wait(minutes(30));
         s.sees("JIT-330", SymptomKind::residual, 60, 32);
       },
       2},
      {"an upset comes down as a creep",
       [](Story& s) {
         s.is_upset_at_inlet();
         s.wait(minutes(80));
         s.sees("AIT-806-TSS", SymptomKind::drift, 60, 32);
       },
       1},
      {"but who jumps meanwhile, where the upset has not been, does it for a reason of its own",
       [](Story& s) {
         s.is_upset_at_inlet();
         s.wait(minutes(80));
         s.sees("AIT-806-TSS", SymptomKind::rate, 60, 32);
         s.wait(minutes(1));
         s.sees("AIT-806-TSS", SymptomKind::residual, 60, 32);
       },
       2},
      {"who jumps alone beside an upset of many does it for a reason of its own",
       [](Story& s) {
         s.is_upset_up_to_primary();
         s.wait(minutes(10));
         s.sees("AIT-306-DO", SymptomKind::rate, 3, 2);
         s.wait(minutes(1));
         s.sees("AIT-306-DO", SymptomKind::residual, 3, 2);
       },
       2},
      {"and if it is one of the many",
       [](Story& s) {
         s.is_upset_up_to_primary();
         s.wait(minutes(10));
         s.sees("AIT-212-NH4", SymptomKind::rate, 90, 60);
       },
       2},
      {"or shows what it cannot measure",
       [](Story& s) {
         s.is_upset_up_to_primary();
         s.wait(minutes(10));
         s.sees("AIT-212-NH4", SymptomKind::out_of_range, 5300, 60);
       },
       2},
      {"but not if it is driven to the end of what it can",
       [](Story& s) {
         s.is_upset_up_to_primary();
         s.wait(minutes(10));
         s.sees("AIT-212-NH4", SymptomKind::out_of_range, 0, 60);
       },
       1},
      {"nor who jumps together with its neighbours",
       [](Story& s) {
         s.is_upset_up_to_primary();
         s.wait(minutes(10));
         s.sees("FIT-325", SymptomKind::deviation, 900, 600);
         s.sees("AIT-306-DO", SymptomKind::rate, 3, 2);
       },
       1},
      {"or who takes samples: much may have come between two",
       [](Story& s) {
         s.is_upset_up_to_primary();
         s.wait(minutes(12));
         Symptom jump = Story::made("test", SymptomKind::rate);
         jump.column = Story::column("AIT-306-DO");
         jump.score = 0.9;
         jump.since = s.rig.now() - minutes(10);
         s.report(jump);
       },
       1},
      {"one sensor is no upset of many, however much it says",
       [](Story& s) {
         for (const auto kind :
              {SymptomKind::residual, SymptomKind::drift, SymptomKind::deviation}) {
           s.sees("AIT-107-COD", kind, 900, 640);
         }
         s.wait(minutes(80));
         s.sees("AIT-806-TSS", SymptomKind::drift, 60, 32);
       },
       2},
      {"and a machine further down is not the water",
       [](Story& s) {
         s.is_upset_at_inlet();
         s.wait(minutes(80));
         s.sees("JIT-330", SymptomKind::drift, 60, 32);
       },
       2},
      {"inlet and outlet drift on their own",
       [](Story& s) {
         s.sees("AIT-109-NH4", SymptomKind::drift, 60, 32);
         s.sees("AIT-806-TSS", SymptomKind::drift, 60, 32);
       },
       2},
      {"a weak sign is not enough",
       [](Story& s) { s.sees("AIT-107-COD", SymptomKind::residual, 900, 640, 0.3); }, 0},
      {"two weak signs are",
       [](Story& s) {
         s.sees("AIT-107-COD", SymptomKind::residual, 900, 640, 0.35);
         s.sees("AIT-107-COD", SymptomKind::noise, 9, 1, 0.35);
       },
       1},
      {"the end of what never began is nothing",
       [](Story& s) { s.ends("AIT-107-COD", SymptomKind::residual); }, 0},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    Story story;
    c.story(story);
    story.wait(minutes(1));
    CHECK(story.opened() == c.findings);
    CHECK(story.diagnosis.open_count() == c.findings);
  }
}

TEST_CASE("diagnosis: closes after the hold, with the time at which it ended") {
  Story story({.hold = minutes(5), .next_id = 41});
  story.sees("AIT-306-DO", SymptomKind::stuck, 2, 2);
  story.wait(minutes(10));
  story.ends("AIT-306-DO", SymptomKind::stuck);
  story.tick();
  const auto ended = story.rig.now();
  story.wait(minutes(4));
  CHECK(story.diagnosis.open_count() == 1);
  story.wait(minutes(2));
  CHECK(story.diagnosis.open_count() == 0);
  CHECK(story.last().id == 41);
  CHECK(story.last().closed == ended);
  CHECK(!story.last().evidence.front().active);
  CHECK(story.diagnosis.next_id() == 42);
}

TEST_CASE("diagnosis: a finding lasts as long as its evidence held, not until that was sure") {
  Story story;
  story.sees("AIT-306-DO", SymptomKind::residual, 9, 2);
  story.tick();
  const auto began = story.rig.now();
  story.wait(minutes(76));
  auto end = Story::made("test", SymptomKind::residual);
  end.active = false;
  end.column = Story::column("AIT-306-DO");
  end.since = began;
  end.until = began + minutes(60);
  story.report(end);
  story.wait(minutes(10));
  REQUIRE(story.events.back().what == FindingEvent::What::closed);
  CHECK(*story.last().closed - began == minutes(60));
  CHECK(story.last().sentence.en.find("for 60 min") != std::string::npos);
  // What is closed while it goes on has lasted until then.
  Story cut;
  cut.sees("AIT-306-DO", SymptomKind::residual, 9, 2);
  cut.tick();
  const auto onset = cut.rig.now();
  cut.wait(minutes(30));
  cut.diagnosis.close_all(cut.rig.now(), cut.events);
  CHECK(*cut.last().closed - onset == minutes(30));
  CHECK(cut.last().sentence.en.find("for 30 min") != std::string::npos);
}

TEST_CASE("diagnosis: a symptom that comes back within the hold goes on with the same finding") {
  Story story({.hold = minutes(5)});
  for (int i = 0; i < 5; ++i) {
    story.sees("AIT-306-DO", SymptomKind::spike, 9, 2);
    story.wait(minutes(1));
    story.ends("AIT-306-DO", SymptomKind::spike);
    story.wait(minutes(2));
  }
  CHECK(story.opened() == 1);
  CHECK(story.diagnosis.open_count() == 1);
}

TEST_CASE("diagnosis: updates are rare and say something new") {
  Story story({.update_every = minutes(1)});
  for (int i = 0; i < 120; ++i) {  // ten minutes of the same, every frame
    story.sees("AIT-306-DO", SymptomKind::residual, 5, 2);
    story.tick();
  }
  CHECK(story.events.size() <= 11);
  Finding before;
  for (const auto& event : story.events) {
    const auto& f = event.finding;
    CHECK((f.sentence != before.sentence || f.kind != before.kind ||
           f.evidence.size() != before.evidence.size()));
    before = f;
  }
}

TEST_CASE("diagnosis: nothing lasts for ever, and what is open can be closed") {
  Story story({.hold = minutes(5), .longest = minutes(30)});
  story.sees("AIT-306-DO", SymptomKind::stuck, 2, 2);
  story.wait(minutes(29));
  CHECK(story.diagnosis.open_count() == 1);
  story.wait(minutes(2));
  CHECK(story.diagnosis.open_count() == 0);
  story.sees("FIT-101", SymptomKind::stuck, 2, 2);
  story.tick();
  story.diagnosis.close_all(story.rig.now(), story.events);
  CHECK(story.events.back().what == FindingEvent::What::closed);
  CHECK(story.last().suspects.front().series == SeriesId{0});
  CHECK(story.diagnosis.open_count() == 0);
}

TEST_CASE("diagnosis: shares add up to 1, confidence is a probability") {
  Story story;
  for (const auto* const tag : {"AIT-107-COD", "AIT-206-COD", "AIT-109-NH4", "AIT-212-NH4"}) {
    story.sees(tag, SymptomKind::residual, 9, 2);
  }
  story.wait(minutes(2));
  double sum = 0;
  for (const auto& s : story.last().suspects) sum += s.share;
  CHECK(sum == doctest::Approx(1));
  CHECK(story.last().confidence > 0);
  CHECK(story.last().confidence <= 1);
  CHECK(std::ranges::is_sorted(story.last().suspects, std::greater{}, &Suspect::share));
}

Result<Diagnosis::Config> read(std::string_view toml) {
  auto section = TRY(Section::read_text(toml, "test"));
  return Diagnosis::read(section, {});
}

std::string error_of(std::string_view toml) {
  const auto made = read(toml);
  return made ? "" : made.error().what;
}

/// Thinks that there is no cause unless a sensor stands still.
constexpr std::string_view doubting = R"(
format = 1
name = "doubting"
least = 0.25
clues = ["stuck"]
start = [0, 0, 0, 0, 0, 5]
[by_hand]
[trees]
sensor_failure = [[0, 0.5, -1, 9]]
)";

TEST_CASE("diagnosis: what is not likely to have a cause is not told until it is") {
  auto model = diagnosis::VerdictModel::read_text(doubting, "doubting.toml");
  REQUIRE(model);
  Diagnosis::Config config;
  config.verdict = std::make_shared<const diagnosis::VerdictModel>(std::move(*model));
  config.least_chance = 0.5;
  Story story(config);
  story.sees("AIT-806-TSS", SymptomKind::drift, 31, 24.5);
  story.wait(minutes(10));
  CHECK(story.events.empty());
  story.sees("AIT-806-TSS", SymptomKind::stuck, 31, 31);
  story.wait(minutes(2));
  REQUIRE(story.opened() == 1);
  CHECK(story.last().kind == Kind::sensor_failure);
  CHECK(story.last().onset < story.last().detected - minutes(9));

  config.least_chance = 0;
  Story all(config);
  all.sees("AIT-806-TSS", SymptomKind::drift, 31, 24.5);
  all.tick();
  CHECK(all.opened() == 1);
}

/// Thinks that there is no cause where a sensor was upset often lately.
constexpr std::string_view weary = R"(
format = 1
name = "weary"
least = 0.25
clues = ["often"]
start = [3, 0, 0, 0, 0, 0]
[by_hand]
[trees]
unknown = [[0, 0.45, -1, 9]]
)";

TEST_CASE(
    "diagnosis: how often a sensor was part of an episode lately counts, another's does not") {
  auto model = diagnosis::VerdictModel::read_text(weary, "weary.toml");
  REQUIRE(model);
  Diagnosis::Config config;
  config.verdict = std::make_shared<const diagnosis::VerdictModel>(std::move(*model));
  config.least_chance = 0.5;
  Story story(config);
  const auto upset = [&](std::string_view tag) {
    story.sees(tag, SymptomKind::residual, 31, 24.5);
    story.wait(minutes(2));
    story.ends(tag, SymptomKind::residual);
    story.wait(minutes(60));
  };
  for (int i = 0; i < 6; ++i) upset("AIT-806-TSS");
  CHECK(story.opened() == 3);
  upset("AIT-107-COD");
  CHECK(story.opened() == 4);
  for (int day = 0; day < 6; ++day) story.wait(std::chrono::hours(24));  // what is past is past
  upset("AIT-806-TSS");
  CHECK(story.opened() == 5);

  const auto columns = plant();  // where all are upset, that one is too says nothing
  for (int i = 0; i < 6; ++i) {
    for (const auto& info : columns) story.sees(info.entity, SymptomKind::residual, 31, 24.5);
    story.wait(minutes(2));
    for (const auto& info : columns) story.ends(info.entity, SymptomKind::residual);
    story.wait(minutes(60));
  }
  const auto before = story.opened();
  upset("AIT-806-TSS");
  CHECK(story.opened() == before + 1);
}

/// Thinks that there is no cause unless its one clue is above a bound.
std::shared_ptr<const diagnosis::VerdictModel> asking(std::string_view clue, double above) {
  auto model = diagnosis::VerdictModel::read_text(fmt::format(R"(
format = 1
name = "asking"
least = 0.25
clues = ["{}"]
start = [0, 0, 0, 0, 0, 5]
[by_hand]
[trees]
sensor_failure = [[0, {}, -1, 9]]
)",
                                                              clue, above),
                                                  "asking.toml");
  REQUIRE(model);
  return std::make_shared<const diagnosis::VerdictModel>(std::move(*model));
}

TEST_CASE("diagnosis: whether a sensor is further off than it lately was") {
  Diagnosis::Config config;
  config.verdict = asking("outdone", 0.6);
  config.least_chance = 0.5;
  Story story(config);
  const auto upset = [&](std::string_view tag, double score) {
    story.sees(tag, SymptomKind::residual, 31, 24.5, score);
    story.wait(minutes(2));
    story.ends(tag, SymptomKind::residual);
    story.wait(minutes(60));
    return story.opened();
  };
  CHECK(upset("AIT-806-TSS", 0.55) == 1);  // nothing was before
  CHECK(upset("AIT-806-TSS", 0.55) == 1);
  CHECK(upset("AIT-107-COD", 0.55) == 2);
  CHECK(upset("AIT-806-TSS", 0.95) == 3);
  CHECK(upset("AIT-806-TSS", 0.95) == 3);
  for (int day = 0; day < 9; ++day) story.wait(std::chrono::hours(24));
  CHECK(upset("AIT-806-TSS", 0.95) == 4);
}

TEST_CASE("diagnosis: what comes at the same hour of several days") {
  for (const auto hours_between : {24, 19}) {
    CAPTURE(hours_between);
    Diagnosis::Config config;
    config.verdict = asking("same_hour", 0.5);
    config.least_chance = 0.5;
    Story story(config);
    for (int time = 0; time < 4; ++time) {
      story.sees("AIT-806-TSS", SymptomKind::residual, 31, 24.5);
      story.wait(minutes(2));
      CHECK(story.opened() == (hours_between == 24 && time >= 2 ? time - 1 : 0));
      story.ends("AIT-806-TSS", SymptomKind::residual);
      story.wait(std::chrono::hours(hours_between) - minutes(2));
    }
  }
}

TEST_CASE("diagnosis: what begins upstream of an upset that is hours old is another event") {
  for (const int after : {5, 120}) {
    CAPTURE(after);
    Story story;
    for (const auto* const tag : {"AIT-212-NH4", "AIT-306-DO", "FIT-325", "JIT-330"}) {
      story.sees(tag, SymptomKind::residual, 2, 1);
    }
    story.wait(minutes(after));
    story.sees("FIT-101", SymptomKind::residual, 2, 1);
    story.wait(minutes(1));
    CHECK(story.opened() == (after < 60 ? 1 : 2));
  }
}

TEST_CASE("diagnosis: a machine that says it has failed is the first suspect") {
  Story story;
  story.sees("FIT-325", SymptomKind::residual, 100, 900, 0.99);
  story.sees("FIT-325", SymptomKind::rate, 100, 900, 0.99);
  story.sees("YS-328", SymptomKind::command, 2, 1);
  story.wait(minutes(2));
  REQUIRE(story.opened() == 1);
  CHECK(story.last().suspects.front().series.index == Story::column("YS-328"));
}

TEST_CASE("diagnosis: a sentence says of its numbers what they show") {
  struct Case {
    std::string_view detector;
    SymptomKind kind;
    double value;
    double expected;
    double low;
    double high;
    std::string_view en;
    std::string_view fr;
  };
  // Alarms stand on, and sensors come back meanwhile, or left by less than a printed digit.
  const Case cases[] = {
      {"deviation", SymptomKind::deviation, 4.2, 3.637, 3.039, 3.905,
       "shows 4.2 mg/L, far from its usual 3.637 mg/L (3.039 to 3.905 mg/L)",
       "affiche 4,2 mg/L, loin de ses 3,637 mg/L habituels (3,039 à 3,905 mg/L)"},
      {"deviation", SymptomKind::deviation, 3.89, 3.637, 3.039, 3.905,
       "left its usual band (3.039 to 3.905 mg/L) and shows 3.89 mg/L now",
       "est sorti de sa plage habituelle (3,039 à 3,905 mg/L) et affiche maintenant 3,89 mg/L"},
      {"deviation", SymptomKind::deviation, 3.905001, 3.637, 3.039, 3.905,
       "left its usual band (3.039 to 3.905 mg/L) and shows 3.905 mg/L now",
       "est sorti de sa plage habituelle (3,039 à 3,905 mg/L) et affiche maintenant 3,905 mg/L"},
      {"slope", SymptomKind::deviation, 12.5, 9.11, 8.687, 9.98,
       "went from 9.11 mg/L to 12.5 mg/L faster than it ever does",
       "est passé de 9,11 mg/L à 12,5 mg/L plus vite que jamais"},
      {"slope", SymptomKind::deviation, 8.758, 9.11, 8.687, 9.98,
       "changed faster than it ever does, and shows 8.758 mg/L now",
       "a changé plus vite que jamais, et affiche maintenant 8,758 mg/L"},
      {"clogging", SymptomKind::deviation, 10.3, 6.2, 0, 6.2,
       "shows 10.3 mg/L where the flow explains 6.2 mg/L at most",
       "affiche 10,3 mg/L alors que le débit en explique au plus 6,2 mg/L"},
      {"clogging", SymptomKind::deviation, 10.3, 10.3, 0, 10.3,
       "met more resistance to the flow than it ever does, and shows 10.3 mg/L now",
       "a subi plus de résistance au débit que jamais, et affiche maintenant 10,3 mg/L"},
      {"residual", SymptomKind::residual, 1972, 1359, 1308, 1409,
       "shows 1972 mg/L where the other sensors say 1359 mg/L (1308 to 1409 mg/L), at odds with "
       "them for 0 s",
       "affiche 1972 mg/L alors que les autres capteurs disent 1359 mg/L (1308 à 1409 mg/L), en "
       "désaccord avec eux depuis 0 s"},
      {"residual", SymptomKind::residual, 1400, 1359, 1308, 1409,
       "was at odds with the other sensors, and shows 1400 mg/L now, within what they let expect "
       "(1308 to 1409 mg/L)",
       "était en désaccord avec les autres capteurs, et affiche maintenant 1400 mg/L, dans ce "
       "qu'ils laissent attendre (1308 à 1409 mg/L)"},
      {"residual", SymptomKind::drift, 224, 330.5, -411, 1072,
       "crept away from what the other sensors say, and shows 224 mg/L now, within what they let "
       "expect (0 to 1072 mg/L)",
       "s'est écarté peu à peu de ce que disent les autres capteurs, et affiche maintenant 224 "
       "mg/L, dans ce qu'ils laissent attendre (0 à 1072 mg/L)"},
      {"residual", SymptomKind::drift, 224, 150, 100, 200,
       "creeps away from what the other sensors say: 224 mg/L instead of about 150 mg/L",
       "s'écarte peu à peu de ce que disent les autres capteurs : 224 mg/L au lieu d'environ 150 "
       "mg/L"},
      {"residual", SymptomKind::residual, 1359.1, 1359, 1308, 1409,
       "was at odds with the other sensors, and shows 1359 mg/L now, as they do",
       "était en désaccord avec les autres capteurs, et affiche maintenant 1359 mg/L, comme eux"},
      {"residual", SymptomKind::drift, 7, 7.0001, 6, 8,
       "crept away from what the other sensors say, and shows 7 mg/L now, as they do",
       "s'est écarté peu à peu de ce que disent les autres capteurs, et affiche maintenant 7 mg/L, "
       "comme eux"},
      {"mechanistic", SymptomKind::residual, 1972, 1359, 1308, 1409,
       "has been at odds with the plant's model for 0 s: 1972 mg/L instead of about 1359 mg/L",
       "est en désaccord avec le modèle de l'installation depuis 0 s : 1972 mg/L au lieu d'environ "
       "1359 mg/L"},
      {"mechanistic", SymptomKind::drift, 7, 7.0001, 6, 8,
       "was at odds with the plant's model, and shows 7 mg/L now, as the model does",
       "était en désaccord avec le modèle de l'installation, et affiche maintenant 7 mg/L, comme "
       "lui"},
      {"rate", SymptomKind::rate, 7, 7.0001, 6, 8,
       "changed faster than it ever does, and shows 7 mg/L now",
       "a changé plus vite que jamais, et affiche maintenant 7 mg/L"},
      {"rate", SymptomKind::spike, 7, 7.0001, 6, 8, "jumped and came back at once to 7 mg/L",
       "a sauté puis est revenu aussitôt à 7 mg/L"},
      {"noise", SymptomKind::noise, 2.01, 2, 1, 3,
       "has trembled otherwise than it ever does for 0 s",
       "fluctue autrement que jamais depuis 0 s"},
      {"limits", SymptomKind::out_of_range, 19, 12, 0, 20,
       "was at the end of what it can measure (0 to 20 mg/L) and shows 19 mg/L now",
       "était au bout de son étendue de mesure (0 à 20 mg/L) et affiche maintenant 19 mg/L"},
      {"limits", SymptomKind::limit, 35, 35, 35, 35, "reached its limit of 35 mg/L and shows 35",
       "a atteint sa limite de 35 mg/L et affiche maintenant 35 mg/L"},
      {"machine", SymptomKind::command, 1, 1, 0, 2,
       "did not fit its command, and shows 1 mg/L now, as it should",
       "ne répondait pas à sa commande, et affiche maintenant 1 mg/L, comme attendu"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.en);
    Story story;
    Symptom symptom = Story::made(c.detector, c.kind);
    symptom.column = Story::column("AIT-107-COD");
    symptom.score = 0.9;
    symptom.value = c.value;
    symptom.expected = c.expected;
    symptom.low = c.low;
    symptom.high = c.high;
    story.report(symptom);
    story.tick();
    REQUIRE(story.opened() == 1);
    for (const auto& suspect : story.last().suspects) {  // what it can measure
      CHECK_FALSE((suspect.low < 0 || suspect.high > 5000));
    }
    CHECK_MESSAGE(story.last().sentence.en.find(c.en) != std::string::npos,
                  story.last().sentence.en);
    CHECK_MESSAGE(story.last().sentence.fr.find(c.fr) != std::string::npos,
                  story.last().sentence.fr);
  }
}

TEST_CASE(
    "diagnosis: what is shown and what was expected are of one instant, in words and numbers") {
  Story story;
  story.sees("FIT-101", SymptomKind::residual, 1972, 1359);
  story.wait(minutes(1));
  story.values[Story::column("FIT-101")] = 822;  // the day goes on, the detector says nothing new
  story.wait(minutes(5));
  story.sees("AIT-107-COD", SymptomKind::residual, 320, 760, 0.6);
  story.wait(minutes(5));
  CHECK(story.opened() == 1);
  for (const auto& event : story.events) {
    const auto flow = std::ranges::find(event.finding.suspects, SeriesId{0}, &Suspect::series);
    REQUIRE(flow != event.finding.suspects.end());
    CHECK(flow->value == 1972);
    CHECK(flow->expected == 1359);
    CHECK(event.finding.sentence.en.find("shows 1972 m3/h where the other sensors say 1359") !=
          std::string::npos);
  }
}

TEST_CASE("diagnosis: of two signs that say what was expected, words and numbers take the same") {
  Story story;
  story.sees("FIT-101", SymptomKind::residual, 1972, 1359, 0.6);
  story.sees("FIT-101", SymptomKind::drift, 1970, 1240, 0.9);
  story.sees("FIT-101", SymptomKind::rate, 1972, 1300, 0.9);
  story.wait(minutes(2));
  CHECK(story.last().suspects.front().expected == 1240);
  CHECK(story.last().suspects.front().value == 1970);
  CHECK(story.last().sentence.en.find("1970 m3/h instead of about 1240") != std::string::npos);
}

TEST_CASE(
    "diagnosis: a jump that leads is in the numbers too, but not the end of what is measured") {
  Story jump;
  jump.sees("FIT-101", SymptomKind::deviation, 985, 998, 0.9);
  jump.sees("FIT-101", SymptomKind::spike, 878, 1120, 0.9);
  jump.tick();
  CHECK(jump.last().sentence.en.find("jumped to 878 m3/h from 1120") != std::string::npos);
  CHECK(jump.last().suspects.front().value == 878);
  CHECK(jump.last().suspects.front().expected == 1120);

  Story end;
  end.sees("FIT-101", SymptomKind::residual, 4990, 1120, 0.9);
  end.sees("FIT-101", SymptomKind::out_of_range, 5000, 2000, 0.9);
  end.tick();
  CHECK(end.last().sentence.en.find("shows 5000 m3/h, at or beyond the end") != std::string::npos);
  CHECK(end.last().suspects.front().value == 5000);
  CHECK(end.last().suspects.front().expected == 1120);
}

TEST_CASE("diagnosis: of a sensor that stands still, what was expected is not what it shows") {
  Story story;
  auto& value = story.values[Story::column("AIT-306-DO")];
  for (int minute = 0; minute < 120; ++minute) {
    value = minute % 2 == 0 ? 3 : 5;
    story.wait(minutes(1));
  }
  story.sees("AIT-306-DO", SymptomKind::stuck, 2.04, 2.04);
  story.wait(minutes(2));
  const auto frozen = story.last().suspects.front();
  CHECK(frozen.value == 2.04);
  CHECK(frozen.expected == doctest::Approx(4).epsilon(0.1));
  CHECK(frozen.low == doctest::Approx(3).epsilon(0.05));
  CHECK(frozen.high == doctest::Approx(5).epsilon(0.05));
  story.sees("AIT-306-DO", SymptomKind::residual, 2.04, 3.2);  // now the others know better
  story.wait(minutes(2));
  CHECK(story.last().suspects.front().value == 2.04);
  CHECK(story.last().suspects.front().expected == 3.2);

  Story fresh;  // nothing is known of before
  fresh.sees("AIT-306-DO", SymptomKind::stuck, 2.04, 2.04);
  fresh.tick();
  CHECK(std::isnan(fresh.last().suspects.front().expected));
}

TEST_CASE("diagnosis: a silent sensor shows nothing, and not 0") {
  Story story;
  story.sees("AIT-306-DO", SymptomKind::missing, 40, 5);
  story.values[Story::column("AIT-306-DO")] = std::numeric_limits<double>::quiet_NaN();
  story.wait(minutes(2));
  CHECK(std::isnan(story.last().suspects.front().value));
}

TEST_CASE("diagnosis: what changed first, and where, is said") {
  Story story;
  story.sees("FIT-101", SymptomKind::residual, 900, 640, 0.6);
  const auto began = story.rig.now() + seconds(5);
  story.wait(minutes(10));
  story.sees("AIT-107-COD", SymptomKind::residual, 1320, 640, 0.95);
  story.wait(minutes(2));
  REQUIRE(story.opened() == 1);
  CHECK(story.last().suspects.front().series.index == Story::column("AIT-107-COD"));
  CHECK(story.last().sentence.en.find("; FIT-101 (inlet) changed first:") != std::string::npos);
  CHECK(story.last().sentence.fr.find(" ; FIT-101 (inlet) a changé en premier :") !=
        std::string::npos);
  CHECK(story.last().evidence.front().series == SeriesId{Story::column("FIT-101")});
  CHECK(story.last().evidence.front().since == began);

  // It ends and comes back: it began when it began.
  story.ends("FIT-101", SymptomKind::residual);
  story.wait(minutes(3));
  story.sees("FIT-101", SymptomKind::residual, 910, 640, 0.6);
  story.wait(minutes(3));
  CHECK(story.opened() == 1);
  CHECK(story.last().evidence.front().series == SeriesId{Story::column("FIT-101")});
  CHECK(story.last().evidence.front().since == began);

  Story alone;  // the one that is blamed
  alone.sees("FIT-101", SymptomKind::residual, 900, 640, 0.95);
  alone.wait(minutes(10));
  alone.sees("AIT-107-COD", SymptomKind::residual, 1320, 640, 0.6);
  alone.wait(minutes(2));
  CHECK(alone.last().sentence.en.find("; it changed first (inlet):") != std::string::npos);
}

/// Thinks of every frame that its first column was strange, and its second was not.
class Whole final : public Explaining {
 public:
  std::optional<double> explain(std::span<double> by_column) override {
    if (!is_learned) return std::nullopt;
    std::ranges::fill(by_column, 0.0);
    by_column[0] = -0.25;
    by_column[1] = 0.125;
    return 0.03;
  }
  bool is_learned = true;
};

TEST_CASE("diagnosis: whatever found it, the forest's view is shown beside it") {
  for (const bool is_learned : {true, false}) {
    CAPTURE(is_learned);
    Whole whole;
    whole.is_learned = is_learned;
    Story story;
    story.diagnosis.ask(&whole);
    story.sees("FIT-101", SymptomKind::residual, 900, 640);
    story.sees("AIT-107-COD", SymptomKind::residual, 900, 640);
    story.wait(minutes(2));
    for (const auto& event : story.events) {
      CHECK(event.finding.forest_score == (is_learned ? 0.03 : 0));
      for (const auto& suspect : event.finding.suspects) {
        const double said = suspect.series.index == 0 ? -0.25 : 0.125;
        CHECK(suspect.contribution == (is_learned ? said : 0));
      }
    }
    Symptom forest = Story::made("forest", SymptomKind::multivariate);  // now it is alarmed itself
    const Share shares[] = {{.column = 0, .share = 1, .contribution = -0.5}};
    forest.score = 0.8;
    forest.anomaly = -0.1;
    forest.shares = shares;
    story.report(forest);
    story.wait(minutes(2));
    CHECK(story.last().forest_score == -0.1);
    const auto flow = std::ranges::find(story.last().suspects, SeriesId{0}, &Suspect::series);
    REQUIRE(flow != story.last().suspects.end());
    CHECK(flow->contribution == -0.5);
  }
}

/// Of the small plant's oxygen.
Diagnosis::Config with_loop(std::vector<std::string> moves = {"FIT-325", "JIT-330.puissance"}) {
  return {.loops = {{.hears = "AIT-306-DO", .moves = std::move(moves)}}};
}

TEST_CASE("diagnosis: where a loop moves what the others do not expect, its sensor comes first") {
  for (const bool knows_loop : {true, false}) {
    CAPTURE(knows_loop);
    Story story(knows_loop ? with_loop() : Diagnosis::Config{});
    story.values[Story::column("AIT-306-DO")] = 2;
    story.sees("FIT-325", SymptomKind::drift, 700, 900, 0.7);
    story.sees("JIT-330", SymptomKind::residual, 150, 200, 0.6);
    story.wait(minutes(2));
    REQUIRE(story.opened() == 1);
    const auto& suspects = story.last().suspects;
    CHECK(suspects.size() == (knows_loop ? 3 : 2));
    CHECK(suspects.front().series.index == Story::column(knows_loop ? "AIT-306-DO" : "FIT-325"));
    const auto& said = story.last().sentence;
    const bool tells_loop = said.en.find(
                                "shows 2 mg/L, where its control loop keeps it by moving "
                                "FIT-325, JIT-330 away from") != std::string::npos;
    CHECK(tells_loop == knows_loop);
    const bool tells_loop_fr =
        said.fr.find(
            "affiche 2 mg/L, où sa boucle de régulation le maintient en écartant FIT-325, "
            "JIT-330 de ce que") != std::string::npos;
    CHECK(tells_loop_fr == knows_loop);
  }
}

TEST_CASE("diagnosis: a loop's sensor is not blamed for what is not its loop's doing") {
  struct Case {
    const char* name;
    Diagnosis::Config config;
    void (*story)(Story&);
  };
  const Case cases[] = {
      {"who else is off", with_loop(),
       [](Story& s) { s.sees("YS-328", SymptomKind::command, 2, 1); }},
      {"it jumped", with_loop(), [](Story& s) { s.sees("FIT-325", SymptomKind::rate, 700, 900); }},
      {"its instrument trembles", with_loop(),
       [](Story& s) { s.sees("FIT-325", SymptomKind::noise, 50, 10); }},
      {"one against one", with_loop({"FIT-325"}), [](Story&) {}},
      {"a loop that hears nobody here",
       {.loops = {{.hears = "AIT-1", .moves = {"FIT-325"}}}},
       [](Story&) {}},
      {"a loop that moves nobody here", with_loop({"ZIT-1", "ZIT-2"}), [](Story&) {}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    Story story(c.config);
    story.sees("FIT-325", SymptomKind::drift, 700, 900, 0.7);
    c.story(story);
    story.wait(minutes(2));
    REQUIRE(story.opened() == 1);
    CHECK(story.last().suspects.front().series.index != Story::column("AIT-306-DO"));
    CHECK(story.last().sentence.en.find("loop") == std::string::npos);
  }
}

TEST_CASE("diagnosis: what a loop does when its sensor comes back is of that sensor's fault") {
  for (const bool knows_loop : {true, false}) {
    CAPTURE(knows_loop);
    Story story(knows_loop ? with_loop() : Diagnosis::Config{});
    story.sees("AIT-306-DO", SymptomKind::stuck, 2, 2);
    story.wait(minutes(30));
    story.ends("AIT-306-DO", SymptomKind::stuck);
    story.wait(minutes(2));
    story.sees("FIT-325", SymptomKind::deviation, 1500, 900);
    story.sees("JIT-330", SymptomKind::deviation, 300, 200);
    story.wait(minutes(2));
    CHECK(story.opened() == (knows_loop ? 1 : 2));
  }
  Story frozen(with_loop());  // an instrument of what it moves
  frozen.sees("AIT-306-DO", SymptomKind::stuck, 2, 2);
  frozen.wait(minutes(30));
  frozen.sees("FIT-325", SymptomKind::stuck, 900, 900);
  frozen.wait(minutes(2));
  CHECK(frozen.opened() == 2);
}

TEST_CASE("diagnosis: its part of the scenario") {
  const auto made = read("hold = '2m'\nmin_score = 0.7\ncarry = '3h'");
  REQUIRE(made);
  CHECK(made->hold == minutes(2));
  CHECK(made->carry == minutes(180));
  CHECK(made->merge_gap == Diagnosis::Config{}.merge_gap);
  CHECK(error_of("hld = '2m'").find("did you mean 'hold'") != std::string::npos);
  CHECK(error_of("min_score = 1").find("min_score") != std::string::npos);
  CHECK(error_of("least_chance = 1").find("least_chance") != std::string::npos);
  CHECK(error_of("longest = '1m'").find("longer than hold") != std::string::npos);
  const auto looped = read("[[loop]]\nhears = 'AIT-1'\nmoves = ['FIT-2', 'ZIT-3']");
  REQUIRE(looped);
  CHECK(looped->loops == std::vector{ControlLoop{.hears = "AIT-1", .moves = {"FIT-2", "ZIT-3"}}});
  CHECK(error_of("[[loop]]\nmoves = ['FIT-2']").find("hears") != std::string::npos);
  CHECK(error_of("[[loop]]\nhears = 'AIT-1'").find("moves") != std::string::npos);
  CHECK(error_of("[[loop]]\nhears = 'A'\nmoves = ['B']\nmove = 1").find("did you mean 'moves'") !=
        std::string::npos);
}

}  // namespace
}  // namespace sosie
