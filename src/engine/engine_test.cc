#include "engine/engine.h"

#include <cmath>
#include <filesystem>

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/log.h"
#include "core/budgeted.h"
#include "core/cross_checking.h"

namespace sosie {
namespace {

using std::chrono::seconds;

const Timestamp t0 = *from_iso8601("2026-11-20T00:00:00Z");

/// One value every 5 s of series "S": 1, but 100 in steps [from, from + 20). Before them, if
/// wanted, one of long ago.
class Script final : public Source {
 public:
  Script(const std::string& unit, int first, int steps, int odd_from, bool begins_long_ago,
         const std::string& asset = "")
      : first_(first), steps_(steps), odd_from_(odd_from), begins_long_ago_(begins_long_ago) {
    info_.entity = "S";
    info_.attribute = "value";
    info_.unit = unit;
    info_.asset = asset;
  }

  std::vector<SeriesInfo> described() const override { return {info_}; }

  Result<void> run(Intake& intake, std::stop_token stop) override {
    const SeriesId id = intake.declare(info_);
    if (begins_long_ago_) {
      const Reading reading{*from_iso8601("1985-01-01T00:00:00Z"), 1.0, id};
      intake.put(std::span(&reading, 1), "script");
    }
    for (int i = first_; i < first_ + steps_ && !stop.stop_requested(); ++i) {
      const bool odd = i >= odd_from_ && i < odd_from_ + 20;
      const Reading reading{t0 + seconds(5 * i), odd ? 100.0 : 1.0, id};
      intake.put(std::span(&reading, 1), "script");
    }
    intake.remember("script/next", std::to_string(first_ + steps_));
    return {};
  }

 private:
  SeriesInfo info_;
  int first_;
  int steps_;
  int odd_from_;
  bool begins_long_ago_;
};

/// Symptomatic above ten times the largest value it learned from: its column, or the whole asset.
class TenTimes final : public Detector {
 public:
  explicit TenTimes(bool of_whole, double score = 1) : of_whole_(of_whole), score_(score) {}

  void begin(const AssetColumns& columns) override { columns_ = columns.size(); }
  void learn(const Frame& frame) override { largest_ = std::max(largest_, frame.values[0]); }
  void look(const Frame& frame, SymptomSink& out) override {
    const bool high = frame.values[0] > 10 * largest_;
    if (high == active_) return;
    active_ = high;
    Symptom symptom;
    symptom.detector = "ten";
    symptom.kind = of_whole_ ? SymptomKind::multivariate : SymptomKind::limit;
    symptom.active = high;
    symptom.at = frame.at;
    symptom.since = frame.at;
    symptom.column = of_whole_ ? no_column : 0;
    symptom.score = score_;
    symptom.value = frame.values[0];
    symptom.high = 10 * largest_;
    out.report(symptom);
  }
  std::string save() const override { return fmt::to_string(largest_); }
  Result<void> load(std::string_view model) override {
    largest_ = std::stod(std::string(model));
    return {};
  }

