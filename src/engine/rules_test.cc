#include <filesystem>

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/log.h"
#include "core/episode_keeper.h"
#include "engine/engine.h"
#include "engine/rule_trial.h"
#include "rules/episode.h"

namespace sosie {
namespace {

using std::chrono::seconds;

const Timestamp midnight = *from_iso8601("2026-11-20T00:00:00Z");

/// Detects nothing, but makes frames necessary.
class Blind final : public Detector {
 public:
  void begin(const AssetColumns&) override {}
  void look(const Frame&, SymptomSink&) override {}
};

/// A fleet without a source: the test posts its readings. Its store lives as long as the rig.
class Fleet {
 public:
  Fleet() {
    log::set_level(log::Level::off);
    folder_ = std::filesystem::temp_directory_path() / fmt::format("sosie_rules_{}", ::getpid());
    std::filesystem::remove_all(folder_);
    catalog_.add<Detector>("blind", [](Section&) -> Result<std::unique_ptr<Detector>> {
      return std::make_unique<Blind>();
    });
  }
  ~Fleet() { std::filesystem::remove_all(folder_); }
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  std::string rules =
      "[[rule]]\nname = 'hot'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\n"
      "on_delay = '10s'\npriority = 'critical'\n";
  std::string more;

  /// A life: from here until `die`.
  Engine& live() {
    auto scenario = Section::read_text(
                        "name = 'fleet'\nrecorded = true\n"
                        "intake.unknown = 'declare'\nlearn.store = false\n" +
                            rules + more,
                        "fleet.toml")
                        .value();
    Engine::Options options;
    options.data_folder = folder_.string();
    auto made = Engine::create(scenario, catalog_, options);
    if (!made) FAIL(made.error().what);
    engine_ = std::move(made).value();
    REQUIRE(engine_->start());
    return *engine_;
  }
  void die() { engine_.reset(); }
  Engine& engine() { return *engine_; }

  void post(const std::string& device, int s, double value) {
    const auto id = engine_->intake().series(device, "temperature");
    REQUIRE(id);
    const Reading reading{midnight + seconds(s), value, *id};
    const auto said = engine_->intake().put(std::span(&reading, 1), "test");
    REQUIRE(engine_->intake().wait_durable(said.ticket, seconds(5)));
  }

  std::vector<Finding> findings() { return engine_->store().findings({}).value().findings; }
  /// "raised 10 …id…", in order of the log.
  std::vector<std::string> steps() {
    std::vector<std::string> said;
    for (const auto& step : engine_->store().alarm_events_after(0, 1000).value()) {
      const auto& event = step.event;
      said.push_back(
          fmt::format("{} {} {}", to_text(event.what),
                      std::chrono::duration_cast<seconds>(event.at - midnight).count(),
                      event.alarm.episode == 0 ? "" : episode_text(event.alarm.episode)));
    }
    return said;
  }

