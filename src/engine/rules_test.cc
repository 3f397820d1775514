#include <filesystem>

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/engine.h"
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

TEST_CASE("rules: beside detectors frames are made, and no finding's id is given twice") {
  Fleet fleet;
  fleet.more = "[[detector]]\nkind = 'blind'\n";
  Engine& engine = fleet.live();
  for (int i = 0; i < 4; ++i) fleet.post("a", 10 * i, i % 2 == 0 ? 70 : 90);
  fleet.post("a", 50, 90);
  CHECK(engine.statistics().frames > 0);
  CHECK(fleet.findings().size() == 1);
}

}  // namespace
}  // namespace sosie
