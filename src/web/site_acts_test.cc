#include <doctest/doctest.h>

#include "web/describe.h"
#include "web/running_site_test.h"
#include "wire/json/value.h"

namespace sosie::web {
namespace {

TEST_CASE("people act on alarms") {
  RunningSite running;
  const auto answer = running.ask("POST", "/api/alarms/7/acknowledge",
                                  R"({"who": "Ana", "comment": "checked on site"})");
  CHECK(answer.status == 200);
  const auto alarm = *json::parse(answer.body);
  CHECK(*alarm.find("acknowledged_by")->text() == "Ana");
  CHECK(*alarm.find("acknowledged")->flag());
  CHECK(running.ask("POST", "/api/alarms/7/acknowledge", R"({"who": "Ana"})").status == 409);
  const auto shelved = *json::parse(
      running.ask("POST", "/api/alarms/7/shelve", R"({"who": "Ana", "minutes": 30})").body);
  CHECK(shelved.find("shelved_until_ms")->number() ==
        static_cast<double>((now + minutes(30)).time_since_epoch().count()) / 1000);
  const auto back =
      *json::parse(running.ask("POST", "/api/alarms/7/unshelve", R"({"who": "Ana"})").body);
  CHECK(back.find("shelved_until_ms")->is_null());
}

TEST_CASE("people move limits, and it is known who did") {
  RunningSite running;
  const auto moved = *json::parse(running
                                      .ask("PUT", "/api/limits/2/high",
                                           R"({"value": 110.5, "who": "Ana", "comment": "summer"})")
                                      .body);
  CHECK(moved.find("value")->number() == 110.5);
  CHECK(moved.find("scenario")->number() == 100);
  const auto reset = *json::parse(
      running.ask("PUT", "/api/limits/2/high", R"({"value": null, "who": "Luc"})").body);
  CHECK(reset.find("value")->number() == 100);
  const auto all = *json::parse(running.ask("GET", "/api/limits", "").body);
  CHECK(*all.find("log.0.who")->text() == "Luc");
  CHECK(*all.find("log.0.reset")->flag());
  CHECK(all.find("log.1.to")->number() == 110.5);
  CHECK(*all.find("limits.1.series.name")->text() == "OUT.dco");
}

TEST_CASE("people move the limits of rules, and it is known who did") {
  RunningSite running;
  const auto moved = *json::parse(
      running.ask("PUT", "/api/rules/too%20much", R"({"high": 90, "who": "Ana", "comment": "dry"})")
          .body);
  CHECK(moved.find("high")->number() == 90);
  CHECK(moved.find("low")->is_null());
  CHECK(moved.find("scenario.high")->number() == 100);
  CHECK(moved.find("since_ms")->number() == to_ms(now));
  CHECK(*moved.find("unit")->text() == "mg/L");
  REQUIRE(running.ask("PUT", "/api/rules/too%20much", R"({"high": null, "who": "Luc"})").status ==
          200);
  const auto all = *json::parse(running.ask("GET", "/api/rules", "").body);
  CHECK(all.find("rules.0.high")->number() == 100);
  CHECK(all.find("rules.0.deadband")->number() == 5);
  CHECK(*all.find("rules.0.on.0")->text() == "*.dco");
  CHECK(*all.find("rules.1.kind")->text() == "silence");
  CHECK(all.find("rules.1.after_s")->number() == 60);
  CHECK(all.find("rules.1.high") == nullptr);
  CHECK(*all.find("log.0.who")->text() == "Luc");
  CHECK(*all.find("log.0.reset")->flag());
  CHECK(all.find("log.1.to.high")->number() == 90);
  CHECK(*all.find("log.1.comment")->text() == "dry");
}

TEST_CASE("people act on the simulation") {
  RunningSite running;
  CHECK(
      running.ask("POST", "/api/simulator", R"({"speed": 60, "weather": "dry", "fault_rate": 0.5})")
          .status == 200);
  CHECK(running.engine.asked.speed == 60);
  CHECK(running.engine.asked.weather == "dry");
  CHECK(running.engine.asked.rate == 0.5);
  const auto injected =
      running.ask("POST", "/api/simulator/faults",
                  R"({"fault": "stuck", "target": "OUT", "size": null, "minutes": 30})");
  CHECK(injected.status == 201);
  CHECK(injected.body == R"({"label":31})");
  REQUIRE(running.engine.asked.orders.size() == 1);
  CHECK(running.engine.asked.orders[0].lasts == Duration(minutes(30)));
  CHECK_FALSE(running.engine.asked.orders[0].size);
  CHECK(running.ask("DELETE", "/api/simulator/faults/31").status == 204);
  running.engine.simulated = false;
  CHECK(running.ask("POST", "/api/simulator", "{}").status == 404);
  CHECK_FALSE(*json::parse(running.get("/api/simulator"))->find("available")->flag());
}

TEST_CASE("setpoints are set all or none, and told") {
  RunningSite running;
  const auto refused =
      running.ask("POST", "/api/simulator", R"({"setpoints": {"inflow": 2, "influx": 2}})");
  CHECK(refused.status == 404);
  CHECK(running.engine.asked.tank.setpoints()[0].value == 1);
  const auto set = running.ask("POST", "/api/simulator", R"({"setpoints": {"inflow": 2}})");
  CHECK(set.status == 200);
  CHECK(running.engine.asked.tank.setpoints()[0].value == 2);
  const auto told = *json::parse(set.body);
  CHECK(*told.find("setpoints.0.name")->text() == "inflow");
  CHECK(told.find("setpoints.0.value")->number() == 2);
  CHECK(told.find("setpoints.0.usual")->number() == 1);
}

TEST_CASE("what if: both futures, what differs most, and the plant as it was") {
  RunningSite running;
  ToyTank& tank = running.engine.asked.tank;
  const auto leak = tank.inject({"leak", "", 0.5, hours(9)});
  REQUIRE(leak);
  const auto answer = running.ask(
      "POST", "/api/simulator/whatif",
      fmt::format(
          R"({{"undo": [{}], "setpoints": {{"inflow": 2}}, "weather": "wet", "hours": 12}})",
          *leak));
  REQUIRE(answer.status == 200);
  const auto told = *json::parse(answer.body);
  CHECK(told.find("from_ms")->number() == 1795176000000);
  CHECK(told.find("to_ms")->number() == 1795176000000 + 12 * 3600 * 1000);
  CHECK(told.find("bucket_ms")->number() == 300'000);
  CHECK(told.find("sensors")->number() == 2);
  CHECK(told.find("differences")->list()->size() == 2);
  CHECK(*told.find("differences.0.name")->text() == "level");
  CHECK(told.find("differences.1.series")->is_null());  // the engine has no such series
  CHECK(told.find("differences.1.unchanged")->number() == doctest::Approx(1).epsilon(0.01));
  CHECK(told.find("differences.1.changed")->number() == doctest::Approx(4).epsilon(0.01));
  CHECK(told.find("courses.1.unchanged")->list()->size() == 144);
  CHECK(told.find("courses.1.changed")->list()->size() == 144);
  CHECK(told.find("change.undone.0.id")->number() == static_cast<double>(*leak));
  CHECK(told.find("change.setpoints.0.before")->number() == 1);
  CHECK(told.find("change.setpoints.0.value")->number() == 2);
  CHECK(*told.find("change.weather")->text() == "wet");
  CHECK(told.find("running")->list()->size() == 1);
  CHECK(told.find("compliance")->is_null());
  CHECK(tank.running().size() == 1);
  CHECK(tank.weather() == "dry");
  CHECK(tank.setpoints()[0].value == 1);
}

TEST_CASE("what if: only the courses that are asked for, and no second line where none differs") {
  RunningSite running;
  const auto answer =
      running.ask("POST", "/api/simulator/whatif",
                  R"({"faults": [{"fault": "leak", "minutes": 60}], "series": ["flow"]})");
  REQUIRE(answer.status == 200);
  const auto told = *json::parse(answer.body);
  REQUIRE(told.find("courses")->list()->size() == 1);
  CHECK(*told.find("courses.0.name")->text() == "flow");
  CHECK(told.find("courses.0.unchanged")->list()->size() == 288);
  CHECK(told.find("courses.0.changed")->is_null());
  CHECK(*told.find("change.began.0.scenario")->text() == "leak");
  running.engine.simulated = false;
  CHECK(running.ask("POST", "/api/simulator/whatif", "{}").status == 404);
}

}  // namespace
}  // namespace sosie::web