 private:
  std::filesystem::path folder_;
  Catalog catalog_;
  std::unique_ptr<Engine> engine_;
};

std::string hot_id(const std::string& device, int onset) {
  return episode_text(rules::episode_id(device + ".temperature", "hot", midnight + seconds(onset)));
}

using Steps = std::vector<std::string>;

TEST_CASE("rules: episodes are findings and alarms, and no frame is made") {
  Fleet fleet;
  Engine& engine = fleet.live();
  fleet.post("truck-1", 0, 70);
  fleet.post("truck-2", 0, 90);
  fleet.post("truck-2", 10, 91);
  fleet.post("truck-1", 10, 70);
  CHECK(engine.open_findings() == 1);
  const auto findings = fleet.findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == Kind::process_malfunction);
  CHECK(findings[0].onset == midnight);
  CHECK(findings[0].detected == midnight + seconds(10));
  CHECK(findings[0].sentence.en == "truck-2.temperature: 91, above 80 for 10 s");
  REQUIRE(findings[0].episode);
  CHECK(findings[0].episode->rule == "hot");
  CHECK(findings[0].episode->subject == "truck-2.temperature");
  const auto live = engine.live_alarms();
  REQUIRE(live.size() == 1);
  CHECK(live[0].condition == "rule/hot/truck-2.temperature");
  CHECK(live[0].priority == Priority::critical);
  fleet.post("truck-2", 20, 70);
  CHECK(engine.open_findings() == 0);
  CHECK(fleet.steps() ==
        Steps{"raised 10 " + hot_id("truck-2", 0), "cleared 20 " + hot_id("truck-2", 0)});
  CHECK(engine.statistics().frames == 0);
  CHECK(engine.statistics().episodes_opened == 1);
  // learn.store = false keeps nothing while it learns: here nothing is learned.
  CHECK(engine.store().stats()->readings == 5);
}

TEST_CASE("rules: a late reading amends finding and alarm") {
  Fleet fleet;
  Engine& engine = fleet.live();
  fleet.post("a", 0, 70);
  fleet.post("a", 20, 90);
  fleet.post("a", 40, 90);
  fleet.post("a", 10, 90);  // began earlier
  CHECK(fleet.findings().at(0).onset == midnight + seconds(10));
  CHECK(fleet.findings()[0].episode->amended == 1);
  fleet.post("a", 30, 70);  // and was two: the first closes, the second is too short
  CHECK(fleet.findings().at(0).closed == midnight + seconds(30));
  fleet.post("a", 15, 70);  // no, nothing
  REQUIRE(fleet.findings().size() == 1);
  CHECK(fleet.findings()[0].episode->withdrawn);
  CHECK(fleet.steps() == Steps{"raised 40 " + hot_id("a", 20), "changed 40 " + hot_id("a", 10),
                               "cleared 40 " + hot_id("a", 10)});
  CHECK(engine.statistics().episodes_amended == 2);
  CHECK(engine.statistics().episodes_withdrawn == 1);
  CHECK(engine.statistics().rules_late == 3);
  CHECK(engine.store().stats()->readings == 6);
}

TEST_CASE("rules: after a restart what is open goes on, with no alarm twice and none lost") {
  Fleet fleet;
  fleet.live();
  fleet.post("a", 0, 90);
  fleet.post("a", 10, 90);
  fleet.post("b", 5, 90);  // not yet for long enough
  const auto finding = fleet.findings().at(0).id;
  for (int life = 0; life < 3; ++life) {
    fleet.die();
    fleet.live();
    CHECK(fleet.engine().open_findings() == 1);
  }
  CHECK(fleet.steps() == Steps{"raised 10 " + hot_id("a", 0)});
  fleet.post("a", 20, 70);
  fleet.post("b", 15, 90);  // since before the restart
  CHECK(fleet.steps() == Steps{"raised 10 " + hot_id("a", 0), "cleared 20 " + hot_id("a", 0),
                               "raised 15 " + hot_id("b", 5)});
  const auto findings = fleet.findings();
  REQUIRE(findings.size() == 2);
  CHECK(findings[1].id == finding);
  CHECK(findings[1].closed == midnight + seconds(20));
}

TEST_CASE("rules: after a restart a late reading amends what was open, as if there had been none") {
  Fleet fleet;
  fleet.live();
  for (int s = 0; s < 60; s += 5) {
    if (s != 20) fleet.post("a", s, s > 20 ? 90 : 20);
  }
  CHECK(fleet.steps() == Steps{"raised 35 " + hot_id("a", 25)});
  for (int life = 0; life < 2; ++life) {
    fleet.die();
    fleet.live();
  }
  CHECK(fleet.steps() == Steps{"raised 35 " + hot_id("a", 25)});
  fleet.post("a", 20, 90);
  CHECK(fleet.steps().size() == 2);
  REQUIRE(fleet.findings().size() == 1);
  CHECK(fleet.findings()[0].onset == midnight + seconds(20));
  CHECK(fleet.findings()[0].episode->amended == 1);
  CHECK(fleet.engine().statistics().rules_too_late == 0);
}

TEST_CASE("rules: what is open stays open where its readings are not kept any more") {
  Fleet fleet;
  fleet.live();
  fleet.post("a", 0, 90);
  fleet.post("a", 10, 90);
  for (int s = 1000; s < 1100; s += 10) fleet.post("b", s, 20);
  fleet.die();
  fleet.live();
  fleet.post("a", 1100, 90);
  CHECK(fleet.steps() == Steps{"raised 10 " + hot_id("a", 0)});
  fleet.post("a", 1101, 20);
  CHECK(fleet.steps().back() == "cleared 1101 " + hot_id("a", 0));
}

TEST_CASE(
    "rules: a limit that is moved is in force from the next reading on, and after a restart") {
  Fleet fleet;
  fleet.rules =
      "[[rule]]\nname = 'hot'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\n"
      "[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n";
  fleet.live();
  fleet.post("a", 0, 70);
  const auto moved =
      fleet.engine().move_rule({.rule = "hot", .high = RuleMove::Wish{60}, .who = "Ana"});
  REQUIRE(moved);
  CHECK(moved->rule.high == 60);
  CHECK(moved->scenario.high == 80);
  CHECK(moved->since == midnight + Duration(1));
  CHECK(fleet.findings().empty());
  fleet.post("a", 10, 70);
  REQUIRE(fleet.findings().size() == 1);
  CHECK(fleet.findings()[0].sentence.en == "a.temperature: 70, above 60");
  CHECK(fleet.findings()[0].suspects.at(0).high == 60);

  fleet.die();
  fleet.live();
  CHECK(fleet.engine().open_findings() == 1);
  CHECK(fleet.steps() == Steps{"raised 10 " + hot_id("a", 10)});
  CHECK(fleet.engine().rules().at(0).rule.high == 60);
  CHECK(fleet.engine().rule_log().at(0).who == "Ana");
  fleet.post("a", 5, 70);  // late: by the limit of then, it began earlier
  CHECK(fleet.findings().at(0).onset == midnight + seconds(5));
  REQUIRE(fleet.engine().move_rule({.rule = "hot", .high = RuleMove::Wish{}, .who = "Ben"}));
  fleet.post("a", 20, 70);
  CHECK(fleet.steps().back() == "cleared 20 " + hot_id("a", 5));
  CHECK(fleet.engine()
            .move_rule({.rule = "quiet", .high = RuleMove::Wish{1}, .who = "Ana"})
            .error()
            .code == Errc::invalid);
  CHECK(fleet.engine()
            .move_rule({.rule = "cold", .high = RuleMove::Wish{1}, .who = "Ana"})
            .error()
            .code == Errc::not_found);
}

TEST_CASE("rules: an episode of a rule that is no more is closed after a restart") {
  Fleet fleet;
  fleet.live();
  fleet.post("a", 0, 90);
  fleet.post("a", 10, 90);
  fleet.die();
  fleet.rules = "[[rule]]\nname = 'hotter'\nkind = 'limit'\nseries = '*'\nhigh = 85\n";
  fleet.live();
  fleet.post("a", 11, 70);
  const auto findings = fleet.findings();
  REQUIRE(findings.size() == 2);  // the new rule knows the past that it saw
  CHECK(findings[0].closed);
  CHECK(findings[1].closed);
  CHECK(fleet.engine().alarm_counts().of(Priority::critical).unacknowledged == 1);
  for (const auto& alarm : fleet.engine().live_alarms()) CHECK_FALSE(alarm.is_active());
}

RuleTrial try_on(Fleet& fleet, const std::string& rules, int from, int to,
                 TrialLimits limits = {}) {
  auto read = Section::read_text(rules, "rules").value();
  return try_rules(rules::RuleSet::read(read).value(), fleet.engine().store(),
                   fleet.engine().series(), midnight + seconds(from), midnight + seconds(to),
                   limits)
      .value();
}

TEST_CASE("rules tried on the past: the episodes that they would have made") {
  Fleet fleet;
  Engine& engine = fleet.live();
  for (int s = 0; s < 120; s += 5) {
    fleet.post("a", s, s % 40 < 20 ? 90 : 70);  // three times for 15 s, seen after 10
    fleet.post("b", s, s < 100 ? 75 : 90);      // once, not over
  }
  SUBCASE("the rule that was in force makes those that it made") {
    const auto trial = try_on(fleet, fleet.rules, 0, 200);
    CHECK(trial.readings == 48);
    CHECK(trial.series == 2);
    REQUIRE(trial.rules.size() == 1);
    const TriedRule& hot = trial.rules[0];
    CHECK(hot.episodes == fleet.findings().size());
    CHECK(hot.episodes == 4);
    CHECK(hot.open == 1);
    CHECK(hot.lasting == seconds(3 * 20 + 100));  // b: from 100 to the end of the span
    REQUIRE(hot.subjects.size() == 2);
    CHECK(hot.subjects[0].name == "a.temperature");
    CHECK(hot.subjects[0].episodes == 3);
    REQUIRE(hot.listed.size() == 4);
    CHECK(hot.listed[0].episode.onset == midnight + seconds(100));
    CHECK(hot.listed[0].sentence.en == "b.temperature: 90, above 80 for 10 s");
    CHECK(episode_text(hot.listed[3].episode.id) == hot_id("a", 0));
  }
  SUBCASE("others make theirs, each its own, and nothing is said to anyone") {
    const auto before = fleet.steps();
    const auto trial =
        try_on(fleet,
               "[[rule]]\nname = 'warm'\nkind = 'limit'\nseries = 'b*'\nhigh = 72\n"
               "[[rule]]\nname = 'never'\nkind = 'limit'\nseries = '*'\nhigh = 200\n",
               0, 200);
    CHECK(trial.rules.at(0).episodes == 1);
    CHECK(trial.rules.at(1).episodes == 0);
    CHECK(trial.rules.at(1).listed.empty());
    CHECK(trial.rules.at(0).series == 1);
    CHECK(trial.rules.at(1).series == 2);
    const auto none =
        try_on(fleet, "[[rule]]\nname = 'n'\nkind = 'limit'\nseries = 'c*'\nhigh = 72\n", 0, 200);
    CHECK(none.rules.at(0).series == 0);
    CHECK(fleet.steps() == before);
    CHECK(engine.open_findings() == 1);
  }
  SUBCASE("only the span counts, and only the last are listed") {
    CHECK(try_on(fleet, fleet.rules, 30, 90).rules.at(0).episodes == 1);
    const auto trial =
        try_on(fleet, fleet.rules, 0, 200, {.most_readings = 1000, .most_listed = 2});
    CHECK(trial.rules.at(0).episodes == 4);
    CHECK(trial.rules.at(0).listed.size() == 2);
  }
  SUBCASE("what is too much to read is cut, and says where") {
    const auto trial = try_on(fleet, fleet.rules, 0, 200, {.most_readings = 1, .most_listed = 9});
    CHECK(trial.is_cut);
    CHECK(trial.to < midnight + seconds(200));
    CHECK(trial.rules.at(0).lasting < seconds(200));
  }
}

TEST_CASE("rules: beside detectors frames are made, and no finding's id is given twice") {
  Fleet fleet;
  fleet.more = "[[detector]]\nkind = 'blind'\n";
  Engine& engine = fleet.live();
  for (int i = 0; i < 4; ++i) fleet.post("a", 10 * i, i % 2 == 0 ? 70 : 90);
  fleet.post("a", 50, 90);
  CHECK(engine.statistics().frames > 0);
  CHECK(fleet.findings().size() == 1);
}

TEST_CASE("a place that is nowhere on earth is bad, though no zone and no rule asks for it") {
  Fleet fleet;
  Engine& engine = fleet.live();
  const auto quality = [&](const char* attribute, double value) {
    const auto id = engine.intake().series("truck-1", attribute).value();
    const Reading reading{midnight, value, id};
    const auto said = engine.intake().put(std::span(&reading, 1), "test");
    REQUIRE(engine.intake().wait_durable(said.ticket, seconds(5)));
    const auto kept = engine.latest().read(id);
    return (*kept).quality == Quality::good
               ? std::string("good")
               : fmt::format("{} {}", to_text((*kept).quality), to_text((*kept).reason));
  };
  CHECK(quality("position.latitude", 199) == "bad out_of_range");
  CHECK(quality("longitude", -180.5) == "bad out_of_range");
  CHECK(quality("lat", -90) == "good");
  CHECK(quality("lon", 180) == "good");
  CHECK(quality("height", 199) == "good");
}

/// Whose devices move.
class Sharing final : public Source, public EpisodeKeeper {
 public:
  Result<void> run(Intake&, std::stop_token) override { return {}; }
  bool keeps_episodes() const override { return true; }
  void committed(std::span<const Handover>, std::span<const FindingEvent>,
                 const SeriesTable&) override {}
};

TEST_CASE("handover: a source that shares its devices stands alone") {
  Catalog catalog;
  catalog.add<Source>("sharing", [](Section&) -> Result<std::unique_ptr<Source>> {
    return std::make_unique<Sharing>();
  });
  catalog.add<Detector>("blind", [](Section&) -> Result<std::unique_ptr<Detector>> {
    return std::make_unique<Blind>();
  });
  const auto said = [&](const std::string& more) {
    auto scenario =
        Section::read_text("name = 'fleet'\n[[source]]\nkind = 'sharing'\n" + more, "t").value();
    const auto checked = Engine::check(scenario, catalog);
    return checked ? std::string() : checked.error().what;
  };
  CHECK(said("").empty());
  CHECK(said("[[source]]\nkind = 'sharing'").find("no source beside") != std::string::npos);
  CHECK(said("[[detector]]\nkind = 'blind'").find("no detectors") != std::string::npos);
}

/// A worker, as a source tells it of its part of the devices.
class Worker {
 public:
  explicit Worker(const std::string& rules) {
    if (!rules.empty()) fleet_.rules = rules;
    fleet_.live();
  }
  SeriesId series(const std::string& device) {
    return fleet_.engine().intake().series(device, "temperature").value();
  }
  void tell(Handover handover) {
    Delivery delivery;
    delivery.handovers.push_back(std::move(handover));
    deliver(std::move(delivery));
  }
  void comes(std::vector<Finding> episodes, int since = 0) {
    for (Finding& finding : episodes) {
      Suspect suspect;
      suspect.series = series("truck-1");
      suspect.value = 90;
      finding.suspects = {suspect};
    }
    tell({Handover::What::comes, "fleet/0", {}, std::move(episodes), midnight + seconds(since)});
    tell({Handover::What::holds, "fleet/0", {series("truck-1")}, {}});
  }
  void past(int s, double value) { post(s, value, true); }
  void post(int s, double value, bool is_past = false) {
    const Reading reading{midnight + seconds(s), value, series("truck-1")};
    Delivery delivery;
    delivery.readings = std::span(&reading, 1);
    delivery.is_past = is_past;
    deliver(std::move(delivery));
  }
  void is_here() { tell({Handover::What::is_here, "fleet/0", {}, {}}); }
  void goes() { tell({Handover::What::goes, "fleet/0", {}, {}}); }

