#include "web/site.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "testing/golden.h"
#include "testing/server.h"
#include "web/running_site_test.h"
#include "wire/json/value.h"

namespace sosie::web {
namespace {

constexpr std::string_view with_metrics_port = R"(
[[listener]]
port = 0
[[listener]]
kind = "metrics"
port = 0
)";

/// Breaks long lines of JSON, so that a golden file can be read and compared.
std::string broken(std::string json) {
  for (auto at = json.find("},{"); at != std::string::npos; at = json.find("},{", at + 1)) {
    json.insert(at + 2, "\n");
  }
  return json + '\n';
}

TEST_CASE("every GET answers as docs/api.md says") {
  struct Case {
    std::string_view name;
    std::string_view path;
  };
  const Case cases[] = {
      {"plant", "/api/plant"},
      {"series", "/api/series/2"},
      {"series_silent", "/api/series/AIT-9"},
      {"bands", "/api/bands?series=AIT-9,2"},
      {"history",
       "/api/series/2/history?from=2026-11-20T11:00:00Z&to=2026-11-20T12:00:00Z&points=3"},
      {"history_raw", "/api/series/2/history?from=1795172400000&to=1795176000000"},
      {"findings", "/api/findings"},
      {"findings_open", "/api/findings?open=true&kind=pollution_peak&series=IN&limit=5"},
      {"finding", "/api/findings/1"},
      {"finding_cases", "/api/findings/1/cases"},
      {"answers", "/api/answers"},
      {"labels", "/api/labels"},
      {"alarms", "/api/alarms"},
      {"alarm_log", "/api/alarms/log"},
      {"scoreboard", "/api/scoreboard?hours=24"},
      {"compliance", "/api/compliance"},
      {"efficiency", "/api/efficiency"},
      {"simulator", "/api/simulator"},
      {"devices", "/api/devices?q=ait&sort=-dco&limit=2"},
      {"device", "/api/devices/OUT"},
      {"quarantine", "/api/quarantine"},
      {"health", "/health"},
  };
  RunningSite running(with_metrics_port);
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto answer = running.ask("GET", c.path);
    CHECK(answer.status == 200);
    CHECK(json::parse(answer.body));
    testing::check_golden(fmt::format("web/golden/{}.json", c.name), broken(answer.body));
  }
}

TEST_CASE("a fleet's places and its map") {
  const testing::TempDir folder;
  const auto file = folder.write("roads.geojson", R"({"type":"FeatureCollection","features":[]})");
  RunningSite running("[[listener]]\nport = 0\n[map]\nfile = \"" + file +
                      "\"\nattribution = \"© \\\"us\\\"\"");
  CHECK(running.get("/api/map") ==
        "{\"attribution\":\"© "
        "\\\"us\\\"\",\"map\":{\"type\":\"FeatureCollection\",\"features\":[]}}");
  CHECK(running.get("/api/positions").size() == 24);
  CHECK(RunningSite().ask("GET", "/api/map").status == 404);
}

TEST_CASE("a city's zones and what is measured in them") {
  const testing::TempDir folder;
  const auto file = folder.write("districts.geojson", R"({"type":"FeatureCollection","features":[
    {"type":"Feature","properties":{"code":"1","nom":"Le Port"},"geometry":{"type":"Polygon",
     "coordinates":[[[1.4,43.6],[1.5,43.6],[1.5,43.7],[1.4,43.6]]]}}]})");
  auto scenario = *Section::read_text("[[zones]]\nname = \"districts\"\nfile = \"" + file +
                                      "\"\nid = \"code\"\nlabel = \"nom\"\n"
                                      "attribution = \"© city\"");
  RunningSite running(
      "[[listener]]\nport = 0\n[map]\ntiles = \"https://tiles.example/{z}/{x}/{y}.png\"\n"
      "tiles_attribution = \"© tiles\"");
  CHECK(running.get("/api/plant").find("\"zones\":0") != std::string::npos);
  auto sets = places::read_zones(scenario);
  REQUIRE(sets);
  running.engine.zone_sets = *sets;
  CHECK(running.get("/api/plant").find("\"zones\":1") != std::string::npos);
  const auto told = running.ask("GET", "/api/zones");
  const auto zones = json::parse(told.body);
  REQUIRE(zones);
  CHECK(told.body.starts_with(
      R"({"zones":[{"name":"districts","attribution":"© city","entities":["districts:1"],)"
      R"("names":["Le Port"],"left_out":[],"geojson":{"type":"FeatureCollection")"));
  CHECK(told.body.ends_with(R"("tiles":{"url":"https://tiles.example/{z}/{x}/{y}.png",)"
                            R"("attribution":"© tiles"}})"));
  CHECK_FALSE(http::find_header(told.headers, "ETag").empty());
  CHECK(running.get("/api/zones/series") == R"({"series":[]})");
  SeriesInfo info;
  info.entity = "districts:1";
  info.attribute = "no2_1h_mean";
  running.engine.series().declare(info);
  CHECK(running.get("/api/zones/series").find("\"attribute\":\"no2_1h_mean\"") !=
        std::string::npos);
  // Pages may then show pictures of that host, and of no other.
  const auto page = running.ask("GET", "/");
  CHECK(http::find_header(page.headers, "Content-Security-Policy")
            .find("img-src 'self' data: https://tiles.example;") != std::string::npos);
}

