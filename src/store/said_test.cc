#include <array>

#include <doctest/doctest.h>

#include "store/fixture_test.h"

namespace sosie {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

FindingEvent finding(std::uint64_t id, Kind kind, Timestamp onset) {
  FindingEvent event;
  Finding& f = event.finding;
  f.id = id;
  f.asset = "traffeyere";
  f.kind = kind;
  f.second = Kind::sensor_drift;
  f.score = 0.9;
  f.confidence = 0.8;
  f.forest_score = -0.14;
  f.onset = onset;
  f.detected = onset + seconds(30);
  f.suspects = {{.series = {static_cast<std::uint32_t>(id)},
                 .share = 0.7,
                 .contribution = -0.8,
                 .value = 2,
                 .expected = 3.4,
                 .low = 3.1,
                 .high = 3.7},
                {.series = {9}, .share = 0.3}};
  f.evidence = {{.detector = "stuck",
                 .kind = SymptomKind::stuck,
                 .series = SeriesId{4},
                 .score = 1,
                 .since = onset,
                 .active = true},
                {.detector = "forest",
                 .kind = SymptomKind::deviation,
                 .series = {},
                 .score = 0.5,
                 .since = onset,
                 .active = false}};
  f.sentence = {"It does not move; 'since' 3 min.", "Elle ne bouge plus."};
  return event;
}

std::vector<std::uint64_t> ids(const FindingPage& page) {
  std::vector<std::uint64_t> all;
  for (const auto& f : page.findings) all.push_back(f.id);
  return all;
}

AlarmEvent alarm(std::uint64_t id, AlarmEvent::What what, Timestamp at, Priority priority) {
  AlarmEvent event;
  event.what = what;
  event.at = at;
  event.alarm.id = id;
  event.alarm.condition = "limit/S" + std::to_string(id) + "/high";
  event.alarm.asset = "traffeyere";
  event.alarm.series = SeriesId{3};
  event.alarm.finding = 12;
  event.alarm.episode = 0xFEDCBA9876543210U + id;
  event.alarm.priority = priority;
  event.alarm.message = {"too high", "trop haut"};
  event.alarm.raised = monday;
  return event;
}

}  // namespace

TEST_CASE("findings: come back whole, as they were last told") {
  StoreFixture fixture(0);
  CHECK(*fixture.store->next_finding_id() == 1);
  auto event = finding(7, Kind::sensor_failure, monday);
  event.finding.episode = {.id = 0xFEDCBA9876543210U, .rule = "hot", .subject = "S4", .amended = 2};
  fixture.append({.findings = {&event, 1}});
  event.finding.closed = monday + minutes(10);
  event.finding.suspects.pop_back();
  event.what = FindingEvent::What::closed;
  fixture.append({.findings = {&event, 1}});
  fixture.reopen();
  const auto stored = fixture.store->finding(7);
  REQUIRE(stored);
  REQUIRE(stored->has_value());
  const Finding& f = **stored;
  CHECK(f.asset == "traffeyere");
  CHECK(f.kind == Kind::sensor_failure);
  CHECK(f.second == Kind::sensor_drift);
  CHECK(f.score == 0.9);
  CHECK(f.confidence == 0.8);
  CHECK(f.forest_score == -0.14);
  CHECK(f.onset == monday);
  CHECK(f.detected == monday + seconds(30));
  CHECK(f.closed == monday + minutes(10));
  REQUIRE(f.suspects.size() == 1);
  CHECK(f.suspects[0].series == SeriesId{7});
  CHECK(f.suspects[0].contribution == -0.8);
  CHECK(f.suspects[0].high == 3.7);
  REQUIRE(f.evidence.size() == 2);
  CHECK(f.evidence[0].kind == SymptomKind::stuck);
  CHECK(f.evidence[0].series == SeriesId{4});
  CHECK(f.evidence[0].active);
  CHECK(f.evidence[1].kind == SymptomKind::deviation);
  CHECK_FALSE(f.evidence[1].series);
  CHECK_FALSE(f.evidence[1].active);
  CHECK(f.sentence == event.finding.sentence);
  CHECK(f.episode == event.finding.episode);
  CHECK(*fixture.store->next_finding_id() == 8);
  CHECK_FALSE(fixture.store->finding(8)->has_value());
}