  Fleet& fleet() { return fleet_; }
  Steps steps() { return fleet_.steps(); }

 private:
  void deliver(Delivery delivery) {
    auto& intake = fleet_.engine().intake();
    const auto said = intake.deliver(std::move(delivery), "test");
    REQUIRE(intake.wait_durable(said.ticket, seconds(5)));
  }
  Fleet fleet_;
};

Finding episode(const std::string& device, int onset, int detected,
                std::optional<int> closed = std::nullopt) {
  Finding finding;
  finding.onset = midnight + seconds(onset);
  finding.detected = midnight + seconds(detected);
  if (closed) finding.closed = midnight + seconds(*closed);
  finding.episode = RuleEpisode{rules::episode_id(device + ".temperature", "hot", finding.onset),
                                "hot", device + ".temperature", 0, false};
  return finding;
}

TEST_CASE("handover: an open episode goes on, is not raised again, and ends under its id") {
  Worker worker("");
  worker.comes({episode("truck-1", 0, 10)});
  for (int s = 100; s < 105; ++s) worker.past(s, 90);
  CHECK(worker.steps().empty());  // not before all of it is known
  worker.is_here();
  CHECK(worker.steps() == Steps{"taken_over 10 " + hot_id("truck-1", 0)});
  worker.post(105, 70);
  CHECK(worker.steps().back() == "cleared 105 " + hot_id("truck-1", 0));
  const auto findings = worker.fleet().findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].sentence.en.find("90, above 80") != std::string::npos);
  CHECK(worker.fleet().engine().store().stats()->readings == 1);  // the past is not kept twice
  CHECK(worker.fleet().engine().statistics().readings_taken == 1);
  CHECK(worker.fleet().engine().statistics().findings_opened == 0);
}

