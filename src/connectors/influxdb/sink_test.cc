#include "connectors/influxdb/sink.h"

#include <array>
#include <cstdlib>
#include <functional>
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "core/catalog.h"
#include "testing/alarm_sample.h"
#include "testing/golden.h"
#include "testing/http_receiver.h"
#include "testing/server.h"
#include "wire/line/line.h"

namespace sosie {
void register_connectors_influxdb(Catalog& catalog);

namespace influxdb {
namespace {

using Server = testing::HttpReceiver;
using Answer = Server::Answer;

Result<std::unique_ptr<Sink>> made_sink(const std::string& toml) {
  Catalog catalog;
  register_connectors_influxdb(catalog);
  auto section = TRY(Section::read_text("kind = \"influxdb\"\n" + toml, "t"));
  return catalog.make<Sink>(section);
}

std::unique_ptr<Sink> sink_to(const Server& server, const std::string& more) {
  auto sink = made_sink(
      fmt::format("url = \"http://127.0.0.1:{}\"\ngzip = false\n{}", server.port(), more));
  if (!sink) FAIL(sink.error().what);
  return std::move(sink).value();
}

/// Two stations of a city, and readings of them.
struct City {
  SeriesTable table;
  Timestamp at = *from_iso8601("2026-11-20T10:00:00Z");

  City() {
    declare("urn:ngsi-ld:AirQualityObserved:capitole", "no2", "µg/m3", "Capitole, centre");
    declare("noise-12", "laeq", "dB(A)", "");
  }
  SeriesId declare(const char* entity, const char* attribute, const char* unit, const char* place) {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    info.asset = "toulouse";
    info.unit = unit;
    info.location = place;
    return table.declare(info);
  }
  std::vector<SinkReading> readings(std::size_t count) const {
    std::vector<SinkReading> made;
    for (std::size_t i = 0; i < count; ++i) {
      made.push_back(
          {{at + std::chrono::seconds(i), 0.5 + static_cast<double>(i),
            SeriesId{static_cast<std::uint32_t>(i % 2)}, Quality::good, QualityReason::none},
           i % 3 == 0});
    }
    return made;
  }
};

std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

std::string lines_of(Server& server) {
  std::string all;
  for (const auto& body : server.bodies()) all += body;
  return all;
}

TEST_CASE("influxdb sink: readings and steps of alarms become the lines that are expected") {
  Server server("204 No Content");
  const City city;
  const auto usual = sink_to(server, "database = \"city\"\n");
  CHECK(usual->take(city.readings(3), city.table)->empty());
  auto step = testing::sample_event(AlarmEvent::What::raised);
  step.alarm.series = SeriesId{0};
  auto of_no_series = testing::sample_event(AlarmEvent::What::cleared);
  of_no_series.alarm.series.reset();
  of_no_series.who = "Zoé";
  of_no_series.comment = "two\nlines, \"quoted\"";
  const std::array steps{step, of_no_series};
  CHECK(usual->take(steps, city.table)->empty());

  const auto own =
      sink_to(server,
              "bucket = \"b\"\nprecision = \"ms\"\nseries = [\"urn:*\"]\n"
              "[readings]\nmeasurement = \"${type}\"\n"
              "tags = {entity = \"${entity}\", zone = \"${location}\", city = \"Toulouse\"}\n"
              "fields = {\"${attribute}\" = \"${value}\", "
              "\"${attribute}_odd\" = \"${anomaly}\", \"${attribute}_note\" = \"${quality}!\"}\n"
              "[alarms]\nsend = false\n");
  CHECK(own->take(city.readings(3), city.table)->empty());
  CHECK(own->take(steps, city.table)->empty());
  CHECK(server.requests().size() == 3);
  testing::check_golden("connectors/influxdb/lines.golden", lines_of(server));
}

TEST_CASE("influxdb sink: it speaks to 1.x and to 2.x as each wants it") {
  Server server("204 No Content");
  const City city;
  setenv("SOSIE_TEST_INFLUX", "pass w/ord", 1);
  CHECK(sink_to(server,
                "database = \"a city\"\nretention_policy = \"week\"\nuser = \"so sie\"\n"
                "password_env = \"SOSIE_TEST_INFLUX\"\n")
            ->take(city.readings(1), city.table));
  CHECK(sink_to(server,
                "bucket = \"city\"\norganization = \"mairie de Toulouse\"\n"
                "token_env = \"SOSIE_TEST_INFLUX\"\nprecision = \"ns\"\n")
            ->take(city.readings(1), city.table));
  const auto asked = server.requests();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].starts_with("POST /write?db=a%20city&rp=week&precision=u HTTP/1.1\r\n"));
  CHECK(asked[0].find("Authorization: Basic c28gc2llOnBhc3Mgdy9vcmQ=\r\n") != std::string::npos);
  CHECK(asked[1].starts_with(
      "POST /api/v2/write?bucket=city&org=mairie%20de%20Toulouse&precision=ns HTTP/1.1\r\n"));
  CHECK(asked[1].find("Authorization: Token pass w/ord\r\n") != std::string::npos);
  CHECK(asked[1].find(" 1795168800000000000\n") != std::string::npos);
}

TEST_CASE("influxdb sink: batches end at their count and at their bytes, and are packed") {
  Server server("204 No Content");
  const City city;
  CHECK(
      sink_to(server, "database = \"d\"\nmax_points = 40\n")->take(city.readings(100), city.table));
  CHECK(server.requests().size() == 3);
  CHECK(sink_to(server, "database = \"d\"\nmax_bytes = 2000\n")
            ->take(city.readings(100), city.table));
  std::size_t lines = 0;
  const auto bodies = server.bodies();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    CHECK((i < 3 || bodies[i].size() <= 2000));
    lines += split(bodies[i], '\n').size() - 1;
  }
  CHECK(lines == 200);
  const auto before = bodies.size();
  auto packed =
      made_sink(fmt::format("url = \"http://127.0.0.1:{}\"\ndatabase = \"d\"\n", server.port()));
  REQUIRE(packed);
  CHECK((*packed)->take(city.readings(100), city.table));
  const auto request = server.requests().at(before);
  CHECK(request.find("Content-Encoding: gzip\r\n") != std::string::npos);
  CHECK(body_of(request).starts_with("\x1f\x8b"));
  CHECK(body_of(request).size() < 2000);
}

