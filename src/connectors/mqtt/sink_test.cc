#include "connectors/mqtt/sink.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "messages/outgoing.h"
#include "testing/broker.h"
#include "wire/mqtt/client.h"

namespace sosie {
void register_connectors_mqtt(Catalog& catalog);

namespace mqtt {
namespace {

using namespace std::string_literals;
using testing::Broker;

Result<std::unique_ptr<Sink>> made_sink(const std::string& toml) {
  Catalog catalog;
  register_connectors_mqtt(catalog);
  auto section = TRY(Section::read_text("kind = \"mqtt\"\n" + toml, "t"));
  return catalog.make<Sink>(section);
}

std::unique_ptr<Sink> sink_to(const Broker& broker, const std::string& more) {
  auto sink = made_sink(fmt::format("url = \"{}\"\n{}", broker.url(), more));
  if (!sink) FAIL(sink.error().what);
  return std::move(sink).value();
}

/// Hears everything that is published; keeps its session over restarts of the broker.
class Ear {
 public:
  explicit Ear(const Broker& broker) {
    Config config;
    REQUIRE(read_address(broker.url(), config));
    config.user = Broker::user;
    config.password = Broker::password;
    auto made = Client::create(config);
    REQUIRE(made);
    client_ = std::move(*made);
    REQUIRE(client_->connect({}));
    REQUIRE(client_->subscribe({"#"}, 1, {}));
  }

  /// "topic payload", a line a message, once there are `count`.
  std::vector<std::string> hear(std::size_t count) {
    std::vector<std::string> heard;
    while (heard.size() < count) {
      const auto messages = client_->receive(1000, std::chrono::seconds(10), {});
      REQUIRE(messages);
      REQUIRE_FALSE(messages->empty());
      for (const auto& m : *messages) heard.push_back(fmt::format("{} {}", m.topic, m.payload));
      REQUIRE(client_->acknowledge({}));
    }
    return heard;
  }

 private:
  std::unique_ptr<Client> client_;
};

/// Two series of a truck, one of another, and what is said of them.
struct Fleet {
  SeriesTable table;
  Timestamp at = *from_iso8601("2026-11-20T10:00:00Z");

