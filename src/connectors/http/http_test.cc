#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/catalog.h"
#include "core/endpoint.h"
#include "testing/memory_intake.h"

namespace sosie {
void register_connectors_http(Catalog& catalog);

namespace {

using testing::MemoryIntake;

Result<std::unique_ptr<Endpoint>> make(std::string_view toml) {
  Catalog catalog;
  register_connectors_http(catalog);
  auto section = Section::read_text(toml);
  REQUIRE(section);
  return catalog.make<Endpoint>(*section);
}

PostReply post(MemoryIntake& intake, std::string_view body, std::string_view query = "") {
  const auto endpoint = make("kind = \"http\"");
  REQUIRE(endpoint);
  return (*endpoint)->post(intake, {"/api/readings", query, "application/json", body});
}

TEST_CASE("readings are taken, and answered for once they are on disk") {
  MemoryIntake intake;
  const auto reply = post(intake, R"([
    {"entity": "AIT-1", "attribute": "ph", "value": 7.1, "time": "2026-11-20T10:00:00Z"},
    {"entity": "AIT-1", "value": 7.2, "time": 1795180800000, "quality": "bad"},
    {"entity": "AIT-2", "value": 3}])");
  CHECK(reply.status == 200);
  CHECK(reply.body == R"({"taken":3,"refused":0,"errors":[]})");
  CHECK(intake.lines() == std::vector<std::string>{"AIT-1.ph=7.1 @2026-11-20T10:00:00Z",
                                                   "AIT-1.ph=7.2 @2026-11-20T13:20:00Z bad",
                                                   "AIT-2.value=3 @2024-10-04T00:00:00Z"});
  CHECK(intake.sources == std::vector<std::string>{"http"});
  CHECK(intake.waits == 1);
}

TEST_CASE("ack=none does not wait") {
  MemoryIntake intake;
  CHECK(post(intake, R"({"entity": "A", "value": 1})", "ack=none").status == 200);
  CHECK(intake.waits == 0);
}

TEST_CASE("a wrong item is refused by its place, and the others are taken") {
  MemoryIntake intake;
  const auto reply =
      post(intake, R"([{"entity": "A", "value": "x"}, {"entity": "B", "value": 1}])");
  CHECK(reply.status == 200);
  CHECK(
      reply.body ==
      R"({"taken":1,"refused":1,"errors":[{"index":0,"error":"'value' is a text; expected a number"}]})");
  REQUIRE(intake.refusals.size() == 1);
  CHECK(intake.refusals[0].source == "http");
  CHECK(intake.refusals[0].where == "item 0");
  CHECK(intake.refusals[0].sample.starts_with(R"({"entity": "A")"));
}

TEST_CASE("nothing taken is a 400 that says why") {
  MemoryIntake intake;
  intake.declares = false;
  struct Case {
    std::string_view body;
    std::string_view description;
  };
  const Case cases[] = {
      {R"({"entity": "A", "attribute": "x", "value": 1})", "no series 'A.x'"},
      {R"({"entity": "A"})", "'value' is missing"},
      {"", "nothing; expected JSON"},
      {"hello", "The JSON document has an improper structure"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.body);
    const auto reply = post(intake, c.body);
    CHECK(reply.status == 400);
    CHECK(reply.body.find("\"error\":\"invalid\"") != std::string::npos);
    CHECK(reply.body.find(c.description) != std::string::npos);
  }
  CHECK(intake.readings.empty());
  CHECK(intake.waits == 0);
  CHECK(intake.refusals.at(0).sample == "A.x = 1");
}

TEST_CASE("an engine that is behind slows its senders, who lose nothing and are told of once") {
  MemoryIntake intake;
  intake.is_full = true;
  const std::string_view body = R"([{"entity": "A", "value": 1}, {"entity": "B"}])";
  const auto reply = post(intake, body);
  CHECK(reply.status == 429);
  CHECK(reply.retry_after_s == 1);
  CHECK(intake.refusals.empty());
  intake.is_full = false;
  CHECK(post(intake, body).status == 200);
  CHECK(intake.refusals.size() == 1);
}

TEST_CASE("what is not on disk in time is not acknowledged") {
  MemoryIntake intake;
  intake.is_durable = false;
  CHECK(post(intake, R"({"entity": "A", "value": 1})").status == 503);
}

TEST_CASE("while nothing can be written nothing is taken, and the reason is told") {
  struct Trouble {
    Errc code;
    int status;
  };
  for (const auto& [code, status] : {Trouble{Errc::full, 507}, Trouble{Errc::unavailable, 503}}) {
    MemoryIntake intake;
    intake.in_trouble = Error{code, "store: no way"};
    const auto reply = post(intake, R"([{"entity": "A", "value": 1}, {"entity": "B"}])");
    CHECK(reply.status == status);
    CHECK(reply.retry_after_s == 1);
    CHECK(reply.body ==
          R"({"error":"unavailable","description":"store: no way; not on disk yet: send it )"
          R"(again, which does no harm"})");
    CHECK(intake.readings.empty());
    CHECK(intake.refusals.empty());
  }
}

TEST_CASE("many wrong items are counted, and not all told one by one") {
  MemoryIntake intake;
  std::string body = "[{\"entity\": \"A\", \"value\": 1}";
  for (int i = 0; i < 5000; ++i) body += ",7";
  const auto reply = post(intake, body + "]");
  CHECK(reply.body.find("\"refused\":5000") != std::string::npos);
  CHECK(reply.body.size() < 20'000);
  CHECK(intake.refusals.size() == 1001);
  CHECK(intake.refusals.back().reason == "4000 more items of the same body");
}

TEST_CASE("its keys are checked") {
  CHECK((*make("kind = \"http\"\npath = \"/in\""))->paths() == std::vector<std::string>{"/in"});
  CHECK_FALSE(make("kind = \"http\"\npath = \"in\""));
  CHECK_FALSE(make("kind = \"http\"\npaht = \"/in\""));
}

}  // namespace
}  // namespace sosie