 private:
  bool of_whole_;
  double score_;
  std::size_t columns_ = 0;
  double largest_ = 0;
  bool active_ = false;
};

/// Sees nothing.
class Calm final : public Detector, public CrossChecking {
 public:
  void begin(const AssetColumns& /*columns*/) override {}
  void look(const Frame& /*frame*/, SymptomSink& /*out*/) override {}
};

/// A scenario of one script in a folder of its own, which lives as long as the rig.
class Rig {
 public:
  Rig() {
    log::set_level(log::Level::off);
    folder_ = std::filesystem::temp_directory_path() / fmt::format("sosie_engine_{}", ::getpid());
    std::filesystem::remove_all(folder_);
  }
  ~Rig() { std::filesystem::remove_all(folder_); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  std::string warm_up = "2h";
  bool recorded = true;
  std::string learn = "100s";
  bool begins_long_ago = false;
  std::string unit = "m3/h";  ///< of the series, as the scenario describes it
  bool of_whole = false;      ///< what is seen is of the whole asset
  double score = 1;           ///< of what is seen
  double weight = 1;          ///< of who sees it
  bool has_calm = false;      ///< there is a second detector, which holds sensors against others

  std::unique_ptr<Engine> engine(int first, int steps, int odd_from) {
    catalog_ = Catalog();
    catalog_.add<Source>("script", [=, this](Section&) -> Result<std::unique_ptr<Source>> {
      return std::make_unique<Script>(unit, first, steps, odd_from, begins_long_ago);
    });
    catalog_.add<Detector>("ten", [this](Section&) -> Result<std::unique_ptr<Detector>> {
      return std::make_unique<TenTimes>(of_whole, score);
    });
    catalog_.add<Detector>("calm", [](Section&) -> Result<std::unique_ptr<Detector>> {
      return std::make_unique<Calm>();
    });
    auto scenario =
        Section::read_text(fmt::format("recorded = {}\n", recorded) + "learn.warm_up = '" +
                               warm_up + "'\nlearn.period = '" + learn + R"('
name = "rig"
diagnosis.hold = "30s"
[[source]]
kind = "script"
[[detector]]
kind = "ten"
weight = )" + std::to_string(weight) +
                               R"(
[[alarm]]
symptoms = ["limit"]
priority = "high"
)" + (has_calm ? "[[detector]]\nkind = 'calm'\n" : ""),
                           "rig.toml")
            .value();
    Engine::Options options;
    options.data_folder = folder_.string();
    auto made = Engine::create(scenario, catalog_, options);
    if (!made) FAIL(made.error().what);
    return std::move(made).value();
  }

  /// A whole life: from start to stop, with all that the script says in between.
  std::unique_ptr<Engine> lived(int first, int steps, int odd_from) {
    auto made = engine(first, steps, odd_from);
    REQUIRE(made->start());
    made->wait_until_done({});
    return made;
  }

 private:
  std::filesystem::path folder_;
  Catalog catalog_;
};

std::vector<Finding> findings_of(Engine& engine) {
  return engine.store().findings({}).value().findings;
}

TEST_CASE("engine: readings are learned from, judged, found, alarmed and kept") {
  Rig rig;
  auto engine = rig.lived(0, 200, 100);
  CHECK(engine->model().trained);
  CHECK(engine->model().frames == 20);
  const auto findings = findings_of(*engine);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].detected >= t0 + seconds(500));
  CHECK(findings[0].closed.has_value());
  const auto live = engine->live_alarms();
  REQUIRE(live.size() == 1);
  CHECK(live[0].priority == Priority::high);
  CHECK_FALSE(live[0].is_active());

  const auto id = engine->series().find_name("S");
  REQUIRE(id);
  CHECK(engine->store().readings(*id, t0, t0 + seconds(5000), 1000)->size() == 200);
  CHECK(engine->latest().read(*id)->at == t0 + seconds(5 * 199));
  CHECK(engine->statistics().predictions == 200 - 20);
  CHECK(engine->sources()[0].readings == 200);
  CHECK(engine->health() == "ok");
}

TEST_CASE("engine: a state never seen is told where nothing else holds sensors against others") {
  Rig rig;
  rig.of_whole = true;
  CHECK(findings_of(*rig.lived(0, 200, 100)).size() == 1);
}

TEST_CASE("engine: where something does, it opens no finding alone") {
  Rig rig;
  rig.of_whole = rig.has_calm = true;
  CHECK(findings_of(*rig.lived(0, 200, 100)).empty());
}

TEST_CASE("engine: a detector's evidence counts as much as the scenario says") {
  for (const double weight : {0.3, 1.0, 1.7}) {  // of a score of 0.4, where 0.5 opens a finding
    CAPTURE(weight);
    Rig rig;
    rig.score = 0.4;
    rig.weight = weight;
    CHECK(findings_of(*rig.lived(0, 200, 100)).size() == (weight > 1 ? 1 : 0));
  }
}