TEST_CASE("findings: asked for by time, kind, series, state and number") {
  StoreFixture fixture(0);
  std::vector<FindingEvent> events;
  for (std::uint64_t id = 1; id <= 6; ++id) {
    events.push_back(finding(id, id % 2 == 0 ? Kind::cyber_attack : Kind::sensor_failure,
                             monday + minutes(10 * id)));
    if (id <= 3) events.back().finding.closed = monday + minutes(10 * id + 5);
  }
  fixture.append({.findings = events});
  using Ids = std::vector<std::uint64_t>;
  struct Case {
    const char* name;
    FindingQuery query;
    Ids expected;
    std::size_t total;
  };
  const Case cases[] = {
      {"all, newest first", {}, {6, 5, 4, 3, 2, 1}, 6},
      {"the newest two", {.limit = 2}, {6, 5}, 6},
      {"open", {.only_open = true}, {6, 5, 4}, 3},
      {"of a kind", {.kind = Kind::cyber_attack}, {6, 4, 2}, 3},
      {"of a series", {.series = SeriesId{5}}, {5}, 1},
      {"of a series in all", {.series = SeriesId{9}, .limit = 1}, {6}, 6},
      {"begun before", {.to = monday + minutes(30)}, {2, 1}, 2},
      {"still open then", {.from = monday + minutes(26), .to = monday + minutes(50)}, {4, 3}, 2},
      {"an old one that is open", {.from = monday + minutes(9999)}, {6, 5, 4}, 3},
      {"all at once",
       {.from = monday,
        .to = monday + minutes(999),
        .only_open = true,
        .kind = Kind::sensor_failure,
        .series = SeriesId{5}},
       {5},
       1},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto page = fixture.store->findings(c.query);
    REQUIRE(page);
    CHECK(ids(*page) == c.expected);
    CHECK(page->total == c.total);
  }
}

TEST_CASE("alarms: the live ones, each one's last word, and every step") {
  using What = AlarmEvent::What;
  StoreFixture fixture(0);
  CHECK(*fixture.store->next_alarm_id() == 1);
  std::vector<AlarmEvent> events;
  events.push_back(alarm(1, What::raised, monday, Priority::low));
  events.push_back(alarm(2, What::raised, monday + minutes(1), Priority::critical));
  events.push_back(alarm(3, What::raised, monday + minutes(2), Priority::low));
  auto seen = alarm(1, What::acknowledged, monday + minutes(3), Priority::low);
  seen.who = "Ana";
  seen.comment = "checked";
  seen.alarm.acknowledged = seen.at;
  seen.alarm.acknowledged_by = "Ana";
  seen.alarm.comment = "checked";
  events.push_back(seen);
  auto over = seen;
  over.what = What::cleared;
  over.at = monday + minutes(4);
  over.alarm.cleared = over.at;
  over.who.clear();
  events.push_back(over);
  auto shelved = alarm(3, What::shelved, monday + minutes(5), Priority::low);
  shelved.alarm.shelved_until = monday + minutes(60);
  shelved.alarm.series.reset();
  events.push_back(shelved);
  fixture.append({.alarms = events});
  fixture.reopen();

  const auto live = fixture.store->live_alarms();
  REQUIRE(live);
  REQUIRE(live->size() == 2);
  CHECK(live->at(0).id == 2);
  CHECK(live->at(1).id == 3);
  CHECK(live->at(1).shelved_until == monday + minutes(60));
  CHECK_FALSE(live->at(1).series);
  CHECK(*fixture.store->next_alarm_id() == 4);

  const auto one = fixture.store->alarm(1);
  REQUIRE(one);
  REQUIRE(one->has_value());
  CHECK((*one)->acknowledged_by == "Ana");
  CHECK((*one)->cleared == monday + minutes(4));
  CHECK((*one)->message.fr == "trop haut");
  CHECK((*one)->condition == "limit/S1/high");
  CHECK((*one)->finding == 12);
  CHECK_FALSE(fixture.store->alarm(99)->has_value());

  const auto log = fixture.store->alarm_log(monday + minutes(1), monday + minutes(5), 2);
  REQUIRE(log);
  REQUIRE(log->size() == 2);
  CHECK(log->at(0).what == What::cleared);
  CHECK(log->at(0).who.empty());
  CHECK(log->at(1).what == What::acknowledged);
  CHECK(log->at(1).who == "Ana");
  CHECK(log->at(1).comment == "checked");
  CHECK_FALSE(log->at(1).alarm.cleared);
}

TEST_CASE("cursors: those who tell of alarms go on where they were") {
  StoreFixture fixture(0);
  std::vector<AlarmEvent> events;
  for (std::uint64_t id = 1; id <= 5; ++id) {
    events.push_back(alarm(id, AlarmEvent::What::raised, monday, Priority::high));
  }
  fixture.append({.alarms = events});
  CHECK(*fixture.store->cursor("webhook") == 0);
  const auto first = fixture.store->alarm_events_after(0, 3);
  REQUIRE(first);
  REQUIRE(first->size() == 3);
  REQUIRE(fixture.store->set_cursor("webhook", first->back().number));
  fixture.reopen();
  const auto at = fixture.store->cursor("webhook");
  REQUIRE(at);
  const auto rest = fixture.store->alarm_events_after(*at, 99);
  REQUIRE(rest);
  REQUIRE(rest->size() == 2);
  CHECK(rest->front().event.alarm.id == 4);
  CHECK(rest->back().number == 5);
}

