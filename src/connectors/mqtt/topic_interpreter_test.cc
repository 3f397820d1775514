#include "connectors/mqtt/topic_interpreter.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"

namespace sosie::mqtt {
namespace {

/// Knows every series but those of "unknown".
class Desk final : public Intake {
 public:
  Desk() { clock_.set(*from_iso8601("2026-01-01T12:00:00Z")); }
  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override {
    if (entity == "unknown") return Error{Errc::not_found, "no series 'unknown'"};
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    return table.declare(info);
  }
  SeriesId declare(const SeriesInfo& info) override { return table.declare(info); }
  Admission put(std::span<const Reading> batch, std::string_view /*source*/) override {
    return {.ticket = {1}, .taken = batch.size(), .refused = 0, .reason = {}};
  }
  Result<Admission> try_put(std::span<const Reading> batch, std::string_view source) override {
    return put(batch, source);
  }
  bool wait_durable(Ticket /*ticket*/, Duration /*patience*/) override { return true; }
  void refuse(Refusal refusal) override { refusals.push_back(std::move(refusal)); }
  void remember(std::string_view /*key*/, std::string /*bytes*/) override {}
  std::optional<std::string> recall(std::string_view /*key*/) override { return std::nullopt; }
  Clock& clock() override { return clock_; }

  SeriesTable table;
  std::vector<Refusal> refusals;

 private:
  ManualClock clock_;
};

TopicMap map_of(const char* pattern, PayloadMap payload) {
  auto topics = *TopicPattern::create(pattern);
  auto entity = *Template::create("{entity}", topics);
  return {std::move(topics), std::move(entity), Template(), std::move(payload)};
}

struct Rig {
  explicit Rig(const char* status) : interpreter(maps(), status_of(status)) {}

  static std::vector<TopicMap> maps() {
    PayloadMap noise;
    noise.values = {{"LAeq", "laeq"}, {"LAmax", "lamax"}};
    PayloadMap weather;
    weather.format = PayloadMap::Format::senml;
    weather.values = {{"t", "temperature"}};
    auto made = std::vector{map_of("city/{zone}/noise/{entity}", noise),
                            map_of("city/{zone}/weather/{entity}", weather)};
    made[0].location = *Template::create("{zone}", made[0].pattern);
    return made;
  }
  static std::optional<StatusMap> status_of(const char* pattern) {
    if (*pattern == '\0') return std::nullopt;
    return StatusMap{.pattern = *TopicPattern::create(pattern)};
  }
  /// The readings, or why there are none.
  std::string hear(const char* topic, const char* payload, bool retained = false) {
    std::vector<Reading> out;
    const auto read = interpreter.read(
        {.topic = topic, .payload = payload, .qos = 1, .retained = retained}, desk, out);
    if (!read) return read.error().what;
    std::string all;
    for (const Reading& one : out) {
      all += fmt::format("{} {}={}{};", to_iso8601(one.at).substr(11),
                         desk.table[one.series].name(), one.value,
                         one.quality == Quality::good
                             ? std::string()
                             : fmt::format(" {} {}", to_text(one.quality), to_text(one.reason)));
    }
    return all;
  }