TEST_CASE("engine: one reading of long ago is kept, and ends no learning") {
  Rig rig;
  rig.begins_long_ago = true;
  rig.learn = "70m";  // longer than the empty frames that a gap is given
  auto engine = rig.lived(0, 1000, 900);
  CHECK(engine->model().trained);
  CHECK(engine->model().frames > 840);
  CHECK(findings_of(*engine).size() == 1);
  CHECK(engine->store().stats()->oldest == from_iso8601("1985-01-01T00:00:00Z"));
}

TEST_CASE("engine: what a person does to an alarm is on disk when the call returns") {
  Rig rig;
  std::uint64_t id = 0;
  {
    auto engine = rig.lived(0, 110, 100);
    id = engine->live_alarms().at(0).id;
    CHECK(engine->alarm_counts().of(Priority::high).unacknowledged == 1);
    CHECK(engine->acknowledge(id, "Ana", "seen"));
    CHECK(engine->store().alarm(id)->value().comment == "seen");
    CHECK_FALSE(engine->acknowledge(999, "Ana", ""));
  }
  auto engine = rig.engine(110, 0, 100);
  REQUIRE(engine->live_alarms().size() == 1);
  CHECK(engine->live_alarms()[0].acknowledged_by == "Ana");
}

TEST_CASE("engine: a second life keeps ids, model, data and what is still wrong") {
  Rig rig;
  std::uint64_t finding = 0;
  {
    auto engine = rig.lived(0, 110, 100);
    finding = findings_of(*engine).at(0).id;
    CHECK_FALSE(findings_of(*engine)[0].closed.has_value());
  }
  auto engine = rig.lived(110, 100, 100);
  CHECK(engine->model().version == 1);
  const auto findings = findings_of(*engine);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].id == finding);
  CHECK(findings[0].closed.has_value());
  CHECK(engine->store().readings(SeriesId{0}, t0, t0 + seconds(5000), 1000)->size() == 210);
  CHECK(engine->store().recall("script/next")->value() == "210");
}

TEST_CASE(
    "engine: what people say of a finding outlives a restart, and weighs on the next like it") {
  Rig silent;  // the same life, of which nobody says anything
  silent.lived(0, 200, 100);
  const double unweighed = findings_of(*silent.lived(200, 200, 300)).at(0).confidence;
  Rig rig;
  {
    auto engine = rig.lived(0, 200, 100);
    const auto finding = findings_of(*engine).at(0);
    const auto said = engine->cases().answer(
        {.finding = finding.id, .at = {}, .who = "Ana", .is_right = false, .comment = "rain"});
    REQUIRE(said);
    CHECK(engine->cases().answers_to(finding.id).size() == 1);
    const auto error = [&](cases::Answer answer) {
      const auto taken = engine->cases().answer(std::move(answer));
      return taken ? "" : taken.error().what;
    };
    CHECK(error({.finding = 99, .at = {}, .who = "Ana", .comment = ""}) == "no finding 99");
    CHECK(error({.finding = finding.id, .at = {}, .who = " ", .comment = ""}) ==
          "'who' is missing: the name of a person");
  }
  auto engine = rig.lived(200, 200, 300);
  const auto findings = findings_of(*engine);  // the newest first
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].confidence == doctest::Approx(unweighed / 2));
  const auto answers = engine->cases().answers();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].who == "Ana");
  CHECK(answers[0].comment == "rain");
  CHECK(engine->cases().all().wrong == 1);
}