TEST_CASE("what is measured just now is in the answers that tell of it") {
  RunningSite running;
  const auto ai = *json::parse(running.get("/api/ai"));
  CHECK(ai.find("model.version")->number() == 3);
  CHECK(ai.find("model.false_alarms.held_out_told")->number() == 5);
  CHECK(ai.find("model.false_alarms.held_out_episodes")->number() == 3);
  CHECK(ai.find("model.false_alarms.high")->number() == 1.25);
  const auto metrics = running.get("/metrics");
  CHECK(metrics.find("sosie_false_alarms_allowed_per_day 1\n") != std::string::npos);
  CHECK(metrics.find("sosie_false_alarms_held_out_per_day{bound=\"high\"} 1.25\n") !=
        std::string::npos);
  CHECK(ai.find("predictions")->number() == 288);
  CHECK(ai.find("latency.counts")->list()->size() ==
        ai.find("latency.buckets_s")->list()->size() + 1);
  CHECK(*ai.find("latency.p95_s")->number() > 3e-6);
  const auto system = *json::parse(running.get("/api/system"));
  CHECK(system.find("readings.taken")->number() == 1152);
  CHECK(*system.find("memory_bytes")->number() > 1e6);
  CHECK(system.find("sources.1.error")->text()->find("refused") == 0);
  CHECK(system.find("sources.1.troubles")->number() == 4);
  CHECK(system.find("sources.1.contested")->number() == 1);
  CHECK(system.find("notifiers.0.lag")->number() == 3);
  CHECK(*system.find("sinks.0.state")->text() == "waiting");
  CHECK(system.find("sinks.0.lag")->number() == 12);
  CHECK(system.find("sinks.0.last_success_ms")->number() > 1e12);
  CHECK(*system.find("store.bytes")->number() > 1000);
}

