#include "twin/broker/past.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "base/time_text.h"
#include "twin/broker/broker_fakes.h"
#include "twin/model/json_text.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

constexpr Timestamp start{std::chrono::hours(500'000)};

/// Remembers what a MemoryKeeper was given; of entities whose id begins with U no readings.
class MemoryArchive final : public Archive {
 public:
  explicit MemoryArchive(const MemoryKeeper& keeper) : keeper_(keeper) {}

  Result<void> earlier(std::string_view prefix, Timestamp instant,
                       const Take& take) const override {
    if (instant < horizon) return Error{Errc::not_found, "not kept any more"};
    auto states = keeper_.earlier;
    for (const auto& reading : keeper_.readings) {
      if (is_unrecorded(reading.id) && reading.before) {
        states.push_back(earlier_state(reading));
      }
    }
    std::ranges::stable_sort(states, {}, &EarlierState::until);
    for (auto state = states.rbegin(); state != states.rend(); ++state) {
      if (state->key.starts_with(prefix) && state->until > instant) take(state->key, state->body);
    }
    return {};
  }

  Result<Number> number(const Question& question) const override {
    if (is_unrecorded(question.entity.id.view())) return Number{};
    Number found{.is_recorded = true};
    for (const auto& r : keeper_.readings) {
      const bool is_it = r.id == question.entity.id.view() && r.attribute == question.attribute &&
                         r.at <= question.instant;
      if (is_it && (!found.sample || found.sample->at <= r.at)) found.sample = {r.value, r.at};
    }
    return found;
  }

  Timestamp horizon = Timestamp::min();

 private:
  static bool is_unrecorded(std::string_view id) { return id.starts_with('U'); }

  const MemoryKeeper& keeper_;
};

struct Rig {
  Rig() {
    broker.use(archive);
    broker.start();
  }

  Answer send(std::string method, std::string path, std::string body = {}, std::string query = {},
              Headers headers = {}) {
    Request request{.method = std::move(method),
                    .path = std::move(path),
                    .query = std::move(query),
                    .headers = std::move(headers),
                    .body = std::move(body)};
    if (!request.body.empty()) {
      request.headers.push_back({"Content-Type", "application/json"});
      request.headers.push_back({"Content-Length", std::to_string(request.body.size())});
    }
    return broker.handle(request);
  }
  void wait(Duration span = std::chrono::seconds(1)) { clock.set(clock.now() + span); }

  ManualClock clock{start};
  MemoryKeeper keeper;
  MemoryArchive archive{keeper};
  ScriptedForwarder forwarder;
  Broker broker{{.multiservice = true}, clock, keeper, forwarder};
};

std::string iso(Timestamp at) {
  return to_iso8601(at);
}

/// The status, and the members in the order of their names: an attribute that was deleted comes
/// back at the end.
std::string told(const Answer& answer) {
  const auto body = parse_json(answer.body);
  REQUIRE(body);
  REQUIRE(body->object() != nullptr);
  Object members = *body->object();
  std::ranges::sort(members, {}, &Member::key);
  std::string out = std::to_string(answer.status);
  for (const auto& member : members) {
    out += fmt::format(" {}=", member.key.view());
    render_value(member.value, out);
  }
  return out;
}

}  // namespace

TEST_CASE("past: after any changes every instant is told as it was seen then") {
  const std::array<std::string, 3> ids{"A", "B", "U"};
  const std::array<std::string, 6> bodies{
      R"({"n":{"value":%}})",
      R"({"n":{"value":%},"s":{"value":"x%"}})",
      R"({"s":{"value":"same"},"m":{"value":%,"metadata":{"k":{"value":%}}}})",
      R"({"n":{"value":[%]}})",
      R"({"n":{"value":%,"metadata":{"TimeInstant":{"type":"DateTime","value":"2020-01-01"}}}})",
      R"({"m":{"value":%},"dateExpires":{"type":"DateTime","value":"2099-01-01T00:00:%Z"}})"};
  const std::string view = "type=T&attrs=*,dateCreated,dateExpires";
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Rig rig;
    Random random(seed);
    const auto draw = [&](std::size_t n) { return random.below(n); };
    std::map<Timestamp, std::map<std::string, std::string>> seen;
    for (int step = 0; step < 60; ++step) {
      const auto& id = ids.at(draw(ids.size()));
      const auto path = "/v2/entities/" + id;
      std::string body = bodies.at(draw(bodies.size()));
      for (auto at = body.find('%'); at != std::string::npos; at = body.find('%')) {
        body.replace(at, 1, std::to_string(10 + draw(40)));
      }
      switch (draw(8)) {
        case 0:
          rig.send("DELETE", path);
          break;
        case 1:
          rig.send("DELETE", path + "/attrs/n");
          break;
        case 2:
          rig.send("PUT", path + "/attrs", body);
          break;
        case 3:
          rig.send("PATCH", path + "/attrs", body);
          break;
        case 4:
          rig.send("PATCH", path + "/attrs", body, "options=overrideMetadata");
          break;
        case 5:
          rig.send("POST", path + "/attrs", body);
          break;
        default:
          rig.send("POST", "/v2/entities",
                   fmt::format(R"({{"id":"{}","type":"T",{})", id, body.substr(1)),
                   "options=upsert");
      }
      for (const auto& each : ids) {
        seen[rig.clock.now()][each] = told(rig.send("GET", "/v2/entities/" + each, {}, view));
      }
      rig.wait(Duration(1 + static_cast<std::int64_t>(draw(3'000'000))));
    }
    for (const auto& [at, entities] : seen) {
      for (const auto& [id, was] : entities) {
        CAPTURE(iso(at));
        CHECK(told(rig.send("GET", "/v2/entities/" + id, {}, view + "&at=" + iso(at))) == was);
      }
    }
  }
}