/// Answers as InfluxDB does whose points in `bad` break its rules: the rest is taken.
class Strict {
 public:
  explicit Strict(std::function<bool(std::string_view)> bad, int status = 400)
      : bad_(std::move(bad)), status_(status) {}

  Answer operator()(const std::string& request) {
    std::size_t dropped = 0;
    auto body = body_of(request);
    for (const auto line : split(body, '\n')) {
      if (line.empty()) continue;
      if (bad_(line)) {
        ++dropped;
      } else {
        ++(*taken)[std::string(line)];
      }
    }
    if (dropped == 0) return {"204 No Content"};
    const auto reason =
        fmt::format("partial write: points beyond retention policy dropped={}", dropped);
    if (status_ == 400) return {"400 Bad Request", fmt::format(R"({{"error":"{}"}})", reason)};
    return {"422 Unprocessable Entity",
            fmt::format(R"({{"code":"unprocessable entity","message":"failure writing points to )"
                        R"(database: {}"}})",
                        reason)};
  }

  std::shared_ptr<std::map<std::string, int>> taken =
      std::make_shared<std::map<std::string, int>>();

 private:
  std::function<bool(std::string_view)> bad_;
  int status_;
};

TEST_CASE("influxdb sink: of a partial write it finds out which were refused") {
  struct Case {
    std::string_view name;
    std::function<bool(std::string_view)> bad;
    std::size_t refused;
  };
  const Case cases[] = {
      {"one in the middle", [](auto line) { return line.find("=50.5 ") != line.npos; }, 1},
      {"the first and the last",
       [](auto line) {
         return line.find("=0.5 ") != line.npos || line.find("=99.5 ") != line.npos;
       },
       2},
      {"a whole station", [](auto line) { return line.find("noise") != line.npos; }, 50},
      {"all", [](auto) { return true; }, 100},
      {"none", [](auto) { return false; }, 0},
  };
  const City city;
  for (const auto& c : cases) {
    for (const int status : {400, 422}) {
      CAPTURE(c.name);
      const Strict strict(c.bad, status);
      Server server{Server::Script(strict)};
      const auto sink = sink_to(server, status == 400 ? "database = \"d\"\n" : "bucket = \"b\"\n");
      const auto refused = sink->take(city.readings(100), city.table);
      REQUIRE(refused);
      CHECK(refused->size() == c.refused);
      CHECK(strict.taken->size() == 100 - c.refused);
      for (const auto& one : *refused) {
        CHECK(c.bad(one.sample));
        CHECK(one.reason.find("points beyond retention policy") != std::string::npos);
        CHECK(one.reason.find("dropped") == std::string::npos);
        CHECK(one.where.find(status == 400 ? "database 'd'" : "bucket 'b'") != std::string::npos);
      }
    }
  }
}

TEST_CASE("influxdb sink: a malformed line, of which 2.x takes none of the batch") {
  std::map<std::string, int> taken;
  Server server{[&](const std::string& request) -> Answer {
    const auto body = body_of(request);
    if (body.find("=3.5 ") != std::string::npos) {
      return {"400 Bad Request",
              R"({"code":"invalid","message":"unable to parse 'x': invalid number"})"};
    }
    for (const auto line : split(body, '\n')) {
      if (!line.empty()) ++taken[std::string(line)];
    }
    return {"204 No Content"};
  }};
  const City city;
  const auto refused = sink_to(server, "bucket = \"b\"\n")->take(city.readings(10), city.table);
  REQUIRE(refused);
  REQUIRE(refused->size() == 1);
  CHECK(refused->front().reason == "unable to parse 'x': invalid number");
  CHECK(taken.size() == 9);
}