  Desk desk;
  TopicInterpreter interpreter;
};

constexpr const char* a_level = R"({"LAeq": 61.5, "LAmax": 70, "time": "2026-01-01T11:59:00Z"})";
constexpr const char* later = R"({"LAeq": 62, "time": "2026-01-01T12:00:30Z"})";

TEST_CASE("mqtt interpreter: each pattern has a map of its own") {
  Rig rig("");
  CHECK(rig.hear("city/a/noise/n-1", a_level) == "11:59:00Z n-1.laeq=61.5;11:59:00Z n-1.lamax=70;");
  CHECK(rig.hear("city/a/noise/n-1", later) == "12:00:30Z n-1.laeq=62;");
  CHECK(rig.hear("city/b/weather/w-1", R"([{"n":"t","v":21,"t":-5}])") ==
        "11:59:55Z w-1.temperature=21;");
  CHECK(rig.hear("city/b/air/x", a_level) == "the topic fits none of the patterns");
  CHECK(rig.hear("city/b/weather/w-1", a_level) == "is no SenML pack: expected a list");
  CHECK(rig.hear("city/b/noise/unknown", a_level) == "no series 'unknown'");
  CHECK(rig.hear("city/b/noise/unknown", a_level) == "no series 'unknown'");
  CHECK(rig.hear("city/status", "offline") == "the topic fits none of the patterns");
}

TEST_CASE("mqtt interpreter: a topic may say where its object stands") {
  Rig rig("");
  rig.hear("city/north/noise/n-1", a_level);
  CHECK(rig.desk.table[*rig.desk.table.find("n-1", "laeq")].location == "north");
  CHECK(rig.desk.table[*rig.desk.table.find("n-1", "lamax")].location == "north");
}

TEST_CASE("mqtt interpreter: a series has the unit in which the source keeps it") {
  PayloadMap payload;
  payload.values = {{"t", "temperature"}, {"h", "humidity"}};
  payload.units = std::make_shared<messages::Units>(std::vector<std::string>{"°C", ""}, "unit");
  TopicInterpreter interpreter({map_of("city/{entity}", payload)}, std::nullopt);
  Desk desk;
  std::vector<Reading> out;
  REQUIRE(interpreter.read(
      {.topic = "city/w-1", .payload = R"({"t": 68, "h": 1, "unit": "°F"})", .qos = 1}, desk, out));
  CHECK(desk.table[*desk.table.find("w-1", "temperature")].unit == "°C");
  CHECK(desk.table[*desk.table.find("w-1", "humidity")].unit.empty());
}

TEST_CASE("mqtt interpreter: an object that speaks from two topics in turn is said, and taken") {
  Rig rig("");
  const auto say = [&](const char* topic) {
    return rig.hear(topic, R"({"LAeq": 50, "LAmax": 60, "time": "2026-11-20T10:00:00Z"})");
  };
  say("city/north/noise/n-1");
  say("city/south/noise/n-1");  // it has moved
  CHECK(say("city/north/noise/n-1").starts_with("10:00:00Z n-1.laeq=50"));
  CHECK(rig.interpreter.contested() == 0);
  CHECK(rig.desk.refusals.empty());
  for (int i = 0; i < 5; ++i) {
    say("city/south/noise/n-1");
    CHECK(say("city/north/noise/n-1").starts_with("10:00:00Z n-1.laeq=50"));
  }
  CHECK(rig.interpreter.contested() == 1);
  REQUIRE(rig.desk.refusals.size() == 1);
  CHECK(rig.desk.refusals[0].reason ==
        "the same series speaks from two topics in turn, this one and city/north/noise/n-1: are "
        "they one object? All of it is taken");
  CHECK(rig.desk.refusals[0].where == "city/south/noise/n-1");
}

TEST_CASE("mqtt interpreter: two values of one time from two topics are said at once, and once") {
  Rig rig("");
  const auto say = [&](const char* topic, int level, const char* second) {
    return rig.hear(topic, fmt::format(R"({{"LAeq": {0}, "LAmax": {0}, "time": )"
                                       R"("2026-11-20T10:00:{1}Z"}})",
                                       level, second)
                               .c_str());
  };
  say("city/north/noise/n-1", 50, "00");
  say("city/south/noise/n-1", 50, "00");  // the same by two ways
  say("city/north/noise/n-2", 50, "00");
  say("city/south/noise/n-2", 51, "01");  // it has moved
  say("city/south/noise/n-2", 52, "01");  // it corrects itself
  CHECK(rig.interpreter.contested() == 0);
  CHECK(say("city/north/noise/n-1", 55, "00") == "10:00:00Z n-1.laeq=55;10:00:00Z n-1.lamax=55;");
  CHECK(rig.interpreter.contested() == 1);
  REQUIRE(rig.desk.refusals.size() == 1);
  CHECK(rig.desk.refusals[0].reason ==
        "the same series has two values of one time (2026-11-20T10:00:00Z): 55 here, 50 from "
        "city/south/noise/n-1: are they one object? What came last is kept");
  CHECK(rig.desk.refusals[0].where == "city/north/noise/n-1");
  for (int i = 0; i < 5; ++i) {
    say("city/south/noise/n-1", 60 + i, "02");
    say("city/north/noise/n-1", 70 + i, "02");
  }
  CHECK(rig.interpreter.contested() == 1);
}

TEST_CASE("mqtt interpreter: without a time of its own a message contradicts nobody") {
  Rig rig("");
  rig.hear("city/north/noise/n-1", R"({"LAeq": 50})");
  rig.hear("city/south/noise/n-1", R"({"LAeq": 60})");
  CHECK(rig.interpreter.contested() == 0);
}

TEST_CASE("mqtt interpreter: a will repeats only what its own device said last") {
  Rig rig("city/{zone}/{kind}/{entity}/status");
  rig.hear("city/a/noise/n-1", a_level);
  rig.hear("city/b/noise/n-1", later);  // of laeq alone
  CHECK(rig.hear("city/a/noise/n-1/status", "offline") ==
        "12:00:00Z n-1.lamax=70 bad not_connected;");
  CHECK(rig.hear("city/b/noise/n-1/status", "offline") ==
        "12:00:30.001Z n-1.laeq=62 bad not_connected;");
}

TEST_CASE("mqtt interpreter: one that moves, and later comes back, is no two") {
  Rig rig("");
  for (int i = 0; i < 6; ++i) {
    for (int n = 0; n < 5; ++n) rig.hear("city/north/noise/n-1", a_level);
    for (int n = 0; n < 5; ++n) rig.hear("city/south/noise/n-1", a_level);
  }
  CHECK(rig.interpreter.contested() == 0);
}

TEST_CASE("mqtt interpreter: a device's will makes its latest values bad, until it speaks") {
  Rig rig("city/{zone}/{kind}/{entity}/status");
  rig.hear("city/a/noise/n-1", a_level);
  rig.hear("city/a/noise/n-2", a_level);
  CHECK(rig.hear("city/a/noise/n-1/status", "offline") ==
        "12:00:00Z n-1.laeq=61.5 bad not_connected;12:00:00Z n-1.lamax=70 bad not_connected;");
  CHECK(rig.hear("city/a/noise/n-1/status", "offline").empty());  // known already
  // The broker has it still: it is none the better for that.
  CHECK(rig.hear("city/a/noise/n-1", later, true) == "12:00:30Z n-1.laeq=62 bad not_connected;");
  CHECK(rig.hear("city/a/noise/n-1", later) == "12:00:30Z n-1.laeq=62;");
  CHECK(rig.hear("city/a/noise/n-1/status", "gone") == "read 'gone', expected online or offline");
}

TEST_CASE("mqtt interpreter: online ends it too, and a will may come before all else") {
  Rig rig("city/{zone}/{kind}/{entity}/status");
  CHECK(rig.hear("city/a/noise/n-1/status", "offline", true).empty());
  CHECK(rig.hear("city/a/noise/n-1", a_level, true) ==
        "11:59:00Z n-1.laeq=61.5 bad not_connected;11:59:00Z n-1.lamax=70 bad not_connected;");
  CHECK(rig.hear("city/a/noise/n-1/status", "online").empty());
  CHECK(rig.hear("city/a/noise/n-1", later, true) == "12:00:30Z n-1.laeq=62;");
}

TEST_CASE("mqtt interpreter: a gateway's will is that of all devices behind it") {
  Rig zone("city/{zone}/status");
  zone.hear("city/a/noise/n-1", later);
  zone.hear("city/a/weather/w-1", R"([{"n":"t","v":21}])");
  zone.hear("city/b/noise/n-2", later);
  CHECK(zone.hear("city/a/status", "offline") ==
        "12:00:30.001Z n-1.laeq=62 bad not_connected;"
        "12:00:00.001Z w-1.temperature=21 bad not_connected;");
  Rig all("city/status");
  all.hear("city/a/noise/n-1", later);
  all.hear("city/b/noise/n-2", later);
  CHECK(all.hear("city/status", "offline") ==
        "12:00:30.001Z n-1.laeq=62 bad not_connected;12:00:30.001Z n-2.laeq=62 bad not_connected;");
}

}  // namespace
}  // namespace sosie::mqtt