TEST_CASE("what is asked wrong is said") {
  struct Case {
    std::string_view method;
    std::string_view path;
    std::string_view body;
    int status;
    std::string_view description;
  };
  const Case cases[] = {
      {"GET", "/api/series/99", "", 404, "no series '99'"},
      {"GET", "/api/series/x/history", "", 404, "no series 'x'"},
      {"GET", "/api/series/0/history?from=yesterday", "", 400,
       "'from' is 'yesterday'; expected milliseconds since the epoch or ISO 8601"},
      {"GET", "/api/series/0/history?points=0", "", 400,
       "'points' is '0'; expected a whole number from 1 to 20000"},
      {"GET", "/api/series/0/history?from=2000&to=1000", "", 400, "'from' is after 'to'"},
      {"GET", "/api/findings?kind=flood", "", 400, "'kind' is 'flood'; expected sensor_failure"},
      {"GET", "/api/findings/99", "", 404, "no finding 99"},
      {"GET", "/api/findings/x", "", 400, "'id' is 'x'; expected a whole number"},
      {"GET", "/api/findings/99/cases", "", 404, "no finding 99"},
      {"POST", "/api/findings/1/answer", "{}", 400, "'right' is missing; expected true or false"},
      {"POST", "/api/findings/1/answer", R"({"right":1})", 400, "'right' is a number"},
      {"POST", "/api/findings/1/answer", R"({"right":true})", 400, "'who' is missing"},
      {"POST", "/api/findings/99/answer", R"({"right":true,"who":"Ana"})", 404, "no finding 99"},
      {"POST", "/api/findings/1/answer", R"({"right":true,"who":"Ana","kind":"flood"})", 400,
       "'kind' is 'flood'; expected sensor_failure"},
      {"GET", "/api/live?series=nothing", "", 404, "no series 'nothing'"},
      {"GET", "/api/devices?sort=weight", "", 400, "'sort' is 'weight'; expected name, alarm"},
      {"GET", "/api/devices?limit=0", "", 400, "'limit' is '0'"},
      {"GET", "/api/devices/truck-9", "", 404, "no device 'truck-9'"},
      {"GET", "/api/devices/index:99", "", 404, "no device 'index:99'"},
      {"GET", "/api/positions?since=-1", "", 400, "'since' is '-1'"},
      {"GET", "/api/map", "", 404, "the scenario has no [map]"},
      {"POST", "/api/alarms/7/acknowledge", "{}", 400, "'who' is missing"},
      {"POST", "/api/alarms/7/acknowledge", "{\"who\": 7}", 400,
       "'who' is a number; expected a text"},
      {"POST", "/api/alarms/7/acknowledge", "{\"who\"", 400, "not JSON"},
      {"POST", "/api/alarms/7/acknowledge", "[]", 400, "the body is a list; expected an object"},
      {"POST", "/api/alarms/8/acknowledge", "{\"who\": \"Ana\"}", 404, "no live alarm 8"},
      {"POST", "/api/alarms/7/shelve", "{\"who\": \"Ana\", \"minutes\": -5}", 400,
       "'minutes' is -5"},
      {"PUT", "/api/limits/2/high", "{\"who\": \"Ana\"}", 400, "'value' is missing"},
      {"PUT", "/api/limits/2/high", "{\"value\": \"7\", \"who\": \"Ana\"}", 400,
       "'value' is a text"},
      {"PUT", "/api/limits/2/high", "{\"value\": 7}", 400, "'who' is missing"},
      {"PUT", "/api/limits/2/low", "{\"value\": 7, \"who\": \"Ana\"}", 404, "no such"},
      {"PUT", "/api/rules/x", R"({"high": 1, "who": "Ana"})", 404,
       "there is no rule 'x'; the scenario has too much, quiet"},
      {"PUT", "/api/rules/quiet", R"({"high": 1, "who": "Ana"})", 400,
       "the rule 'quiet' is of kind silence; expected one of kind limit"},
      {"PUT", "/api/rules/too%20much", R"({"who": "Ana"})", 400, "'high' and 'low' are missing"},
      {"PUT", "/api/rules/too%20much", R"({"high": "7", "who": "Ana"})", 400,
       "'high' is a text; expected a number, or null"},
      {"PUT", "/api/rules/too%20much", R"({"low": 7, "who": "Ana"})", 400, "the rule has no 'low'"},
      {"PUT", "/api/rules/too%20much", R"({"high": 7})", 400, "'who' is missing"},
      {"POST", "/api/rules/try", "", 400, "the body has no [[rule]]"},
      {"POST", "/api/rules/try", "[[rule]", 400, "rules:1"},
      {"POST", "/api/rules/try", "[[rule]]\nname = 'a'\nkind = 'limit'\nseries = '*'", 400,
       "rules:1: 'high' and 'low' are missing"},
      {"POST", "/api/rules/try",
       "[[rule]]\nname = 'a'\nkind = 'geofence'\narea_file = '/etc/hosts'", 400,
       "rules:4: 'area_file' is not read from here"},
      {"POST", "/api/rules/try?from=2&to=1", "[[rule]]\nname = 'a'\nkind = 'silence'\nafter = '1m'",
       400, "'from' is after 'to'"},
      {"POST", "/api/simulator", "{\"sped\": 5}", 400, "'sped' cannot be set"},
      {"POST", "/api/simulator", "{\"weather\": \"hail\"}", 400, "no weather 'hail'"},
      {"POST", "/api/simulator/faults", "{}", 400, "'fault' is missing"},
      {"POST", "/api/simulator/faults", "{\"fault\": \"x\"}", 404, "no fault 'x'"},
      {"DELETE", "/api/simulator/faults/32", "", 404, "no fault 32 runs"},
      {"POST", "/api/simulator", R"({"setpoints": {"inflow": 1, "influx": 2}})", 404,
       "setpoint 'influx' where one of inflow was expected; did you mean 'inflow'?"},
      {"POST", "/api/simulator", R"({"setpoints": {"inflow": 7}})", 400,
       "setpoint inflow is 7 where 0 to 4 m3/h was expected"},
      {"POST", "/api/simulator", R"({"setpoints": {"inflow": "7"}})", 400,
       "setpoint 'inflow' is a text; expected a number"},
      {"POST", "/api/simulator", R"({"setpoints": [7]})", 400, "'setpoints' is a list"},
      {"POST", "/api/simulator/whatif", "{}", 400, "nothing is changed"},
      {"POST", "/api/simulator/whatif", R"({"houres": 24})", 400, "'houres' cannot be asked"},
      {"POST", "/api/simulator/whatif", R"({"weather": "wet", "hours": -1})", 400, "'hours' is -1"},
      {"POST", "/api/simulator/whatif", R"({"weather": "wet", "hours": 800})", 400,
       "800 hours ahead where 0.0167 (a step) to 744 were expected"},
      {"POST", "/api/simulator/whatif", R"({"faults": [3]})", 400, "'faults' has a number"},
      {"POST", "/api/simulator/whatif", R"({"faults": {"fault": "leak"}})", 400,
       "'faults' is an object; expected a list"},
      {"POST", "/api/simulator/whatif", R"({"faults": [{"fault": "lek"}]})", 404, "fault 'lek'"},
      {"POST", "/api/simulator/whatif", R"({"undo": ["x"]})", 400, "'undo' has a text"},
      {"POST", "/api/simulator/whatif", R"({"undo": [1.5]})", 400, "'undo' has 1.5"},
      {"POST", "/api/simulator/whatif", R"({"undo": [77]})", 404, "no fault 77 to undo; none runs"},
      {"POST", "/api/simulator/whatif", R"({"weather": "wet", "series": ["pH"]})", 404,
       "the plant has no series 'pH'"},
      {"POST", "/api/simulator/whatif", R"({"weather": "wet", "series": [999]})", 400,
       "'series' has a number; expected names of series"},
      {"GET", "/api/compliance/report?from=2026-02-30", "", 400,
       "'from': '2026-02-30' is no day; expected as 2026-11-30"},
      {"GET", "/api/compliance/report?from=yesterday", "", 400, "'from': 'yesterday' is no day"},
      {"GET", "/api/compliance/report?from=2026-11-20&to=2026-11-19", "", 400,
       "the period begins on 2026-11-20 and ends on 2026-11-19"},
      {"GET", "/api/compliance/report?from=2025-01-01&to=2026-11-19", "", 400,
       "2025-01-01 to 2026-11-19 are 688 days; expected at most 366"},
      {"GET", "/api/compliance/report?format=pdf", "", 400,
       "'format' is 'pdf'; expected one of html, csv, json"},
      {"GET", "/api/compliance/report?lang=de", "", 400, "'lang' is 'de'"},
      {"DELETE", "/api/plant", "", 405, "'/api/plant' does not take DELETE; expected GET, HEAD"},
      {"GET", "/api/nothing", "", 404, "nothing is at '/api/nothing'"},
  };
  RunningSite running;
  for (const auto& c : cases) {
    CAPTURE(c.path);
    CAPTURE(c.body);
    const auto answer = running.ask(std::string(c.method), c.path, std::string(c.body));
    CHECK(answer.status == c.status);
    const auto body = json::parse(answer.body);
    REQUIRE(body);
    CHECK(body->find("error")->text() != nullptr);
    CHECK(body->find("description")->text()->find(c.description) == 0);
  }
}