TEST_CASE("handover: the past that is told is enough to amend the episode that came with it") {
  Worker worker("");
  auto open = episode("truck-1", 25, 35);
  worker.comes({open}, 0);
  for (int s = 0; s < 60; s += 5) {
    if (s != 20) worker.past(s, s > 20 ? 90 : 20);
  }
  worker.is_here();
  CHECK(worker.steps() == Steps{"taken_over 35 " + hot_id("truck-1", 25)});
  worker.post(20, 90);
  REQUIRE(worker.fleet().findings().size() == 1);
  CHECK(worker.fleet().findings()[0].onset == midnight + seconds(20));
  CHECK(worker.fleet().engine().statistics().rules_too_late == 0);
  worker.post(60, 20);
  CHECK(worker.steps().back() == "cleared 60 " + hot_id("truck-1", 20));
}

TEST_CASE("handover: a delay that was running goes on running") {
  Worker worker("");
  worker.comes({});
  worker.past(0, 90);
  worker.past(6, 90);
  worker.is_here();
  worker.post(9, 90);
  CHECK(worker.steps().empty());
  worker.post(10, 90);
  CHECK(worker.steps() == Steps{"raised 10 " + hot_id("truck-1", 0)});
}

TEST_CASE("handover: what ended just before may not have been told, and is told again") {
  Worker worker("");
  worker.comes({episode("truck-1", 0, 10, 30)});
  for (int s = 20; s < 40; ++s) worker.past(s, s < 30 ? 90 : 70);
  worker.is_here();
  CHECK(worker.steps() ==
        Steps{"taken_over 10 " + hot_id("truck-1", 0), "cleared 30 " + hot_id("truck-1", 0)});
}