TEST_CASE("engine: an alarm whose finding is not seen again is cleared, and the log says why") {
  Rig rig;
  std::uint64_t alarm = 0;
  {
    auto engine = rig.lived(0, 122, 100);  // over, but held open for a while
    REQUIRE(engine->live_alarms().size() == 1);
    alarm = engine->live_alarms()[0].id;
    CHECK(engine->live_alarms()[0].is_active());
  }
  rig.warm_up = "1s";  // too short to see again what it was
  auto engine = rig.lived(122, 5, 1000);
  REQUIRE(engine->live_alarms().size() == 1);
  CHECK_FALSE(engine->live_alarms()[0].is_active());
  CHECK(findings_of(*engine).at(0).closed.has_value());
  const auto log = engine->store().alarm_log(t0, t0 + seconds(5000), 10).value();
  REQUIRE(log.size() >= 2);  // raised, and whatever more became known of its cause
  CHECK(log[0].alarm.id == alarm);
  CHECK(log[0].what == AlarmEvent::What::cleared);
  CHECK(log[0].comment == "not seen again after a restart");
}

TEST_CASE("engine: what the scenario says of a series today wins over what the store knows") {
  Rig rig;
  rig.lived(0, 5, 100);
  rig.unit = "L/s";
  CHECK(rig.engine(5, 0, 100)->series()[SeriesId{0}].unit == "L/s");
  const auto kept = rig.lived(5, 5, 100)->store().query("SELECT unit FROM series", 10);
  REQUIRE(kept);
  REQUIRE(kept->rows.size() == 1);
  CHECK(std::get<std::string>(kept->rows[0][0]) == "L/s");
}

TEST_CASE("engine: a time far ahead of the clock is refused, a recording's is its own") {
  for (const bool recorded : {false, true}) {
    CAPTURE(recorded);
    Rig rig;
    rig.recorded = recorded;
    auto engine = rig.lived(0, 5, 100);
    const Timestamp now = SystemClock().now();
    const Reading soon[] = {{now + std::chrono::minutes(10), 1, SeriesId{0}},
                            {now + std::chrono::hours(2), 2, SeriesId{0}}};
    const auto said = engine->intake().put(soon, "test");
    CHECK(said.refused == (recorded ? 0 : 1));
    if (!recorded)
      CHECK(said.reason == "the time lies in the future: is the sender's clock right?");
    CHECK(engine->intake().wait_durable(said.ticket, seconds(5)));
  }
}

TEST_CASE("engine: the door refuses what is no reading, and says why") {
  Rig rig;
  auto engine = rig.lived(0, 5, 100);
  const SeriesId id{0};
  const Reading bad[] = {
      {t0 + seconds(100), std::nan(""), id},
      {t0 + seconds(100), HUGE_VAL, id},
      {Timestamp{}, 1, id},
      {t0 + seconds(100), 1, SeriesId{77}},
      {t0 + seconds(100), 1, id},
  };
  const auto said = engine->intake().put(bad, "test");
  CHECK(said.taken == 1);
  CHECK(said.refused == 4);
  CHECK(said.reason == "the value is not a finite number");
  CHECK(engine->intake().wait_durable(said.ticket, seconds(5)));
  CHECK(engine->store().quarantine(10)->total == 4);
  CHECK(engine->intake().series("T", "value").error().what == "no series 'T'; did you mean 'S'?");
}

TEST_CASE("engine: a scenario is checked as a whole") {
  Catalog catalog;
  const auto said = [&](std::string_view toml) {
    auto scenario = Section::read_text(toml, "x.toml").value();
    const auto checked = Engine::check(scenario, catalog);
    return checked ? std::string() : checked.error().what;
  };
  CHECK(said("name = 'x'").empty());
  CHECK(said("nam = 'x'") == "x.toml:1: 'name' is missing in the file");
  CHECK(said("name = 'x'\nzone = 'Europe/Pariss'").starts_with("x.toml:2: 'zone'"));
  CHECK(said("name = 'x'\n[frame]\nperiod = '0s'").starts_with("x.toml:3: 'period' is too short"));
  CHECK(said("name = 'x'\n[[source]]\nkind = 'mqt'").starts_with("x.toml:3: 'kind' is \"mqt\""));
}