TEST_CASE("a port that is taken: the next one, and the engine is told") {
  RunningSite first;
  const auto address = first.address();
  const auto taken = address.substr(address.rfind(':') + 1);
  RunningSite second(fmt::format("[[listener]]\nport = {}", taken), 20);
  const auto other = second.address();
  REQUIRE(second.engine.moved.size() == 1);
  CHECK(fmt::format("{}", second.engine.moved.begin()->first) == taken);
  CHECK(other.ends_with(fmt::format(":{}", second.engine.moved.begin()->second)));
  CHECK(first.engine.moved.empty());
}

TEST_CASE("a report of compliance, to be printed, kept and read by programs") {
  RunningSite running;
  const auto page = running.ask("GET", "/api/compliance/report?from=2026-11-18&to=2026-11-20");
  REQUIRE(page.status == 200);
  CHECK(http::find_header(page.headers, "Content-Type") == "text/html; charset=utf-8");
  CHECK(http::find_header(page.headers, "Content-Security-Policy").find("script-src 'sha256-") !=
        std::string_view::npos);
  testing::check_golden("web/golden/compliance_report.html", page.body);
  const auto french = running.get("/api/compliance/report?from=2026-11-18&to=2026-11-20&lang=fr");
  CHECK(french.find("Rapport de conformité : Station de démonstration") != std::string::npos);
  CHECK(french.find("91/271/CEE") != std::string::npos);
  const auto csv =
      running.ask("GET", "/api/compliance/report?from=2026-11-18&to=2026-11-20&format=csv");
  CHECK(http::find_header(csv.headers, "Content-Disposition") ==
        "attachment; filename=\"compliance-demo-2026-11-20.csv\"");
  testing::check_golden("web/golden/compliance_report.csv", csv.body);
  const auto told =
      *json::parse(running.get("/api/compliance/report?from=2026-11-18&to=2026-11-20&format=json"));
  CHECK(*told.find("verdict")->text() == "compliant");
  CHECK(told.find("samples_asked_a_year")->number() == 24);
  CHECK(told.find("parameters.1.taken")->number() == 1);
  CHECK(*told.find("parameters.1.days.0.day")->text() == "2026-11-19");
  CHECK(*told.find("parameters.1.not_measured.0")->text() == "2026-11-18");
  CHECK(told.find("parameters.0.ok")->is_null());
  // Without a period: since the first reading, and to now.
  const auto whole = *json::parse(running.get("/api/compliance/report?format=json"));
  CHECK(*whole.find("from")->text() == "2026-11-18");
  CHECK(*whole.find("to")->text() == "2026-11-20");
}

