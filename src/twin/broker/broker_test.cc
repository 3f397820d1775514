#include "twin/broker/broker.h"

#include <atomic>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/clock.h"
#include "twin/broker/broker_fakes.h"

namespace sosie::ngsi {
namespace {

Request request(std::string method, std::string path, std::string body = {},
                std::string query = {}) {
  Request request{.method = std::move(method),
                  .path = std::move(path),
                  .query = std::move(query),
                  .headers = {},
                  .body = std::move(body)};
  if (!request.body.empty()) {
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"Content-Length", std::to_string(request.body.size())});
  }
  return request;
}

/// One life of a broker over a keeper that outlives it.
struct Life {
  explicit Life(MemoryKeeper& keeper_given, Timestamp now = Timestamp(std::chrono::hours(500000)))
      : clock(now), keeper(keeper_given), broker({}, clock, keeper, forwarder) {
    for (const auto& [key, body] : keeper.documents) {
      REQUIRE(broker.restore(key.first, key.second, body));
    }
    broker.start();
  }

  std::string get(const std::string& path, const std::string& query = {}) {
    return broker.handle(request("GET", path, {}, query)).body;
  }

  ManualClock clock;
  MemoryKeeper& keeper;
  ScriptedForwarder forwarder;
  Broker broker;
};

/// {"a0": value, "a1": value …}
std::string members(int count, const std::string& value) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += (i == 0 ? "{\"a" : ",\"a") + std::to_string(i) + "\":" + value;
  }
  return out + "}";
}

/// [0, 1 …]
std::string numbers(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i == 0 ? "[" : ",") + std::to_string(i);
  return out + "]";
}

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + "1" +
         std::string(static_cast<std::size_t>(levels), ']');
}

}  // namespace