TEST_CASE("past: what is no instant, what was not yet, and what is not known") {
  Rig rig;
  rig.wait();
  rig.send("POST", "/v2/entities", R"({"id":"E","type":"T","n":{"value":1}})");
  rig.wait();
  rig.send("POST", "/v2/entities/E/attrs", R"({"late":{"value":"x"},"n":{"value":2}})");
  rig.wait();
  rig.send("DELETE", "/v2/entities/E");
  rig.wait();
  struct Case {
    std::string query;
    int status;
    std::string body;
  };
  const auto ago = [&](int seconds) { return iso(start + std::chrono::seconds(seconds)); };
  const Case cases[] = {
      {"at=yesterday", 400, "is no DateTime"},
      {"at=2020-13-01", 400, "is no DateTime"},
      {"at=1e9", 400, "is no DateTime"},
      {"at=", 400, "Empty right-hand-side"},
      {"at=" + ago(5), 400, "in the future"},
      {"at=2020-01-01", 404, "The requested entity has not been found"},
      {"options=keyValues&at=" + ago(1), 200, R"({"id":"E","type":"T","n":1})"},
      {"options=keyValues&type=T&at=" + ago(2), 200, R"({"id":"E","type":"T","n":2,"late":"x"})"},
      {"options=keyValues&type=S&at=" + ago(2), 404, "has not been found"},
      {"options=values&attrs=n&at=" + ago(2), 200, "[2]"},
      {"at=" + ago(3), 404, "has not been found"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.query);
    const auto answer = rig.send("GET", "/v2/entities/E", {}, c.query);
    CHECK(answer.status == c.status);
    CHECK(answer.body.find(c.body) != std::string::npos);
  }
  const auto value = rig.send("GET", "/v2/entities/E/attrs/n/value", {}, "at=" + ago(1));
  CHECK(value.body == "1");
  CHECK(rig.send("GET", "/v2/entities/E/attrs/late", {}, "at=" + ago(1)).status == 404);
  rig.archive.horizon = start + std::chrono::seconds(2);
  CHECK(rig.send("GET", "/v2/entities/E", {}, "at=" + ago(1)).status == 404);
}

TEST_CASE("past: tenants and service paths are told apart, also of what is gone") {
  Rig rig;
  const Headers garden{{"Fiware-ServicePath", "/garden"}};
  rig.send("POST", "/v2/entities", R"({"id":"E","type":"T","n":{"value":1}})");
  rig.send("POST", "/v2/entities", R"({"id":"E","type":"T","n":{"value":2}})", {}, garden);
  rig.wait();
  rig.send("DELETE", "/v2/entities/E");
  rig.send("DELETE", "/v2/entities/E", {}, {}, garden);
  rig.wait();
  const auto then = "options=values&at=" + iso(start);
  CHECK(rig.send("GET", "/v2/entities/E", {}, then).status == 409);
  CHECK(rig.send("GET", "/v2/entities/E", {}, then, garden).body == "[2]");
  const auto root = rig.send("GET", "/v2/entities/E", {}, then, {{"Fiware-ServicePath", "/"}});
  CHECK(root.body == "[1]");
  CHECK(rig.send("GET", "/v2/entities/E", {}, then, {{"Fiware-Service", "other"}}).status == 404);
}

TEST_CASE("past: without an archive nothing is made up") {
  ManualClock clock(start);
  MemoryKeeper keeper;
  ScriptedForwarder forwarder;
  Broker broker({}, clock, keeper, forwarder);
  broker.start();
  const Request request{.method = "GET",
                        .path = "/v2/entities/E",
                        .query = "at=2020-01-01",
                        .headers = {},
                        .body = {}};
  CHECK(broker.handle(request).status == 501);
}

}  // namespace sosie::ngsi