TEST_CASE("engine: detectors of an asset that has no series are refused") {
  Catalog catalog;
  catalog.add<Source>("script", [](Section&) -> Result<std::unique_ptr<Source>> {
    return std::make_unique<Script>("m3/h", 0, 1, 1, false, "plant");
  });
  catalog.add<Detector>("ten", [](Section&) -> Result<std::unique_ptr<Detector>> {
    return std::make_unique<TenTimes>(false);
  });
  const auto said = [&](std::string_view begin) {
    auto scenario = Section::read_text(std::string(begin) +
                                           "[[source]]\nkind = 'script'\n"
                                           "[[detector]]\nkind = 'ten'\n",
                                       "x.toml")
                        .value();
    const auto checked = Engine::check(scenario, catalog);
    return checked ? std::string() : checked.error().what;
  };
  CHECK(said("name = 'plant'\n").empty());
  CHECK(said("name = 'copy'\nasset = 'plant'\n").empty());
  CHECK(said("name = 'copy'\n") ==
        "x.toml:1: 'asset' must be plant, for detectors to see anything: no series is part of "
        "\"copy\"");
}

/// Keeps to a budget, and says what it was given.
class Thrifty final : public Detector, public Budgeted {
 public:
  explicit Thrifty(double& given) : given_(given) {}
  void begin(const AssetColumns& /*columns*/) override {}
  void look(const Frame& /*frame*/, SymptomSink& /*out*/) override {}
  void allow(double false_episodes_per_day) override { given_ = false_episodes_per_day; }

 private:
  double& given_;
};

class Spendthrift final : public Detector {
 public:
  void begin(const AssetColumns& /*columns*/) override {}
  void look(const Frame& /*frame*/, SymptomSink& /*out*/) override {}
};

TEST_CASE("engine: the plant's budget of false alarms is shared by weight") {
  std::vector<double> given;
  given.reserve(4);  // detectors hold references
  Catalog catalog;
  catalog.add<Detector>("thrifty", [&](Section&) -> Result<std::unique_ptr<Detector>> {
    return std::make_unique<Thrifty>(given.emplace_back(-1));
  });
  catalog.add<Detector>("spendthrift", [](Section&) -> Result<std::unique_ptr<Detector>> {
    return std::make_unique<Spendthrift>();
  });
  const auto said = [&](std::string_view toml) {
    given.clear();
    auto scenario = Section::read_text(toml, "x.toml").value();
    const auto checked = Engine::check(scenario, catalog);
    return checked ? std::string() : checked.error().what;
  };
  const std::string two =
      "[[detector]]\nkind = 'thrifty'\nweight = 3\n"
      "[[detector]]\nkind = 'spendthrift'\n[[detector]]\nkind = 'thrifty'\n";
  CHECK(said("name = 'x'\n" + two).empty());
  CHECK(given == std::vector<double>{-1, -1});  // no budget: each as it likes
  CHECK(said("name = 'x'\n[detection]\nfalse_alarms_per_day = 2\n" + two).empty());
  CHECK(given == std::vector<double>{1.5, 0.5});
  CHECK(said("name = 'x'\n[detection]\nfalse_alarms_per_day = -1").find("0 or more") !=
        std::string::npos);
  CHECK(said("name = 'x'\n[detection]\nfalse_alarm = 1").find("false_alarms_per_day") !=
        std::string::npos);
  CHECK(said("name = 'x'\n[[detector]]\nkind = 'thrifty'\nweight = 0").find("above 0") !=
        std::string::npos);
  CHECK(said("name = 'x'\n[detection]\nfalse_alarms_per_day = 2\n" + two +
             "[[detector]]\nkind = 'spendthrift'\nweight = 2")
            .empty());
  CHECK(given == std::vector<double>{1.5, 0.5});  // who keeps to no budget takes none of it
}

}  // namespace
}  // namespace sosie
