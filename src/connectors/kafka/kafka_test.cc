#include <doctest/doctest.h>

#include "base/time_text.h"
#include "connectors/kafka/config.h"
#include "connectors/kafka/sink.h"
#include "core/catalog.h"
#include "core/source.h"

namespace sosie {
void register_connectors_kafka(Catalog& catalog);

namespace kafka {
namespace {

/// The Error of making what `toml` describes; empty: it can be made.
template <class T>
std::string made(const std::string& toml) {
  Catalog catalog;
  register_connectors_kafka(catalog);
  auto section = Section::read_text("kind = \"kafka\"\n" + toml, "t");
  REQUIRE(section);
  const auto one = catalog.make<T>(*section);
  return one ? std::string() : one.error().what;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("kafka: a scenario's mistakes are said") {
  const std::string good = "brokers = [\"localhost:9092\"]\ntopics = [\"t\", \"^u.*\"]\n";
  CHECK(made<Source>(good).empty());
  CHECK(made<Source>(good + "start = \"2026-11-20T10:00:00Z\"\ngroup = \"g\"").empty());
  struct Case {
    std::string toml;
    std::string_view part;
  };
  const Case cases[] = {
      {"topics = [\"t\"]", "'brokers'"},
      {"brokers = [\"a:b\"]\ntopics = [\"t\"]", "'a:b' is not a broker's address"},
      {"brokers = [\"a\"]", "'topics'"},
      {"brokers = [\"a\"]\ntopics = [\"t t\"]", "no topic's name"},
      {good + "start = \"yesterday\"", "expected earliest, latest or a time"},
      {good + "dead_letter = \"t\"", "it would come back for ever"},
      {good + "user = \"u\"", "has no password"},
      {good + "ca = \"x.pem\"", "'tls'"},
      {good + "tls = true\ncert = \"x.pem\"", "stands alone"},
      {good + "[options]\n\"sasl.password\" = \"x\"", "not free to be set"},
      {good + "value = \"a\"\n[values]\nb = \"c\"", "stands beside"},
      {good + "formt = \"json\"", "formt"},
      {good + "session = \"10ms\"", "'session'"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.toml);
    const auto said = made<Source>(one.toml);
    CAPTURE(said);
    CHECK(holds(said, one.part));
  }
  ::setenv("SOSIE_TEST_KAFKA", "s3cret", 1);
  const std::string user = "user = \"u\"\npassword_env = \"SOSIE_TEST_KAFKA\"\n";
  CHECK(made<Source>(good + user).empty());
  const auto far = made<Source>("brokers = [\"kafka:9092\"]\ntopics = [\"t\"]\n" + user);
  CHECK(holds(far, "in clear"));
  CHECK_FALSE(holds(far, "s3cret"));
}

TEST_CASE("kafka: the sink's messages") {
  CHECK(made<Sink>("brokers = [\"localhost\"]\nreadings = \"r\"").empty());
  CHECK(made<Sink>("brokers = [\"localhost\"]\nfindings = \"f\"").empty());
  CHECK(holds(made<Sink>("brokers = [\"localhost\"]"), "'readings'"));
  CHECK(holds(made<Sink>("brokers = [\"localhost\"]\nalarms = \"a/b\""), "'alarms'"));
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

}  // namespace
}  // namespace kafka
}  // namespace sosie