TEST_CASE("endpoints are mounted, and writers to InfluxDB find what they ask for") {
  RunningSite running;
  CHECK(running.ask("POST", "/api/plain?a=1", "E").body ==
        R"({"path":"/api/plain","query":"a=1"})");
  CHECK(running.engine.memory().readings.size() == 1);
  const auto behind = running.ask("POST", "/api/plain", "full");
  CHECK(behind.status == 429);
  CHECK(http::find_header(behind.headers, "Retry-After") == "2");
  CHECK(running.ask("GET", "/ping").status == 204);
  CHECK(running.get("/query?q=create+database+%22telegraf%22") == R"({"results":[{}]})");
  CHECK(running.ask("POST", "/query?q=SHOW+DATABASES").status == 400);
}

TEST_CASE("health is 503 when something is wrong") {
  RunningSite running;
  running.engine.sickness = "the disk is full";
  const auto answer = running.ask("GET", "/health");
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"status":"the disk is full"})");
}

/// Of "name{labels} value" lines, those of one family, in order.
std::vector<std::string> samples(const std::string& text, std::string_view family) {
  std::vector<std::string> found;
  for (const auto line : split(text, '\n')) {
    if (line.starts_with(family) && (line.substr(family.size()).starts_with('{') ||
                                     line.substr(family.size()).starts_with(' '))) {
      found.emplace_back(line);
    }
  }
  return found;
}

