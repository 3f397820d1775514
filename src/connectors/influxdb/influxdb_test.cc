#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/catalog.h"
#include "core/endpoint.h"
#include "testing/memory_intake.h"

namespace sosie {
void register_connectors_influxdb(Catalog& catalog);

namespace {

using testing::MemoryIntake;
using Lines = std::vector<std::string>;

Result<std::unique_ptr<Endpoint>> make(const std::string& keys) {
  Catalog catalog;
  register_connectors_influxdb(catalog);
  auto section = Section::read_text("kind = \"influxdb\"\n" + keys);
  REQUIRE(section);
  return catalog.make<Endpoint>(*section);
}

PostReply post(MemoryIntake& intake, std::string_view body, std::string_view query = "precision=s",
               const std::string& keys = "") {
  const auto endpoint = make(keys);
  REQUIRE(endpoint);
  return (*endpoint)->post(intake, {"/api/v2/write", query, "text/plain", body});
}

TEST_CASE("a line finds its entity and attribute") {
  struct Case {
    std::string_view name;
    std::string keys;
    std::string_view body;
    Lines expected;
  };
  const std::string at = " @1970-01-01T00:00:05Z";
  const Case cases[] = {
      {"a tag names the entity",
       "",
       "x,entity=A,host=h ph=7,temp=20i 5",
       {"A.ph=7" + at, "A.temp=20" + at}},
      {"the first tag of the list", "", "x,id=D,sensor_id=S ph=7 5", {"S.ph=7" + at}},
      {"value is the measurement", "", "ph,id=A value=7 5", {"A.ph=7" + at}},
      {"value is the only one",
       "value_is = \"only\"",
       "mqtt_consumer,id=A value=7 5",
       {"A.value=7" + at}},
      {"no tag of an entity: the measurement and all there are, by their names",
       "",
       "cpu,host=h,cpu=cpu0 idle=7 5",
       {"cpu.cpu0.h.idle=7" + at}},
      {"no tag of an entity, and none is wanted",
       "name_tags = []",
       "A,host=h ph=7 5",
       {"A.ph=7" + at}},
      {"nothing but a measurement", "", "A value=7 5", {"A.value=7" + at}},
      {"tags in the name",
       "name_tags = [\"host\", \"cpu\"]",
       "cpu,cpu=cpu0,host=h idle=7 5",
       {"cpu.h.cpu0.idle=7" + at}},
      {"tags of our own",
       "entity_tags = [\"topic\"]",
       "x,entity=A,topic=T ph=7 5",
       {"T.ph=7" + at}},
      {"truth values", "", "A on=true,off=f 5", {"A.on=1" + at, "A.off=0" + at}},
      {"texts are passed over", "", "A state=\"running\",ph=7 5", {"A.ph=7" + at}},
      {"no time: now", "", "A ph=7", {"A.ph=7 @2024-10-04T00:00:00Z"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    MemoryIntake intake;
    const auto reply = post(intake, c.body, "precision=s", c.keys);
    CHECK(reply.status == 204);
    CHECK(reply.body.empty());
    CHECK(intake.lines() == c.expected);
    CHECK(intake.refusals.empty());
  }
}

TEST_CASE("what is wrong is said in InfluxDB's words, and the rest is kept") {
  MemoryIntake intake;
  const auto reply = post(intake, "A ph=7 5\nA ph=\nA ph=x 5\n# comment\nA ph=8 6\n");
  CHECK(reply.status == 400);
  CHECK(
      reply.body ==
      R"({"code":"invalid","message":"partial write: unable to parse 'A ph=': missing field value dropped=2","error":"partial write: unable to parse 'A ph=': missing field value dropped=2"})");
  CHECK(intake.readings.size() == 2);
  REQUIRE(intake.refusals.size() == 2);
  CHECK(intake.refusals[1].where == "line 3");
  CHECK(intake.refusals[1].sample == "A ph=x 5");
  CHECK(intake.waits == 1);
}

TEST_CASE("nothing right is a plain 400, and nothing at all is none") {
  MemoryIntake intake;
  intake.declares = false;
  CHECK(post(intake, "A ph=7 5").body.find("\"message\":\"no series 'A.ph'\"") !=
        std::string::npos);
  CHECK(post(intake, "A ph=7 5").status == 400);
  CHECK(post(intake, "").status == 204);
  CHECK(post(intake, "A t=\"x\" 5", "", "texts = \"refuse\"").status == 400);
  CHECK(post(intake, "A ph=7 5", "precision=days").status == 400);
  CHECK(intake.waits == 0);
}

TEST_CASE("an engine that is behind, or a slow disk, is told by the status") {
  MemoryIntake intake;
  intake.is_full = true;
  CHECK(post(intake, "A ph=7 5\nwrong").status == 429);
  CHECK(intake.refusals.empty());
  intake.is_full = false;
  intake.is_durable = false;
  CHECK(post(intake, "A ph=7 5").status == 503);
  CHECK(post(intake, "A ph=7 5", "db=x&ack=none").status == 204);
  intake.in_trouble = Error{Errc::full, "store: the disk is full"};
  const auto full = post(intake, "A ph=7 6");
  CHECK(full.status == 507);
  CHECK(full.retry_after_s == 1);
  CHECK(full.body.find("the disk is full") != std::string::npos);
}

TEST_CASE("its keys are checked") {
  CHECK((*make(""))->paths() == Lines{"/write", "/api/v2/write"});
  CHECK_FALSE(make("value_is = \"field\""));
  CHECK_FALSE(make("tag = \"x\""));
}

}  // namespace
}  // namespace sosie
