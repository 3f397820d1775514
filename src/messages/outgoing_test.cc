#include "messages/outgoing.h"

#include <doctest/doctest.h>

#include "base/time_text.h"

namespace sosie::messages {
namespace {

TEST_CASE("messages: what a reading, an alarm's step and a finding look like outside") {
  SeriesInfo info;
  info.entity = "truck-1";
  info.attribute = "temperature";
  info.asset = "fleet";
  info.unit = "Cel";
  const Timestamp at = *from_iso8601("2026-11-20T10:00:00Z");
  const SinkReading reading{{at, 81.5, {0}, Quality::good, QualityReason::none}, true};
  CHECK(reading_text(reading, info) ==
        R"({"entity":"truck-1","attribute":"temperature","value":81.5,)"
        R"("time":"2026-11-20T10:00:00Z","quality":"good","unit":"Cel","asset":"fleet",)"
        R"("anomaly":true})");
  AlarmEvent step;
  step.at = at;
  step.alarm.id = 7;
  step.alarm.condition = "limit/truck-1/high";
  step.alarm.asset = "fleet";
  step.alarm.priority = Priority::high;
  step.alarm.message = {"hot", "chaud"};
  step.alarm.raised = at;
  CHECK(step_text(step, &info) ==
        R"({"alarm":7,"what":"raised","time":"2026-11-20T10:00:00Z",)"
        R"("condition":"limit/truck-1/high","priority":"high","active":true,"message":"hot",)"
        R"("message_fr":"chaud","asset":"fleet","entity":"truck-1","attribute":"temperature",)"
        R"("raised":"2026-11-20T10:00:00Z","cleared":null,"acknowledged":null})");
  step.alarm.episode = 0xAB;
  CHECK(step_text(step, &info).starts_with(R"({"id":"00000000000000ab","alarm":7,)"));

  FindingEvent event;
  event.what = FindingEvent::What::closed;
  event.finding.id = 9;
  event.finding.asset = "fleet";
  event.finding.kind = Kind::process_malfunction;
  event.finding.confidence = 1;
  event.finding.onset = at;
  event.finding.detected = at;
  event.finding.closed = at + std::chrono::seconds(5);
  event.finding.sentence = {"hot", "chaud"};
  CHECK(finding_text(event, nullptr).starts_with(R"({"id":"9","finding":9,"what":"closed",)"));
  Suspect suspect;
  suspect.value = 81.5;
  event.finding.suspects = {suspect};
  event.finding.episode = {.id = 0xAB, .rule = "hot", .subject = "truck-1.temperature"};
  CHECK(finding_text(event, &info) ==
        R"({"id":"00000000000000ab","finding":9,"what":"closed","kind":"process_malfunction",)"
        R"("asset":"fleet","rule":"hot","subject":"truck-1.temperature","amended":0,)"
        R"("withdrawn":false,"entity":"truck-1","attribute":"temperature","value":81.5,)"
        R"("confidence":1,"onset":"2026-11-20T10:00:00Z","detected":"2026-11-20T10:00:00Z",)"
        R"("closed":"2026-11-20T10:00:05Z","message":"hot","message_fr":"chaud"})");
}

TEST_CASE("messages: an episode that has moved is told to be over under its former id, once") {
  ToldEpisodes told;
  const auto tell = [&](std::uint64_t number, std::uint64_t episode, bool is_over) {
    FindingEvent event;
    event.finding.id = number;
    if (episode != 0) event.finding.episode = {.id = episode, .rule = "", .subject = ""};
    if (is_over) event.finding.closed = Timestamp();
    return told.tell(event);
  };
  told.begin();
  CHECK_FALSE(tell(1, 0xA, false));
  CHECK_FALSE(tell(1, 0xA, false));
  CHECK_FALSE(tell(2, 0, false));  // of no rule
  told.sent();
  for (int attempt = 0; attempt < 2; ++attempt) {  // the first of which fails
    told.begin();
    const auto move = tell(1, 0xB, false);
    REQUIRE(move);
    CHECK((*move).from == 0xA);
    CHECK((*move).to == 0xB);
    CHECK_FALSE(tell(1, 0xB, true));
  }
  told.sent();
  told.begin();
  CHECK_FALSE(tell(1, 0xB, true));
  CHECK(tell(1, 0xC, true));  // over, and amended all the same

  AlarmEvent step;
  step.at = *from_iso8601("2026-11-20T10:00:00Z");
  step.alarm.id = 7;
  step.alarm.condition = "rule/hot/a";
  step.alarm.asset = "fleet";
  CHECK(moved_text({0xA, 0xB}, step, nullptr) ==
        R"({"id":"000000000000000a","alarm":7,"what":"moved","to":"000000000000000b",)"
        R"("time":"2026-11-20T10:00:00Z","condition":"rule/hot/a","active":false,)"
        R"("asset":"fleet"})");
  FindingEvent event;
  event.finding.id = 3;
  event.finding.asset = "fleet";
  event.finding.episode = RuleEpisode{0xB, "hot", "a", 1, false};
  CHECK(moved_text({0xA, 0xB}, event, nullptr) ==
        R"({"id":"000000000000000a","finding":3,"what":"moved","to":"000000000000000b",)"
        R"("asset":"fleet","rule":"hot","subject":"a"})");
}

TEST_CASE("messages: an alarm that is raised again is of another episode, and nothing has moved") {
  ToldEpisodes told;
  const auto tell = [&](AlarmEvent::What what, std::uint64_t episode) {
    AlarmEvent step;
    step.what = what;
    step.alarm.id = 7;
    step.alarm.episode = episode;
    told.begin();
    const auto move = told.tell(step);
    told.sent();
    return move.has_value();
  };
  CHECK_FALSE(tell(AlarmEvent::What::raised, 0xA));
  CHECK_FALSE(tell(AlarmEvent::What::cleared, 0xA));
  CHECK_FALSE(tell(AlarmEvent::What::raised, 0xB));
  CHECK(tell(AlarmEvent::What::changed, 0xC));
}

TEST_CASE("messages: a series is chosen by its entity or its whole name") {
  SeriesTable series;
  SeriesInfo info;
  info.entity = "truck-1";
  info.attribute = "temperature";
  const SeriesId first = series.declare(info);
  const auto has = [&](std::vector<std::string> wildcards) {
    ChosenSeries chosen(std::move(wildcards));
    const bool answer = chosen.has(first, series);
    CHECK(chosen.has(first, series) == answer);
    return answer;
  };
  CHECK(has({}));
  CHECK(has({"*"}));
  CHECK(has({"x", "truck-?"}));
  CHECK(has({"*.temperature"}));
  CHECK_FALSE(has({"truck", "*.speed"}));

  ChosenSeries speeds({"*.speed"});
  CHECK_FALSE(speeds.has(first, series));
  info.attribute = "speed";  // one that comes later
  CHECK(speeds.has(series.declare(info), series));
  CHECK(speeds.has(std::nullopt, series));
}

}  // namespace
}  // namespace sosie::messages