  Fleet() {
    for (const char* entity : {"truck-1", "van/2"}) {
      SeriesInfo info;
      info.entity = entity;
      info.attribute = "temperature";
      info.asset = "fleet";
      table.declare(info);
    }
  }
  std::vector<SinkReading> readings(std::size_t count) const {
    std::vector<SinkReading> made;
    for (std::size_t i = 0; i < count; ++i) {
      made.push_back(
          {{at + std::chrono::seconds(i), static_cast<double>(i),
            SeriesId{static_cast<std::uint32_t>(i % 2)}, Quality::good, QualityReason::none},
           false});
    }
    return made;
  }
  AlarmEvent step(std::optional<SeriesId> series) const {
    AlarmEvent made;
    made.at = at;
    made.alarm.id = 7;
    made.alarm.asset = "fleet";
    made.alarm.priority = Priority::high;
    made.alarm.series = series;
    made.alarm.raised = at;
    return made;
  }
};

TEST_CASE("mqtt sink: readings, steps of alarms and findings go to the topics of their names") {
  Broker broker;
  broker.start();
  Ear ear(broker);
  const Fleet fleet;
  const auto sink = sink_to(broker,
                            "readings = \"out/${entity}/${attribute}\"\n"
                            "alarms = \"alarm/${entity}/${what}/${priority}\"\n"
                            "findings = \"finding/${entity}/${attribute}/${kind}/${rule}\"\n"
                            "series = [\"truck-*\", \"van*\"]\n");
  CHECK(sink->wants_readings());
  CHECK(sink->wants_findings());
  const auto readings = fleet.readings(3);
  CHECK(sink->take(readings, fleet.table)->empty());
  auto heard = ear.hear(3);
  CHECK(heard[0] ==
        "out/truck-1/temperature " + messages::reading_text(readings[0], fleet.table[SeriesId{0}]));
  CHECK(heard[1].starts_with("out/van_2/temperature {\"entity\":\"van/2\""));

  const std::array steps{fleet.step(SeriesId{0}), fleet.step(std::nullopt)};
  CHECK(sink->take(steps, fleet.table)->empty());
  heard = ear.hear(2);
  CHECK(heard[0] ==
        "alarm/truck-1/raised/high " + messages::step_text(steps[0], &fleet.table[SeriesId{0}]));
  CHECK(heard[1] == "alarm/fleet/raised/high " + messages::step_text(steps[1], nullptr));

  FindingEvent event;
  event.finding.asset = "fleet";
  event.finding.kind = Kind::process_malfunction;
  event.finding.episode = {.id = 1, .rule = "hot", .subject = "truck"};
  const std::array events{event};
  CHECK(sink->take_findings(events, fleet.table)->empty());
  CHECK(ear.hear(1)[0] ==
        "finding/fleet/-/process_malfunction/hot " + messages::finding_text(event, nullptr));
}

TEST_CASE("mqtt sink: series that are not asked for stay, and retained is retained") {
  Broker broker;
  broker.start();
  const Fleet fleet;
  const auto sink = sink_to(
      broker, "readings = \"out/${name}\"\nseries = [\"truck*\"]\nretain = true\nqos = 0\n");
  CHECK_FALSE(sink->wants_findings());
  CHECK(sink->take(fleet.readings(4), fleet.table)->empty());
  CHECK(sink->left_out() == 2);
  const std::array steps{fleet.step(SeriesId{0})};
  CHECK(sink->take(steps, fleet.table)->empty());  // nobody asked for them
  CHECK(sink->left_out() == 3);
  Ear ear(broker);  // comes later
  const auto heard = ear.hear(1);
  CHECK(heard == std::vector<std::string>{
                     "out/truck-1.temperature " +
                     messages::reading_text(fleet.readings(4)[2], fleet.table[SeriesId{0}])});
}

TEST_CASE("mqtt sink: whose readings and whose alarms go out are two questions") {
  Broker broker;
  broker.start();
  Ear ear(broker);
  const Fleet fleet;
  const auto topics =
      "readings = \"out/${name}\"\nalarms = \"alarm/${name}\"\n"
      "findings = \"finding/${name}\"\n"s;
  FindingEvent event;
  event.finding.asset = "fleet";
  event.finding.suspects.push_back({.series = SeriesId{0}});
  const std::array events{event};
  const std::array steps{fleet.step(SeriesId{0})};
  const auto all = sink_to(broker, topics + "series = [\"van*\"]\n");
  CHECK(all->take(steps, fleet.table));
  CHECK(all->take_findings(events, fleet.table));
  auto heard = ear.hear(2);
  CHECK(heard[0].starts_with("alarm/truck-1.temperature "));
  CHECK(heard[1].starts_with("finding/truck-1.temperature "));
  const auto some = sink_to(broker, topics + "alarms_of = [\"van*\"]\n");
  CHECK(some->take(steps, fleet.table));
  CHECK(some->take_findings(events, fleet.table));
  CHECK(some->left_out() == 2);
  CHECK(some->take(fleet.readings(1), fleet.table));
  CHECK(ear.hear(1)[0].starts_with("out/truck-1.temperature "));
}

TEST_CASE("mqtt sink: a broker that is away, comes, dies and comes back") {
  Broker broker;
  const Fleet fleet;
  const auto sink = sink_to(broker, "readings = \"out\"\n");
  auto taken = sink->take(fleet.readings(2), fleet.table);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::unavailable);
  broker.start();
  {
    Ear ear(broker);
    CHECK(sink->take(fleet.readings(2), fleet.table));
    CHECK(ear.hear(2).size() == 2);
  }
  broker.kill();
  taken = sink->take(fleet.readings(2), fleet.table);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::unavailable);
  broker.start();
  Ear ear(broker);
  CHECK(sink->take(fleet.readings(2), fleet.table));
  CHECK(ear.hear(2).size() == 2);
}

TEST_CASE("mqtt sink: a restarted broker is noticed before anything is sent to the old one") {
  Broker broker;
  broker.start();
  const Fleet fleet;
  const auto sink = sink_to(broker, "readings = \"out\"\n");
  REQUIRE(sink->take(fleet.readings(1), fleet.table));
  broker.kill();
  broker.start();
  CHECK(sink->take(fleet.readings(1), fleet.table));
}

TEST_CASE("mqtt sink: what the broker never takes is refused, and the rest is taken") {
  // Only the client itself refuses topics with Mosquitto: one that is too long.
  Broker broker;
  broker.start();
  Ear ear(broker);
  Fleet fleet;
  SeriesInfo info;
  info.entity = std::string(70'000, 'x');
  info.attribute = "value";
  const auto endless = fleet.table.declare(info);
  const auto sink = sink_to(broker, "readings = \"out/${entity}\"\n");
  auto readings = fleet.readings(3);
  readings[1].reading.series = endless;
  const auto taken = sink->take(readings, fleet.table);
  REQUIRE(taken);
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().where.starts_with("out/xxx"));
  CHECK(ear.hear(2).size() == 2);
}

TEST_CASE("mqtt sink: where it lacks the right, it waits") {
  const testing::TempDir folder;
  const auto rights =
      folder.write("acl", fmt::format("user {}\ntopic read #\ntopic write free/#\n", Broker::user));
  Broker broker(Broker::Security::password, fmt::format("acl_file {}\n", rights));
  broker.start();
  setenv("SOSIE_TEST_MQTT", Broker::password, 1);
  const auto toml = [&](const char* topic) {
    return fmt::format("user = \"{}\"\npassword_env = \"SOSIE_TEST_MQTT\"\nreadings = \"{}\"\n",
                       Broker::user, topic);
  };
  const Fleet fleet;
  CHECK(sink_to(broker, toml("free/x"))->take(fleet.readings(2), fleet.table));
  const auto closed = sink_to(broker, toml("closed/x"));
  for (int i = 0; i < 5; ++i) {
    const auto taken = closed->take(fleet.readings(2), fleet.table);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Errc::invalid);  // of all that it has: so it may be set right
    CHECK(taken.error().what == "closed/x: the broker says: Not authorized");
  }
}