TEST_CASE("handover: what is found in the past and was told to nobody is raised") {
  Worker worker("");
  worker.comes({});
  worker.past(0, 90);
  worker.past(10, 90);
  worker.is_here();
  CHECK(worker.steps() == Steps{"raised 10 " + hot_id("truck-1", 0)});
}

TEST_CASE("handover: what goes is over here, and comes back under its id") {
  Worker worker("");
  worker.comes({});
  worker.is_here();
  worker.post(0, 90);
  worker.post(10, 90);
  worker.goes();
  CHECK(worker.steps() ==
        Steps{"raised 10 " + hot_id("truck-1", 0), "given_up 10 " + hot_id("truck-1", 0)});
  CHECK(worker.fleet().engine().live_alarms().empty());
  CHECK(worker.fleet().engine().open_findings() == 0);
  worker.comes({episode("truck-1", 0, 10)});
  worker.is_here();
  CHECK(worker.steps().back() == "taken_over 10 " + hot_id("truck-1", 0));
  worker.post(20, 70);
  CHECK(worker.steps().back() == "cleared 20 " + hot_id("truck-1", 0));
  CHECK(worker.fleet().engine().store().live_alarms()->size() == 1);  // nobody has seen it
}

TEST_CASE("handover: what was open before ended elsewhere, and the next episode is its own alarm") {
  Worker worker("");
  worker.comes({});
  worker.is_here();
  worker.post(0, 90);
  worker.post(10, 90);
  worker.comes({episode("truck-1", 50, 60)});  // read on by another meanwhile
  worker.is_here();
  CHECK(worker.steps() == Steps{"raised 10 " + hot_id("truck-1", 0),
                                "given_up 10 " + hot_id("truck-1", 0),
                                "taken_over 60 " + hot_id("truck-1", 50)});
  worker.post(70, 70);
  CHECK(worker.steps().back() == "cleared 70 " + hot_id("truck-1", 50));
}