/// Three entities, a subscription that has been triggered, and a registration.
void live(Life& life) {
  for (const auto* id : {"Z", "A", "M"}) {
    life.broker.handle(request(
        "POST", "/v2/entities",
        std::string(R"({"id":")") + id +
            R"(","type":"T","n":{"value":0.1234567890123,"metadata":{"m":{"value":[null,{"a":"é"}]}}},)" +
            R"("dateExpires":{"value":"2099-01-01T00:00:00Z","type":"DateTime"}})"));
  }
  life.broker.handle(request("PUT", "/v2/entities/A/attrs/n", R"({"value":)" + nested(46) + "}"));
  life.broker.handle(request(
      "POST", "/v2/subscriptions",
      R"({"subject":{"entities":[{"id":"M"}]},"notification":{"http":{"url":"http://a.b/c"}},"throttling":1})"));
  life.broker.handle(request(
      "POST", "/v2/registrations",
      R"({"dataProvided":{"entities":[{"id":"x"}]},"provider":{"http":{"url":"http://a.b"}}})"));
  life.broker.handle(request("PATCH", "/v2/entities/M/attrs", R"({"n":{"value":5}})"));
}

/// All that a client can see of it.
std::string shown(Life& life) {
  return life.get("/v2/entities", "attrs=*,dateCreated,dateModified,dateExpires") +
         life.get("/v2/subscriptions") + life.get("/v2/registrations");
}

TEST_CASE("broker: everything is there again in the next life, in the order of creation") {
  MemoryKeeper keeper;
  Life first(keeper);
  live(first);
  const auto before = shown(first);
  CHECK(before.find("\"Z\"") < before.find("\"A\""));
  CHECK(before.find("\"timesSent\":1") != std::string::npos);
  Life next(keeper);
  CHECK(shown(next) == before);
  CHECK(next.broker.figures().entities == 3);
}

TEST_CASE("broker: the next life goes on where the last one ended") {
  MemoryKeeper keeper;
  Life first(keeper);
  live(first);
  Life next(keeper);
  next.broker.handle(request("POST", "/v2/entities", R"({"id":"B","type":"T"})"));
  const auto last = next.get("/v2/entities", "options=keyValues&offset=3&attrs=none");
  CHECK(last == R"([{"id":"B","type":"T"}])");
  next.clock.set(next.clock.now() + std::chrono::seconds(2));
  next.broker.handle(request("PATCH", "/v2/entities/M/attrs", R"({"n":{"value":6}})"));
  CHECK(keeper.notifications.back().number == 2);
}

TEST_CASE("broker: numbers keep every bit on disk") {
  MemoryKeeper keeper;
  Life life(keeper);
  life.broker.handle(
      request("POST", "/v2/entities", R"({"id":"E","type":"T","n":{"value":1e-12}})"));
  const auto& document = keeper.documents.at({DocumentKind::entity, " / E T"});
  CHECK(document.find("1e-12") != std::string::npos);
}

TEST_CASE("broker: names that no client may give, but a source does, come back in the next life") {
  MemoryKeeper keeper;
  Life first(keeper);
  Observation seen;
  seen.id = "T 1,=\\";
  seen.attribute = "the flow";
  seen.at = first.clock.now();
  const std::vector<Observation> observations{seen};
  REQUIRE(first.broker.observe(observations) > 0);
  Life next(keeper);
  CHECK(next.broker.figures().entities == 1);
  const auto all = next.get("/v2/entities", "options=keyValues");
  CHECK(all == first.get("/v2/entities", "options=keyValues"));
  CHECK(all.find("T 1,=") != std::string::npos);
}

TEST_CASE("broker: a document that is none is refused") {
  MemoryKeeper keeper;
  Life life(keeper);
  CHECK_FALSE(life.broker.restore(DocumentKind::entity, " / E T", "{"));
  CHECK_FALSE(life.broker.restore(DocumentKind::entity, "two parts", R"({"number":1,"attrs":[]})"));
  CHECK_FALSE(life.broker.restore(DocumentKind::subscription, " x", R"({"number":1})"));
  CHECK_FALSE(life.broker.restore(DocumentKind::registration, " x", "[]"));
}

TEST_CASE("broker: a number that is updated is a reading; one that came as a reading is not") {
  MemoryKeeper keeper;
  Life life(keeper);
  life.broker.handle(request(
      "POST", "/v2/entities",
      R"({"id":"E","type":"T","n":{"value":5,"metadata":{"TimeInstant":{"type":"DateTime","value":"2020-01-01T00:00:00Z"}}},"s":{"value":"x"}})"));
  REQUIRE(keeper.readings.size() == 1);
  const Measured& first = keeper.readings.front();
  CHECK(first.id == "E");
  CHECK(first.attribute == "n");
  CHECK(first.value == 5);
  CHECK(first.at == Timestamp(std::chrono::seconds(1577836800)));
  life.broker.handle(request(
      "POST", "/v2/subscriptions",
      R"({"subject":{"entities":[{"id":"P"}]},"notification":{"http":{"url":"http://a.b/c"}}})"));
  const Observation observations[] = {
      {.tenant = "", .path = "", .id = "P", .type = "Pump", .attribute = "flow", .value = 3.5},
      {.tenant = "other", .path = "/a", .id = "P", .type = "", .attribute = "flow", .value = 4}};
  CHECK(life.broker.observe(observations) > 0);
  CHECK(keeper.readings.size() == 1);
  CHECK(keeper.notifications.size() == 1);
  CHECK(life.get("/v2/entities/P", "options=keyValues") ==
        R"({"id":"P","type":"Pump","flow":3.5})");
  CHECK(keeper.documents.contains({DocumentKind::entity, "other /a P Thing"}));
}

TEST_CASE("broker: what a device measured together is one update") {
  MemoryKeeper keeper;
  Life life(keeper);
  life.broker.handle(request(
      "POST", "/v2/subscriptions",
      R"({"subject":{"entities":[{"id":"P"}]},"notification":{"http":{"url":"http://a.b/c"}}})"));
  const Timestamp first(std::chrono::seconds(1'577'836'800));
  const Timestamp second = first + std::chrono::seconds(1);
  const auto seen = [](std::string_view attribute, double value, Timestamp at) {
    return Observation{.tenant = "",
                       .path = "",
                       .id = "P",
                       .type = "Pump",
                       .attribute = attribute,
                       .value = value,
                       .at = at};
  };
  const Observation observations[] = {seen("flow", 1, first), seen("level", 2, first),
                                      seen("flow", 3, second), seen("flow", 4, second)};
  CHECK(life.broker.type_of("P").empty());
  CHECK(life.broker.observe(observations) > 0);
  CHECK(keeper.notifications.size() == 3);
  CHECK(life.get("/v2/entities/P", "options=keyValues") ==
        R"({"id":"P","type":"Pump","flow":4,"level":2})");
  CHECK(life.broker.type_of("P") == "Pump");
}

TEST_CASE("broker: where only numbers were observed, the document may come later") {
  MemoryKeeper keeper;
  Life life(keeper);
  const auto observe = [&](std::string_view id, double value) {
    const Observation one[] = {{.tenant = "",
                                .path = "",
                                .id = id,
                                .type = "",
                                .attribute = "flow",
                                .value = value,
                                .at = Timestamp{}}};
    return life.broker.observe(one, Kept::later);
  };
  const auto stored = [&] {
    Life next(keeper);
    return next.get("/v2/entities", "options=keyValues&attrs=flow");
  };
  for (const auto* id : {"P", "Q", "R"}) CHECK(observe(id, 1) > 0);  // made: that is kept at once
  const auto made = stored();
  CHECK(made.find(R"("id":"R")") != std::string::npos);
  for (const auto* id : {"P", "Q", "R"}) CHECK(observe(id, 2) == 0);
  CHECK(stored() == made);
  CHECK(life.get("/v2/entities/Q/attrs/flow/value") == "2");
  CHECK(life.broker.keep_numbers(2));
  CHECK_FALSE(life.broker.keep_numbers(2));
  CHECK(stored() == life.get("/v2/entities", "options=keyValues&attrs=flow"));
  CHECK(stored() != made);
  CHECK_FALSE(life.broker.keep_numbers(2));
}

TEST_CASE("broker: numbers that come back as readings need no document each") {
  MemoryKeeper keeper;
  keeper.brings_numbers_back = true;
  Life life(keeper);
  life.broker.handle(
      request("POST", "/v2/entities",
              R"({"id":"R","type":"Room","n":{"value":1},"m":{"value":7},"t":{"value":"a"}})"));
  const auto documents = [&] { return keeper.documents; };
  const auto patch = [&](std::string_view body) {
    life.clock.set(life.clock.now() + std::chrono::seconds(1));
    const auto answer =
        life.broker.handle(request("PATCH", "/v2/entities/R/attrs", std::string(body)));
    CHECK(answer.status == 204);
  };
  const auto made = documents();
  patch(R"({"n":{"value":2}})");
  patch(R"({"n":{"value":3},"m":{"value":8}})");
  CHECK(documents() == made);
  REQUIRE(keeper.readings.size() == 5);
  const auto shown = life.get("/v2/entities/R", "attrs=*,dateModified&metadata=*,dateModified");
  {
    Life next(keeper);
    for (const Measured& m : keeper.readings) {
      next.broker.bring_back({.tenant = m.tenant,
                              .path = m.path,
                              .id = m.id,
                              .type = m.type,
                              .attribute = m.attribute,
                              .value = m.value,
                              .at = m.at});
    }
    CHECK(next.get("/v2/entities/R", "attrs=*,dateModified&metadata=*,dateModified") == shown);
    CHECK(documents() == made);
    CHECK_FALSE(next.broker.keep_numbers(10));
    CHECK(documents() != made);
  }
  {
    Life next(keeper);  // with its document, which is younger than the first readings
    const Measured& old = keeper.readings.front();
    next.broker.bring_back({.tenant = "",
                            .path = "/",
                            .id = "R",
                            .type = "Room",
                            .attribute = "n",
                            .value = old.value,
                            .at = old.at});
    CHECK(next.get("/v2/entities/R/attrs/n/value") == "3");
  }
  for (const auto* const body :
       {R"({"n":{"value":4},"t":{"value":"b"}})", R"({"n":{"value":5,"type":"Integer"}})",
        R"({"n":{"value":6,"metadata":{"u":{"value":1}}}})", R"({"n":{"value":"six"}})",
        R"({"n":{"value":7}})"}) {
    CAPTURE(body);
    const auto before = documents();
    patch(body);
    CHECK(documents() != before);
  }
}

TEST_CASE("broker: too many failures make a subscription inactive") {
  MemoryKeeper keeper;
  Life life(keeper);
  life.broker.handle(request(
      "POST", "/v2/subscriptions",
      R"({"subject":{"entities":[{"id":"E"}]},"notification":{"http":{"url":"http://a.b/c"},"maxFailsLimit":2}})"));
  life.broker.handle(request("POST", "/v2/entities", R"({"id":"E","type":"T"})"));
  REQUIRE(keeper.notifications.size() == 1);
  Delivery failure{.subscription = keeper.notifications.front().subscription,
                   .number = 1,
                   .at = life.clock.now(),
                   .reason = "Timeout was reached"};
  CHECK(life.broker.delivered(failure));
  failure.number = 2;
  CHECK(life.broker.delivered(failure));
  CHECK(life.get("/v2/subscriptions").find("\"failsCounter\":2") != std::string::npos);
  CHECK(life.get("/v2/subscriptions").find("\"status\":\"active\"") != std::string::npos);
  failure.number = 3;
  CHECK_FALSE(life.broker.delivered(failure));
  const auto shown = life.get("/v2/subscriptions");
  CHECK(shown.find("\"status\":\"inactive\"") != std::string::npos);
  CHECK(shown.find("\"lastFailureReason\":\"Timeout was reached\"") != std::string::npos);
  life.broker.tick();
  Life next(keeper);
  CHECK(next.get("/v2/subscriptions") == shown);
  failure.subscription = " 000000000000000000000000";
  CHECK_FALSE(life.broker.delivered(failure));
}

TEST_CASE("broker: what failed before a restart has not failed again after it") {
  MemoryKeeper keeper;
  std::optional<Life> life(std::in_place, keeper);
  life->broker.handle(request(
      "POST", "/v2/subscriptions",
      R"({"subject":{"entities":[{"id":"E"}]},"notification":{"http":{"url":"http://a.b/c"},"maxFailsLimit":3}})"));
  life->broker.handle(request("POST", "/v2/entities", R"({"id":"E","type":"T"})"));
  REQUIRE(keeper.notifications.size() == 1);
  const auto fails = [&](std::uint64_t number) {
    return life->broker.delivered({.subscription = keeper.notifications.front().subscription,
                                   .number = number,
                                   .at = life->clock.now(),
                                   .reason = "Timeout was reached"});
  };
  const auto shows = [&](std::string_view part) {
    return life->get("/v2/subscriptions").find(part) != std::string::npos;
  };
  CHECK(fails(1));
  CHECK(fails(2));
  life->broker.tick();
  for (int lives = 0; lives < 3; ++lives) {
    life.emplace(keeper);
    CHECK(fails(1));
    CHECK(fails(2));
    CHECK(shows("\"failsCounter\":2"));
    CHECK(shows("\"status\":\"active\""));
  }
  CHECK(fails(3));
  CHECK(shows("\"failsCounter\":3"));
  CHECK_FALSE(fails(4));
  CHECK(shows("\"status\":\"inactive\""));
}

TEST_CASE("broker: a body that is too long is refused by its announced length") {
  MemoryKeeper keeper;
  Life life(keeper);
  Request big = request("POST", "/v2/entities", "{}");
  big.announced_bytes = 1048577;
  const Answer answer = life.broker.handle(big);
  CHECK(answer.status == 413);
  CHECK(
      answer.body ==
      R"({"error":"RequestEntityTooLarge","description":"payload size: 1048577, max size supported: 1048576"})");
}

/// Adds 1 to two attributes at once, again and again; false if they were ever seen to differ.
bool count_up(Life& life, int updates) {
  bool are_same = true;
  for (int i = 0; i < updates; ++i) {
    life.broker.handle(request("PATCH", "/v2/entities/E/attrs",
                               R"({"n":{"value":{"$inc":1}},"m":{"value":{"$inc":1}}})"));
    const auto seen = life.get("/v2/entities/E", "options=values&attrs=n,m");
    const auto comma = seen.find(',');
    are_same =
        are_same && seen.substr(1, comma - 1) == seen.substr(comma + 1, seen.size() - comma - 2);
    life.broker.tick();
  }
  return are_same;
}

TEST_CASE("broker: clients at once lose no update, and readers see whole entities") {
  MemoryKeeper keeper;
  Life life(keeper);
  life.broker.handle(
      request("POST", "/v2/entities", R"({"id":"E","type":"T","n":{"value":0},"m":{"value":0}})"));
  life.broker.handle(request(
      "POST", "/v2/subscriptions",
      R"({"subject":{"entities":[{"id":"E"}]},"notification":{"http":{"url":"http://a.b/c"}}})"));
  std::atomic<int> torn = 0;
  std::vector<std::jthread> clients(4);
  for (auto& client : clients) {
    client = std::jthread([&] { torn += count_up(life, 200) ? 0 : 1; });
  }
  clients.clear();
  CHECK(torn == 0);
  CHECK(life.get("/v2/entities/E", "options=values&attrs=n") == "[800]");
  CHECK(keeper.notifications.size() == 800);
}

/// What requests of so many names cost, in CPU seconds.
double cost_of(int many) {
  MemoryKeeper keeper;
  Life life(keeper);
  life.broker.handle(request("POST", "/v2/entities", R"({"id":"E","type":"T"})"));
  life.broker.handle(request(
      "POST", "/v2/subscriptions",
      R"({"subject":{"entities":[{"id":"E"}]},"notification":{"http":{"url":"http://a.b/c"},)"
      R"("metadata":["previousValue"],"onlyChangedAttrs":true}})"));
  const double begin_s = thread_cpu_s();
  const auto send = [&](const std::string& method, const std::string& path, const std::string& body,
                        const std::string& query = {}) {
    CHECK(life.broker.handle(request(method, path, body, query)).status == 204);
  };
  const std::string at = "/v2/entities/E/attrs";
  send("POST", at, members(many, "1"), "options=keyValues");
  send("PATCH", at, members(many, "2"), "options=keyValues");
  send("PUT", at, members(many, "3"), "options=keyValues");
  send("POST", at, R"({"m":{"value":1,"metadata":)" + members(many, R"({"value":1})") + "}}");
  send("POST", at, R"({"m":{"value":1,"metadata":)" + members(many, R"({"value":2})") + "}}");
  send("POST", at, R"({"o":{"value":)" + members(many, "1") + "}}");
  send("POST", at, R"({"o":{"value":{"$set":)" + members(many, "2") + "}}}");
  send("POST", at, R"({"o":{"value":{"$unset":)" + members(many, "2") + "}}}");
  send("POST", at, R"({"l":{"value":{"$addToSet":{"$each":)" + numbers(many) + "}}}}");
  send("POST", at, R"({"l":{"value":{"$pull":{"$in":)" + numbers(many / 2) + "}}}}");
  send("POST", at, R"({"l":{"value":{"$pullAll":)" + numbers(many) + "}}}");
  CHECK(life.get("/v2/entities/E", "options=unique").size() > 4);
  send("POST", "/v2/op/update",
       R"({"actionType":"delete","entities":[)" +
           members(many, "{}").replace(0, 1, R"({"id":"E","type":"T",)") + "]}");
  return thread_cpu_s() - begin_s;
}

TEST_CASE("broker: a request of very many names takes a step for each, not for each pair") {
  const double few_s = cost_of(2000);
  const double many_s = cost_of(16000);
  CAPTURE(few_s);
  CAPTURE(many_s);
  CHECK(many_s < 24 * few_s);  // step by step 8 times as much, by pairs 64 times
}

TEST_CASE("broker: which paths are its own") {
  CHECK(Broker::owns("/v2"));
  CHECK(Broker::owns("/v2/entities/x"));
  CHECK(Broker::owns("/v2/anything"));
  CHECK(Broker::owns("/version"));
  CHECK(Broker::owns("/admin/log"));
  CHECK_FALSE(Broker::owns("/"));
  CHECK_FALSE(Broker::owns("/api/plant"));
  CHECK_FALSE(Broker::owns("/admin"));
}

}  // namespace sosie::ngsi