TEST_CASE("mqtt sink: a topic that the broker does not let it publish to does not stop the rest") {
  const testing::TempDir folder;
  const auto rights = folder.write(
      "acl", fmt::format("user {}\ntopic read #\ntopic write free/truck-1/#\n", Broker::user));
  Broker broker(Broker::Security::password, fmt::format("acl_file {}\n", rights));
  broker.start();
  setenv("SOSIE_TEST_MQTT", Broker::password, 1);
  const Fleet fleet;
  const auto sink = sink_to(
      broker, fmt::format("user = \"{}\"\npassword_env = \"SOSIE_TEST_MQTT\"\n"
                          "readings = \"free/${{entity}}/t\"\nalarms = \"alarm/${{entity}}\"\n",
                          Broker::user));
  const auto all = fleet.readings(4);  // of two trucks by turns
  const std::array van{all[1]};
  CHECK_FALSE(sink->take(van, fleet.table));  // nothing was taken yet
  const auto taken = sink->take(all, fleet.table);
  REQUIRE(taken);
  REQUIRE(taken->size() == 2);
  CHECK(taken->front().where == "free/van_2/t");
  CHECK(taken->front().reason == "the broker says: Not authorized");
  CHECK(sink->take(van, fleet.table)->size() == 1);  // it is known by now
  // Another one is given up after some tries, since others are taken.
  const std::array steps{fleet.step(SeriesId{0})};
  CHECK_FALSE(sink->take(steps, fleet.table));
  CHECK_FALSE(sink->take(steps, fleet.table));
  CHECK(sink->take(steps, fleet.table)->size() == 1);
  CHECK(sink->take(std::array{all[0]}, fleet.table)->empty());
}

TEST_CASE("mqtt sink: what is retained is never replaced by what is older") {
  Broker broker;
  broker.start();
  const Fleet fleet;
  const auto sink = sink_to(broker, "readings = \"out/${name}\"\nretain = true\n");
  CHECK(sink->minds_newest());
  CHECK_FALSE(sink_to(broker, "readings = \"out\"\n")->minds_newest());
  const auto all = fleet.readings(3);
  auto late = all[0];
  late.is_newest = false;
  Ear listening(broker);
  CHECK(sink->take(std::array{all[2]}, fleet.table)->empty());
  CHECK(sink->take(std::array{late}, fleet.table)->empty());
  CHECK(listening.hear(2).size() == 2);  // who listens gets both
  Ear ear(broker);
  CHECK(ear.hear(1)[0] ==
        "out/truck-1.temperature " + messages::reading_text(all[2], fleet.table[SeriesId{0}]));
}

TEST_CASE("mqtt sink: a scenario's mistakes are said") {
  const auto said = [](const std::string& toml) {
    const auto sink = made_sink(toml);
    return sink ? std::string() : sink.error().what;
  };
  const std::string url = "url = \"mqtt://h\"\n";
  CHECK(said(url + "alarms = \"a/${entity}/${what}\"").empty());
  struct Mistake {
    std::string toml;
    std::string_view part;
  };
  const Mistake cases[] = {
      {url, "'readings' alarms and findings are missing"},
      {"readings = \"r\"", "'url'"},
      {url + "readings = \"r/#\"", "'readings' has a + or #"},
      {url + "readings = \"r/${what}\"", "'readings' uses ${what}"},
      {url + "alarms = \"r/${kind}\"", "'alarms' uses ${kind}"},
      {url + "findings = \"$SYS\"", "'findings' begins with a $"},
      {url + "readings = \"r\"\nqos = 2", "'qos' is 2, expected 0 or 1"},
      {url + "readings = \"r\"\nretian = true", "retian"},
      {url + "readings = \"r\"\npassword_env = \"SOSIE_NOT_SET\"", "SOSIE_NOT_SET"},
      {"url = \"mqtt://a:secret@h\"\nreadings = \"r\"", "holds a password"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto what = said(c.toml);
    CAPTURE(what);
    CHECK(what.find(c.part) != std::string::npos);
  }
}

TEST_CASE("mqtt sink: the sample has its keys") {
  Catalog catalog;
  register_connectors_mqtt(catalog);
  auto sample = Section::read_file(SOSIE_ROOT "/src/connectors/mqtt/sample.toml");
  REQUIRE(sample);
  auto sinks = sample->tables("sink");
  REQUIRE(sinks);
  auto& section = sinks->front();
  REQUIRE(section.text("name"));
  REQUIRE(section.flag("early", true));
  const auto sink = catalog.make<Sink>(section);
  REQUIRE_FALSE(
      sink);  // as the sample says: one of three topics is needed, and none is the default
  CHECK(sink.error().what.find("expected a topic for one of them") != std::string::npos);
}

}  // namespace
}  // namespace mqtt
}  // namespace sosie