TEST_CASE("parts: a group waits for the one that is read behind, without a handover too") {
  Fleet fleet;
  fleet.rules =
      "rules.lateness = '5s'\n[[rule]]\nname = 'depot'\nkind = 'limit'\n"
      "series = '*.temperature'\nhigh = 80\ngroup_by = 'all'\nevery = '10s'\n"
      "[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n";
  auto& intake = fleet.live().intake();
  const auto tell = [&](std::vector<Handover> handovers, std::span<const Reading> readings) {
    Delivery delivery;
    delivery.handovers = std::move(handovers);
    delivery.readings = readings;
    REQUIRE(intake.wait_durable(intake.deliver(std::move(delivery), "test").ticket, seconds(5)));
  };
  const auto read = [&](const std::string& part, const std::string& device) {
    const auto id = intake.series(device, "temperature").value();
    std::vector<Reading> readings;
    for (int s = 0; s < 600; ++s) {
      readings.push_back({midnight + seconds(s), s >= 100 && s < 200 ? 90.0 : 60.0, id});
    }
    tell({{Handover::What::holds, part, {id}, {}}}, readings);
  };
  tell({{Handover::What::waits, "t/0", {}, {}}, {Handover::What::waits, "t/1", {}, {}}}, {});
  read("t/0", "a");
  CHECK(fleet.steps().empty());
  read("t/1", "b");
  tell({{Handover::What::is_read, "t/0", {}, {}}, {Handover::What::is_read, "t/1", {}, {}}}, {});
  const auto id = episode_text(rules::episode_id("all", "depot", midnight + seconds(100)));
  CHECK(fleet.steps() == Steps{"raised 100 " + id, "cleared 200 " + id});
  CHECK(fleet.engine().statistics().rules_too_late == 0);
}

TEST_CASE("handover: silence is not judged of what went, nor while something comes") {
  Worker worker("[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n");
  const auto pass = [&] {  // time, by another device
    for (int s = 0; s <= 100; s += 10) worker.fleet().post("truck-2", s, 20);
  };
  worker.comes({});
  worker.past(0, 20);
  pass();
  CHECK(worker.steps().empty());
  worker.past(80, 20);
  worker.is_here();
  pass();
  CHECK(worker.steps().empty());
  worker.goes();
  for (int s = 100; s <= 300; s += 10) worker.fleet().post("truck-2", s, 20);
  CHECK(worker.steps().empty());
}

}  // namespace
}  // namespace sosie
