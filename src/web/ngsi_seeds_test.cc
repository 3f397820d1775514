#include "web/ngsi_seeds.h"

#include <doctest/doctest.h>

#include "twin/broker/broker.h"
#include "wire/json/value.h"

namespace sosie::web {
namespace {

/// Counts what it is told to keep.
struct CountingKeeper final : ngsi::Keeper {
  ngsi::Ticket keep(ngsi::Change /*change*/) override { return ++kept; }
  ngsi::Ticket kept = 0;
};
struct NoForwarder final : ngsi::Forwarder {
  Result<ngsi::ForwardAnswer> ask(const ngsi::ForwardRequest& /*request*/) override {
    return Error{Errc::unavailable, "nobody"};
  }
};

struct Rig {
  Rig() : broker({}, clock, keeper, forwarder) { broker.start(); }
  json::Value get(const std::string& path) {
    ngsi::Request request;
    request.method = "GET";
    request.path = path;
    return json::parse(broker.handle(request).body).value();
  }
  Result<void> sow(std::string_view toml) {
    auto scenario = TRY(Section::read_text(toml));
    const auto seeds = TRY(NgsiSeeds::read(scenario, {}));
    TRY(scenario.finish());
    return seeds.sow(broker);
  }
  SystemClock clock;
  CountingKeeper keeper;
  NoForwarder forwarder;
  ngsi::Broker broker;
};

constexpr std::string_view both = R"(
[[entity]]
id = "Room1"
type = "Room"
[[subscription]]
description = "above 30 & hot"
entity = "Room1"
type = "Room"
attrs = ["temperature"]
expression = "temperature>30"
notify = "http://127.0.0.1:5050/alert"
notify_attrs = ["temperature"]
throttling = "5s"
)";

TEST_CASE("seeds: they are in the broker once, however often they are sown") {
  Rig rig;
  const auto sown = rig.sow(both);
  CAPTURE((sown ? std::string() : sown.error().what));
  REQUIRE(sown);
  const auto first = rig.get("/v2/subscriptions");
  REQUIRE(first.list()->size() == 1);
  CHECK(*first.find("0.subject.condition.expression.q")->text() == "temperature>30");
  CHECK(*first.find("0.notification.http.url")->text() == "http://127.0.0.1:5050/alert");
  CHECK(first.find("0.throttling")->number() == 5);
  CHECK(*rig.get("/v2/entities").find("0.type")->text() == "Room");

  std::string moved(both);
  moved.replace(moved.find("5050"), 4, "6060");
  REQUIRE(rig.sow(moved));
  const auto again = rig.get("/v2/subscriptions");
  REQUIRE(again.list()->size() == 1);
  CHECK(*again.find("0.id")->text() == *first.find("0.id")->text());
  CHECK(*again.find("0.notification.http.url")->text() == "http://127.0.0.1:6060/alert");
  CHECK(rig.get("/v2/entities").list()->size() == 1);
}

TEST_CASE("seeds: what cannot be is said with its line") {
  struct Case {
    const char* toml;
    const char* said;
  };
  const Case cases[] = {
      {"[[entity]]\nid = 'A'\ntyp = 'B'", "scenario:3: 'typ' is not a key of [[entity]]"},
      {"[[entity]]\ntype = 'B'", "'id' is missing"},
      {"[[entity]]\nid = 'A<b>'", "scenario:2: 'id'"},
      {"[[subscription]]\ndescription = 'd'", "'notify' is missing"},
      {"[[subscription]]\ndescription = 'd'\nnotify = 'here'", "scenario:3: 'notify'"},
      {"[[subscription]]\ndescription = 'd'\nnotify = 'http://u:pw@h/'", "holds a password"},
      {"[[subscription]]\ndescription = 'd'\nnotify_env = 'PATH'", "does not hold an http"},
      {"[[subscription]]\ndescription = 'd'\nnotify = 'http://h/'\nexpression = '>>'",
       "scenario:2: 'description'"},
      {"[[subscription]]\ndescription = 'd'\nnotify = 'http://h/'\nformat = 'keyvalues'",
       "did you mean keyValues?"},
      {"[[subscription]]\ndescription = 'd'\nnotify = 'http://h/'\nentity = 'A'\nid_pattern = 'B'",
       "expected one of the two"},
      {"[[subscription]]\ndescription = 'd'\nnotify = 'http://h/'\n"
       "[[subscription]]\ndescription = 'd'\nnotify = 'http://g/'",
       "is another subscription's too"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    Rig rig;
    const auto sown = rig.sow(c.toml);
    REQUIRE_FALSE(sown);
    CAPTURE(sown.error().what);
    CHECK(sown.error().what.find(c.said) != std::string::npos);
    CHECK(rig.keeper.kept == 0);
  }
}

}  // namespace
}  // namespace sosie::web