TEST_CASE("influxdb sink: a body that is too large goes in parts") {
  std::size_t lines = 0;
  Server server{[&](const std::string& request) -> Answer {
    const auto count = split(body_of(request), '\n').size() - 1;
    if (count > 7) return {"413 Request Entity Too Large", "<html>too large</html>"};
    lines += count;
    return {"204 No Content"};
  }};
  const City city;
  const auto refused = sink_to(server, "database = \"d\"\n")->take(city.readings(100), city.table);
  REQUIRE(refused);
  CHECK(refused->empty());
  CHECK(lines == 100);
}

TEST_CASE("influxdb sink: what is wrong with the server is said, and nothing is given up") {
  struct Case {
    Answer answer;
    std::string_view said;
  };
  const Case cases[] = {
      {{"401 Unauthorized", R"({"error":"authorization failed"})"},
       "does not let the user 'u' in: wrong name, password or token (401): authorization failed"},
      {{"403 Forbidden", R"({"error":"\"u\" user is not authorized to write"})"},
       "does not let the user 'u' write to the database 'd' (403)"},
      {{"404 Not Found", R"({"error":"retention policy not found: x"})"},
       "the database 'd' is not there (404): retention policy not found: x"},
      {{"500 Internal Server Error", R"({"error":"timeout"})"}, "does not write (500): timeout"},
      {{"503 Service Unavailable", "busy"}, "does not write (503): busy"},
      {{"429 Too Many Requests", R"({"code":"too many requests","message":"quota"})",
        "Retry-After: 30\r\n"},
       "asks us to wait for 30 s (429): quota"},
      {{"400 Bad Request", "<html>a proxy\nsays no</html>"},
       "does not write (400): <html>a proxy says no</html>"},
      {{"301 Moved Permanently", ""}, "does not write (301): no more"},
  };
  setenv("SOSIE_TEST_INFLUX", "top secret", 1);
  const City city;
  for (const auto& c : cases) {
    CAPTURE(c.said);
    Server server{[&](const std::string&) { return c.answer; }};
    const auto sink =
        sink_to(server, "database = \"d\"\nuser = \"u\"\npassword_env = \"SOSIE_TEST_INFLUX\"\n");
    const auto taken = sink->take(city.readings(5), city.table);
    REQUIRE_FALSE(taken);
    CAPTURE(taken.error().what);
    CHECK(taken.error().what.find(c.said) != std::string::npos);
    CHECK(taken.error().what.find("secret") == std::string::npos);
    CHECK(server.requests().size() == 1);
    const auto again = sink->take(city.readings(5), city.table);
    REQUIRE_FALSE(again);
    CHECK(again.error().what == taken.error().what);  // so it is told once
    const bool waits = c.answer.headers.starts_with("Retry-After");
    CHECK(server.requests().size() == (waits ? 1 : 2));
  }
}

TEST_CASE("influxdb sink: nobody there, and a time-out") {
  const City city;
  const auto port = testing::free_port();
  const auto nobody =
      made_sink(fmt::format("url = \"http://127.0.0.1:{}\"\ndatabase = \"d\"\n", port));
  REQUIRE(nobody);
  const auto refused = (*nobody)->take(city.readings(1), city.table);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unavailable);
  Server silent("");
  const auto slow = sink_to(silent, "database = \"d\"\ntimeout = \"100ms\"\n");
  const auto timed_out = slow->take(city.readings(1), city.table);
  REQUIRE_FALSE(timed_out);
  CHECK(timed_out.error().code == Errc::timeout);
}

TEST_CASE("influxdb sink: a database that is not there is made, where that is wanted") {
  bool is_there = false;
  std::vector<std::string> asked;
  Server server{[&](const std::string& request) -> Answer {
    asked.push_back(request.substr(0, request.find(" HTTP")));
    if (request.starts_with("POST /query?q=CREATE%20DATABASE%20%22d%22")) {
      is_there = true;
      return {"200 OK", R"({"results":[{"statement_id":0}]})"};
    }
    if (is_there) return {"204 No Content"};
    return {"404 Not Found", R"({"error":"database not found: \"d\""})"};
  }};
  const City city;
  CHECK_FALSE(
      sink_to(server, "database = \"d\"\ncreate = false\n")->take(city.readings(1), city.table));
  CHECK(asked.size() == 1);
  CHECK(sink_to(server, "database = \"d\"\n")->take(city.readings(1), city.table));
  CHECK(asked.size() == 4);

  Server closed{[](const std::string& request) -> Answer {
    if (request.starts_with("POST /query")) {
      return {"200 OK", R"({"results":[{"error":"create DATABASE not allowed"}]})"};
    }
    return {"404 Not Found", R"({"error":"database not found: \"d\""})"};
  }};
  const auto taken = sink_to(closed, "database = \"d\"\n")->take(city.readings(1), city.table);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().what.find("cannot be made: create DATABASE not allowed") !=
        std::string::npos);
}