TEST_CASE("metrics are in Prometheus's format, under their own names, at both ports") {
  RunningSite running(with_metrics_port);
  const auto answer = running.ask("GET", "/metrics");
  CHECK(http::find_header(answer.headers, "Content-Type") ==
        "text/plain; version=0.0.4; charset=utf-8");
  const auto& text = answer.body;
  using Lines = std::vector<std::string>;
  CHECK(
      samples(text, "station_demo_dco_current") ==
      Lines{
          R"(station_demo_dco_current{sensor_id="IN",process_stage="outlet",location="plant outlet"} 640)",
          R"(station_demo_dco_current{sensor_id="OUT",process_stage="outlet",location="plant outlet"} 36)"});
  CHECK(samples(text, "station_demo_ph_current").empty());
  CHECK(samples(text, "station_demo_total_sensors") == Lines{"station_demo_total_sensors 5"});
  CHECK(samples(text, "station_demo_anomalies_total") == Lines{"station_demo_anomalies_total 2"});
  CHECK(samples(text, "station_demo_compliance_score") ==
        Lines{"station_demo_compliance_score 100"});
  CHECK(samples(text, "station_demo_treatment_efficiency_percent") ==
        Lines{"station_demo_treatment_efficiency_percent 94.375"});
  CHECK(samples(text, "edge_ai_predictions_total") == Lines{"edge_ai_predictions_total 288"});
  CHECK(samples(text, "edge_ai_anomalies_detected_total") ==
        Lines{"edge_ai_anomalies_detected_total 2"});
  CHECK(samples(text, "edge_ai_model_accuracy").size() == 1);
  CHECK(samples(text, "edge_ai_throughput_per_second").size() == 1);
  CHECK(samples(text, "edge_ai_prediction_latency_seconds_count") ==
        Lines{"edge_ai_prediction_latency_seconds_count 2"});
  CHECK(samples(text, "edge_ai_prediction_latency_seconds_bucket").back() ==
        R"(edge_ai_prediction_latency_seconds_bucket{le="+Inf"} 2)");
  CHECK(samples(text, "sosie_source_up") ==
        Lines{R"(sosie_source_up{source="plant",kind="simulator"} 1)",
              R"(sosie_source_up{source="mqtt",kind="mqtt"} 0)"});
  for (const std::string_view figure :
       {"trouble_total 4", "refused_total 2", "contested_total 1"}) {
    const auto blank = figure.find(' ');
    const auto name = fmt::format("sosie_source_{}", figure.substr(0, blank));
    CHECK(samples(text, name) ==
          Lines{fmt::format(R"({}{{source="plant",kind="simulator"}} 0)", name),
                fmt::format(R"({}{{source="mqtt",kind="mqtt"}}{})", name, figure.substr(blank))});
  }
  CHECK(samples(text, "sosie_healthy") == Lines{"sosie_healthy 1"});

  const auto second = running.site().addresses().at(1);
  CHECK(http::fetch({.url = second + "/metrics"})->status == 200);
  CHECK(http::fetch({.url = second + "/health"})->status == 200);
  CHECK(http::fetch({.url = second + "/api/plant"})->status == 404);
}

TEST_CASE("metrics pass Prometheus's own check") {
  RunningSite running;
  const sosie::testing::TempDir folder;
  const auto file = folder.write("metrics.txt", running.get("/metrics"));
  CHECK(sosie::testing::run({"sh", "-c", "promtool check metrics < " + file}) == 0);
}

TEST_CASE("a site's keys are checked before anything is opened") {
  const auto wrong = [](std::string_view toml) {
    Catalog catalog;
    auto scenario = *Section::read_text(toml);
    const auto made = Site::create(scenario, catalog, {});
    return made ? std::string() : made.error().what;
  };
  CHECK(wrong("") == "");
  CHECK(wrong("[[listener]]\naddress = \"0.0.0.0\"").find("can be reached from outside") !=
        std::string::npos);
  CHECK(wrong("[map]\nfile = \"/nowhere\"").find("cannot be read") != std::string::npos);
  CHECK(wrong("[map]\nfil = \"x\"").find("file") != std::string::npos);
  const std::string tiles = "[map]\ntiles_attribution = \"me\"\ntiles = ";
  CHECK(wrong(tiles + "\"https://a.example/{z}/{x}/{y}.png\"") == "");
  CHECK(wrong(tiles + "\"https://a.example/{z}/{x}.png\"").find("{y}") != std::string::npos);
  CHECK(wrong(tiles + "\"https://a;b/{z}/{x}/{y}.png\"").find("tiles") != std::string::npos);
  CHECK(wrong("[map]\ntiles = \"https://a/{z}/{x}/{y}.png\"").find("whose pictures") !=
        std::string::npos);
  CHECK(wrong("[[endpoint]]\nkind = \"ftp\"").find("ftp") != std::string::npos);
}

}  // namespace
}  // namespace sosie::web
