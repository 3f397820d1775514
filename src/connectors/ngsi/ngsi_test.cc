#include <memory>

#include <doctest/doctest.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "core/endpoint.h"
#include "testing/memory_intake.h"

namespace sosie {

void register_connectors_ngsi(Catalog& catalog);

namespace {

template <class Made>
Result<std::unique_ptr<Made>> made(const std::string& toml) {
  Catalog catalog;
  register_connectors_ngsi(catalog);
  auto section = Section::read_text("kind = \"ngsi\"\n" + toml);
  REQUIRE(section);
  return catalog.make<Made>(*section);
}

TEST_CASE("ngsi: what is wrong in its tables is said") {
  struct Case {
    const char* toml;
    const char* expected;
  };
  const Case cases[] = {
      {"", "'broker'"},
      {"broker = \"http://h:1026\"\n", "is no broker"},
      {"broker = \"ngsi+http://h:1026\"\ninterval = \"1ms\"\n", "'interval'"},
      {"broker = \"ngsi+http://h:1026\"\npage = 5000\n", "'page'"},
      {"broker = \"ngsi+http://h:1026\"\nids = [\"a\"]\nid_pattern = \"b\"\n", "'id_pattern'"},
      {"broker = \"ngsi+http://h:1026\"\nintervall = \"1s\"\n", "'intervall'"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto source = made<Source>(c.toml);
    REQUIRE_FALSE(source);
    CAPTURE(source.error().what);
    CHECK(source.error().what.find(c.expected) != std::string::npos);
  }
  CHECK(made<Source>("broker = \"ngsi+http://h:1026/a?tenant=t&type=Room\"\n"));
}

TEST_CASE("ngsi: a notification's numbers are readings when it is answered") {
  struct Case {
    const char* name;
    const char* body;
    int status;
    std::vector<std::string> lines;
    std::size_t refusals;
  };
  const Case cases[] = {
      {"normalized, with its instant",
       R"({"subscriptionId":"5","data":[{"id":"R","type":"Room","name":{"value":"x"},
           "t":{"type":"Number","value":31.5,"metadata":{"TimeInstant":{"type":"DateTime",
           "value":"2024-10-04T00:00:10.000Z"}}}}]})",
       200,
       {"R.t=31.5 @2024-10-04T00:00:10Z"},
       0},
      {"key values, now",
       R"({"data":[{"id":"R","type":"Room","t":1},{"id":"S","u":2}]})",
       200,
       {"R.t=1 @2024-10-04T00:00:00Z", "S.u=2 @2024-10-04T00:00:00Z"},
       0},
      {"nothing numeric", R"({"data":[{"id":"R","name":"x"}]})", 200, {}, 0},
      {"one bad entity among good",
       R"({"data":[{"type":"Room"},{"id":"R","t":1}]})",
       200,
       {"R.t=1 @2024-10-04T00:00:00Z"},
       1},
      {"no list", R"({"id":"R","t":1})", 400, {}, 1},
      {"cut short", R"({"data":[{"id":"R")", 400, {}, 1},
      {"nothing", "", 400, {}, 1},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto endpoint = made<Endpoint>("");
    REQUIRE(endpoint);
    CHECK((*endpoint)->paths() == std::vector<std::string>{"/ngsi/notify"});
    testing::MemoryIntake intake(*from_iso8601("2024-10-04T00:00:00Z"));
    const auto reply = (*endpoint)->post(intake, {"/ngsi/notify", "", "application/json", c.body});
    CHECK(reply.status == c.status);
    CHECK(intake.lines() == c.lines);
    CHECK(intake.refusals.size() == c.refusals);
  }
}

TEST_CASE("ngsi: what cannot be kept now is to be sent again") {
  const auto endpoint = made<Endpoint>("");
  REQUIRE(endpoint);
  const PostedBody body{"/ngsi/notify", "", "application/json", R"({"data":[{"id":"R","t":1}]})"};
  testing::MemoryIntake full;
  full.is_full = true;
  CHECK((*endpoint)->post(full, body).status == 429);
  testing::MemoryIntake slow;
  slow.is_durable = false;
  CHECK((*endpoint)->post(slow, body).status == 503);
  testing::MemoryIntake broken;
  broken.in_trouble = Error{Errc::full, "no room on the disk"};
  CHECK((*endpoint)->post(broken, body).status == 507);
  testing::MemoryIntake strict;
  strict.declares = false;
  CHECK((*endpoint)->post(strict, body).status == 200);
  CHECK(strict.refusals.size() == 1);
}

}  // namespace
}  // namespace sosie