TEST_CASE("influxdb sink: what was refused before a failure is not asked for again") {
  int posts = 0;
  bool fails = true;
  Server server{[&](const std::string& request) -> Answer {
    ++posts;
    const auto body = body_of(request);
    if (body.find("=1.5 ") != std::string::npos) {
      return {"400 Bad Request", R"({"error":"partial write: field type conflict: x dropped=1"})"};
    }
    if (fails && body.find("=9.5 ") != std::string::npos) return {"500 Oh"};
    return {"204 No Content"};
  }};
  const City city;
  const auto sink = sink_to(server, "database = \"d\"\n");
  CHECK_FALSE(sink->take(city.readings(10), city.table));
  fails = false;
  posts = 0;
  const auto refused = sink->take(city.readings(10), city.table);
  REQUIRE(refused);
  CHECK(refused->size() == 1);
  CHECK(posts == 1);
}

TEST_CASE("influxdb sink: a scenario's mistakes are said") {
  const auto said = [](const std::string& toml) {
    const auto sink = made_sink("url = \"http://h\"\n" + toml);
    return sink ? std::string() : sink.error().what;
  };
  CHECK(said("database = \"d\"").empty());
  CHECK(said("database = \"d\"\n[readings]\ntags = {n = \"${name}\"}").empty());
  struct Mistake {
    std::string toml;
    std::string_view part;
  };
  const Mistake cases[] = {
      {"", "'database'"},
      {"bucket = \"b\"\ndatabase = \"d\"", "expected one of the two"},
      {"database = \"d\"\nuser = \"u\"", "'user' has no password"},
      {"database = \"d\"\npassword_env = \"HOME\"", "'user' is missing"},
      {"bucket = \"b\"\ntoken = \"x\"", "token"},
      {"bucket = \"b\"\ntoken_env = \"SOSIE_NOT_SET\"", "SOSIE_NOT_SET"},
      {"database = \"d\"\nprecision = \"h\"", "'precision'"},
      {"database = \"d\"\nmax_points = 0", "'max_points' is 0, expected 1 to 5000"},
      {"database = \"d\"\ntimeout = \"1m\"", "'timeout'"},
      {"database = \"d\"\ngzipped = true", "gzip"},
      {"database = \"d\"\n[readings]\nmeasurement = \"${valu}\"", "uses ${valu}"},
      {"database = \"d\"\n[readings]\nmeasurement = \"${value}\"", "uses ${value}"},
      {"database = \"d\"\n[readings]\ntags = {entity = \"${enity}\"}", "did you mean ${entity}?"},
      {"database = \"d\"\n[readings]\ntags = {time = \"${entity}\"}", "InfluxDB's own"},
      {"database = \"d\"\n[readings]\ntags = {_x = \"${entity}\"}", "begins with '_'"},
      {"database = \"d\"\n[readings]\ntags = {a = \"${asset}\"}", "do not tell two series apart"},
      {"database = \"d\"\n[readings]\nfields = {value = \"${value}\"}", "do not tell two series"},
      {"database = \"d\"\n[readings]\nfields = {}", "'fields' is empty"},
      {"database = \"d\"\n[readings]\nsend = false\n[alarms]\nsend = false", "both not sent"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto what = said(c.toml);
    CAPTURE(what);
    CHECK(what.find(c.part) != std::string::npos);
  }
  for (const auto* url : {"h:8086", "http://u:secret@h", "http://h/?db=x", "ftp://h"}) {
    const auto sink = made_sink(fmt::format("url = \"{}\"\ndatabase = \"d\"", url));
    REQUIRE_FALSE(sink);
    CHECK(sink.error().what.find("secret") == std::string::npos);
  }
}

TEST_CASE("influxdb sink: the sample has its keys, and its defaults") {
  Catalog catalog;
  register_connectors_influxdb(catalog);
  auto sample = Section::read_file(SOSIE_ROOT "/src/connectors/influxdb/sample.toml");
  REQUIRE(sample);
  auto sinks = sample->tables("sink");
  REQUIRE(sinks);
  auto& section = sinks->front();
  REQUIRE(section.text("name"));
  REQUIRE(section.flag("early", false));
  const auto sink = catalog.make<Sink>(section);
  if (!sink) FAIL(sink.error().what);
}

}  // namespace
}  // namespace influxdb
}  // namespace sosie