TEST_CASE("the alarm log without what was given up since") {
  using What = AlarmEvent::What;
  StoreFixture fixture(0);
  std::vector<AlarmEvent> events;
  for (const auto& [id, what] :
       {std::pair(1, What::raised), std::pair(2, What::raised), std::pair(1, What::given_up),
        std::pair(1, What::taken_over), std::pair(2, What::cleared)}) {
    events.push_back(alarm(static_cast<std::uint64_t>(id), what, monday, Priority::high));
  }
  fixture.append({.alarms = events});
  const auto numbers = [&](Steps whose) {
    std::string all;
    for (const auto& step : fixture.store->alarm_events_after(0, 99, whose).value()) {
      all += std::to_string(step.number);
    }
    return all;
  };
  CHECK(numbers(Steps::all) == "12345");
  CHECK(numbers(Steps::of_ours) == "245");
  CHECK(numbers(Steps::of_ours_and_given_up) == "2345");
}

TEST_CASE("labels: as they were last told, those that overlap") {
  StoreFixture fixture(0);
  Label label;
  label.id = 31;
  label.asset = "traffeyere";
  label.kind = Kind::cyber_attack;
  label.scenario = "replay";
  label.direct = {"AIT-306-DO", "with \"quotes\", é and \\"};
  label.start = monday;
  label.end = monday + minutes(30);
  label.size = 2.5;
  label.text = {"replayed", "rejoué"};
  fixture.append({.labels = {&label, 1}});
  label.over = true;
  label.end = monday + minutes(20);
  label.consequences = {"AIT-307"};
  fixture.append({.labels = {&label, 1}});
  const auto stored = fixture.store->labels(monday, monday + minutes(1));
  REQUIRE(stored);
  REQUIRE(stored->size() == 1);
  const Label& l = stored->front();
  CHECK(l.id == 31);
  CHECK(l.kind == Kind::cyber_attack);
  CHECK(l.scenario == "replay");
  CHECK(l.direct == label.direct);
  CHECK(l.consequences == label.consequences);
  CHECK(l.over);
  CHECK(l.end == monday + minutes(20));
  CHECK(l.size == 2.5);
  CHECK(l.text == label.text);
  CHECK(fixture.store->labels(monday + minutes(20), monday + minutes(40))->empty());
  CHECK(fixture.store->labels(monday - minutes(20), monday)->empty());
}

TEST_CASE("quarantine: the newest rows, and all counted") {
  StoreFixture fixture(0);
  std::vector<Refusal> refusals;
  for (int i = 0; i < 10'050; ++i) {
    refusals.push_back({.source = i % 2 == 0 ? "mqtt" : "http",
                        .reason = "not a number",
                        .sample = std::string(2000, 'x'),
                        .where = "plant/" + std::to_string(i)});
  }
  fixture.append({.refusals = refusals, .at = monday});
  const auto stored = fixture.store->quarantine(5);
  REQUIRE(stored);
  CHECK(stored->total == 10'050);
  REQUIRE(stored->by_source.size() == 2);
  CHECK(stored->by_source[0] == std::pair<std::string, std::uint64_t>("http", 5025));
  REQUIRE(stored->rows.size() == 5);
  CHECK(stored->rows[0].refusal.where == "plant/10049");
  CHECK(stored->rows[0].refusal.sample.size() == 500);
  CHECK(stored->rows[0].at == monday);
  CHECK(fixture.store->quarantine(20'000)->rows.size() == 10'000);
}

TEST_CASE("memory: what a source remembers is committed with its readings") {
  StoreFixture fixture(0);
  CHECK_FALSE(fixture.store->recall("plant")->has_value());
  const std::string bytes("a\0b\xFF", 4);
  const std::array<std::pair<std::string, std::string>, 2> first{
      {{"plant", "old"}, {"mqtt", "cursor"}}};
  const std::array<std::pair<std::string, std::string>, 1> second{{{"plant", bytes}}};
  const std::array<Commit, 2> both{{{.remembered = first}, {.remembered = second}}};
  REQUIRE(fixture.store->append(both));
  fixture.reopen();
  CHECK(*fixture.store->recall("plant") == bytes);
  CHECK(*fixture.store->recall("mqtt") == "cursor");
}

}  // namespace sosie
