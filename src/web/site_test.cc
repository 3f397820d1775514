#include "web/site.h"

#include <algorithm>
#include <array>
#include <semaphore>
#include <thread>

#include <doctest/doctest.h>

#include "base/text.h"
#include "core/endpoint.h"
#include "engine/model_desk.h"
#include "simulation/toy_tank_test.h"
#include "simulation/what_if.h"
#include "testing/golden.h"
#include "testing/memory_intake.h"
#include "testing/server.h"
#include "web/describe.h"
#include "web/live_feed.h"
#include "web/pulse.h"
#include "wire/http/client.h"
#include "wire/json/value.h"

namespace sosie::web {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp now = *from_iso8601("2026-11-20T12:00:00Z");

/// A simulator that remembers what it was asked.
class AskedSimulator final : public Simulator {
 public:
  void labels_to(LabelSink& /*sink*/) override {}
  Status status() const override {
    Status status;
    status.plant = "wastewater";
    status.seed = 42;
    status.speed = speed;
    status.weather = "rain";
    status.weather_set = weather;
    status.weathers = {"auto", "dry", "rain"};
    status.fault_rate = rate;
    status.setpoints = tank.setpoints();
    status.types = {{"stuck", Kind::sensor_failure, {"stuck", "bloqué"}, {}, "h", 1, 5}};
    return status;
  }
  Result<void> set_speed(double to) override {
    if (to < 0) return Error{Errc::invalid, "speed is below 0"};
    speed = to;
    return {};
  }
  Result<void> set_weather(const std::string& to) override {
    if (to == "hail") return Error{Errc::invalid, "no weather 'hail'"};
    weather = to;
    return {};
  }
  Result<void> set_fault_rate(double to) override {
    rate = to;
    return {};
  }
  Result<std::uint64_t> inject(const FaultOrder& order) override {
    if (order.fault != "stuck") {
      return Error{Errc::not_found, fmt::format("no fault '{}'", order.fault)};
    }
    orders.push_back(order);
    return 31;
  }
  Result<void> cancel(std::uint64_t label) override {
    if (label != 31) return Error{Errc::not_found, fmt::format("no fault {} runs", label)};
    return {};
  }
  Result<void> set_setpoint(const std::string& name, double value) override {
    return tank.set_setpoint(name, value);
  }
  Result<std::unique_ptr<Plant>> fork() const override { return sosie::fork(tank); }
  Result<std::unique_ptr<Plant>> revive(std::optional<std::string_view> /*remembered*/,
                                        Timestamp /*at*/) const override {
    return Error{Errc::unsupported, "not asked for here"};
  }

  double speed = 1;
  double rate = 0.02;
  std::string weather = "auto";
  std::vector<FaultOrder> orders;
  ToyTank tank;
};

std::vector<rules::Rule> two_rules() {
  auto section = Section::read_text(
                     "[[rule]]\nname = 'too much'\nkind = 'limit'\nseries = '*.dco'\nhigh = 100\n"
                     "deadband = 5\n[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '1m'\n",
                     "rules")
                     .value();
  return rules::RuleSet::read(section).value().rules;
}

/// What the pages can be shown: two days of five sensors, a finding that is over and one that is
/// not, a label, an alarm.
class SmallEngine final : public Engine {
 public:
  SmallEngine();

  void listener_moved(int from_port, int to_port) override { moved[from_port] = to_port; }
  Result<void> start() override { return {}; }
  void stop() override {}
  void wait_until_done(const std::stop_token& /*stop*/) override {}
  const ScenarioInfo& scenario() const override { return info_; }
  const Zone& zone() const override { return zone_; }
  SeriesTable& series() override { return intake_.table; }
  std::vector<Stage> stages() const override {
    return {{"outlet", {"Outlet", "Sortie"}, {SeriesId{1}, SeriesId{2}}}};
  }
  const Latest& latest() const override { return latest_; }
  Store& store() override { return *store_; }
  Clock& clock() override { return intake_.clock(); }
  Intake& intake() override { return intake_; }
  DocumentRoad& documents() override { return road_; }
  CaseDesk& cases() override { return *cases_; }
  ModelDesk& models() override { return *models_; }
  void listen(CommitListener& /*listener*/) override {}
  void unlisten(CommitListener& /*listener*/) override {}
  Simulator* simulator() override { return simulated ? &asked : nullptr; }
  const std::optional<ComplianceConfig>& compliance() const override { return compliance_; }
  const places::ZoneSets& zones() const override { return zone_sets; }
  std::vector<Alarm> live_alarms(std::size_t) const override { return {alarm_}; }
  AlarmCounts alarm_counts() const override {
    AlarmCounts counts;
    counts.by_priority[1] = {1, 0};
    return counts;
  }
  std::optional<Alarm> newest_alarm() const override { return alarm_; }
  std::size_t open_findings() const override { return 1; }
  Result<Alarm> acknowledge(std::uint64_t alarm, const std::string& who,
                            const std::string& comment) override;
  Result<Alarm> shelve(std::uint64_t alarm, const std::string& who, const std::string& comment,
                       Duration lasts) override;
  Result<Alarm> unshelve(std::uint64_t alarm, const std::string& who) override;
  std::shared_ptr<const NormalProfile> profile() const override { return nullptr; }
  ModelCard model() const override;
  std::vector<SeriesLimit> limits() const override {
    return {{SeriesId{2}, "high_high", 125, Priority::high, {}},
            {SeriesId{2}, "high", 100, Priority::medium, {}}};
  }
  Result<SeriesLimit> set_limit(SeriesId series, const std::string& name,
                                std::optional<double> value, const std::string& who,
                                const std::string& /*comment*/) override {
    if (series != SeriesId{2} || name != "high") return Error{Errc::not_found, "no such limit"};
    if (who.empty()) return Error{Errc::invalid, "'who' is missing: the name of a person"};
    changes_.push_back({series, name, 100, value.value_or(100), !value, now, who, ""});
    return SeriesLimit{series, "high", value.value_or(100), Priority::medium,
                       value ? std::optional(100.0) : std::nullopt};
  }
  std::vector<LimitChange> limit_log() const override { return changes_; }
  std::vector<RuleInForce> rules() const override { return rules_.rules(); }
  Result<RuleInForce> move_rule(const RuleMove& move) override {
    const auto change = TRY(rules_.move(move, now, now));
    return rules_.rule(change.rule);
  }
  std::vector<RuleChange> rule_log() const override { return rules_.log(); }
  const Statistics& statistics() const override { return statistics_; }
  std::vector<SourceStatus> sources() const override {
    return {{"plant", "simulator", "running", 1440, 0, ""},
            {"mqtt", "mqtt", "waiting", 0, 2, "refused", {}, 0, 4, 1}};
  }
  std::vector<NotifierStatus> notifiers() const override { return {{"hook", 3, "timeout"}}; }
  std::vector<SinkStatus> sinks() const override {
    return {{"mongo", "mongodb", "waiting", 12, 7, 1, Timestamp(std::chrono::hours(498'000)),
             "no server answers"}};
  }
  std::vector<OperatorStatus> operators() const override { return {}; }
  std::vector<QueueStatus> queues() const override { return {{"lane", 1, 64}}; }
  Versions versions() const override { return versions_now; }
  std::string health() const override { return sickness.empty() ? "ok" : sickness; }

  /// A newer value of a series, as the lane would put it.
  void put(SeriesId series, double value, Duration after_now);
  sosie::testing::MemoryIntake& memory() { return intake_; }

  AskedSimulator asked;
  Versions versions_now{41, 17, 3};
  std::string sickness;
  bool simulated = true;
  places::ZoneSets zone_sets;
  std::map<int, int> moved;  ///< ports, from and to

 private:
  void declare();
  void fill();

  sosie::testing::TempDir folder_;
  sosie::testing::MemoryIntake intake_;
  Zone zone_;
  ScenarioInfo info_;
  std::optional<ComplianceConfig> compliance_;
  std::unique_ptr<Store> store_;
  std::vector<LimitChange> changes_;
  RuleLimitBook rules_{two_rules()};
  Latest latest_;
  Statistics statistics_;
  BoundedQueue<Parcel> lane_{1};
  DurableMark durable_;
  DocumentRoad road_{lane_,       durable_,        intake_.table,
                     statistics_, intake_.clock(), std::chrono::hours(1)};
  std::optional<CaseDesk> cases_;
  std::optional<ModelDesk> models_;
  Alarm alarm_;
};

SmallEngine::SmallEngine() : intake_(now), zone_(*Zone::find("Europe/Paris")) {
  info_.name = "demo";
  info_.title = {"Demo plant", "Station de démonstration"};
  info_.asset = "demo";
  info_.zone_name = "Europe/Paris";
  info_.threshold = -0.1;
  info_.confidence = 0.75;
  auto scenario = Section::read_text(R"(
[compliance]
population_equivalent = 125000
[compliance.inlet]
flow = "FIT-1"
COD = "IN"
[compliance.outlet]
COD = "OUT"
[compliance.energy]
powers = ["JIT-1"]
)");
  compliance_ = *ComplianceConfig::read(*scenario);
  auto opened = Store::open({.path = folder_.file("demo.db")}, intake_.table);
  REQUIRE(opened);
  store_ = std::move(*opened);
  cases_.emplace(*store_, road_, intake_.clock());
  models_.emplace(ModelDesk::Config(),
                  Training{.make_detectors = {}, .zone = zone_, .diagnosis = {}},
                  ModelDesk::Context{.store = *store_,
                                     .series = intake_.table,
                                     .latest = latest_,
                                     .clock = intake_.clock(),
                                     .statistics = statistics_,
                                     .cases = *cases_,
                                     .card = [this] { return model(); },
                                     .profile = [] { return nullptr; },
                                     .alarms = [this] { return std::vector{alarm_}; },
                                     .order = [](const ModelOrder&) { return false; }});
  declare();
  fill();
}

void SmallEngine::declare() {
  const auto add = [&](const char* entity, const char* attribute, SharedWords quantity,
                       const char* unit, double high) {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    info.asset = "demo";
    info.stage = "outlet";
    info.quantity = std::move(quantity);
    info.location = "plant outlet";
    info.unit = unit;
    info.low = 0;
    info.high = high;
    intake_.declare(info);
  };
  add("FIT-1", "debit", {"flow", "débit"}, "m3/h", 6000);
  add("IN", "dco", {"COD", "DCO"}, "mg/L", 1500);
  add("OUT", "dco", {"COD", "DCO"}, "mg/L", 200);
  add("JIT-1", "puissance", {"power", "puissance"}, "kW", 500);
  SeriesInfo silent;
  silent.entity = "AIT-9";
  silent.attribute = "ph";
  silent.asset = "demo";
  intake_.declare(silent);
}

void SmallEngine::fill() {
  constexpr std::array<double, 4> level{1000, 640, 36, 125};
  std::vector<Reading> readings;
  for (auto at = now - hours(48); at < now; at += minutes(10)) {
    for (std::uint32_t i = 0; i < level.size(); ++i) {
      readings.push_back({.at = at, .value = level.at(i), .series = {i}});
    }
  }
  for (std::uint32_t i = 0; i < level.size(); ++i) put({i}, level.at(i), minutes(-10));

  Finding over;
  over.id = 1;
  over.asset = "demo";
  over.kind = Kind::sensor_failure;
  over.second = Kind::sensor_drift;
  over.score = 0.93;
  over.confidence = 0.88;
  over.forest_score = -0.14;
  over.onset = now - hours(3);
  over.detected = now - hours(3) + minutes(1);
  over.closed = now - hours(2);
  over.suspects = {{{2}, 0.75, -0.83, 36, 40, 35, 45}, {{1}, 0.25, 0.1, 640, 641, 600, 700}};
  over.evidence = {{"stuck", SymptomKind::stuck, SeriesId{2}, 1, now - hours(3), false},
                   {"forest", SymptomKind::multivariate, std::nullopt, 0.6, now - hours(3), false}};
  over.sentence = {"OUT stands still.", "OUT ne bouge plus."};
  Finding open;
  open.id = 2;
  open.asset = "demo";
  open.kind = Kind::pollution_peak;
  open.onset = open.detected = now - minutes(20);
  open.suspects = {{{1}, 1, 0, 900, 640, 600, 700}};
  const std::vector<FindingEvent> findings{{FindingEvent::What::closed, over},
                                           {FindingEvent::What::opened, open}};

  alarm_.id = 7;
  alarm_.condition = "pollution_peak/IN";
  alarm_.asset = "demo";
  alarm_.series = SeriesId{1};
  alarm_.finding = 2;
  alarm_.priority = Priority::high;
  alarm_.message = {"COD peak", "pic de DCO"};
  alarm_.raised = now - minutes(20);
  const std::vector<AlarmEvent> alarms{{AlarmEvent::What::raised, alarm_.raised, "", "", alarm_}};

  Label label;
  label.id = 5;
  label.asset = "demo";
  label.kind = Kind::sensor_failure;
  label.scenario = "stuck";
  label.direct = {"OUT.dco"};
  label.start = now - hours(3);
  label.end = now - hours(2);
  label.over = true;
  label.size = 1;
  label.text = {"OUT stuck", "OUT bloqué"};
  const std::vector<Label> labels{label};
  const std::vector<Refusal> refusals{{"http", "'value' is missing", "{}", "item 0"}};
  Commit commit;
  commit.readings = readings;
  commit.findings = findings;
  commit.alarms = alarms;
  commit.labels = labels;
  commit.refusals = refusals;
  commit.at = now;
  const auto appended = store_->append({&commit, 1});
  CAPTURE((appended ? std::string() : appended.error().what));
  REQUIRE(appended);
  statistics_.readings_taken = readings.size();
  statistics_.findings_opened = 2;
  statistics_.predictions = 288;
  statistics_.newest_us = (now - minutes(10)).time_since_epoch().count();
  statistics_.prediction.add(3e-6);
  statistics_.prediction.add(30e-6);
}

void SmallEngine::put(SeriesId series, double value, Duration after_now) {
  latest_.put({.at = now + after_now, .value = value, .series = series});
}

ModelCard SmallEngine::model() const {
  ModelCard card;
  card.trained = true;
  card.progress = 1;
  card.version = 3;
  card.trained_at = card.to = now - hours(24);
  card.from = now - hours(48);
  card.frames = 17280;
  card.seed = 42;
  card.detectors = {"forest", "limits"};
  card.false_alarms = {.allowed_per_day = 1,
                       .episodes = 3,
                       .days = 7,
                       .per_day = 3.0 / 7,
                       .low = 0.09,
                       .high = 1.25};
  return card;
}

Result<Alarm> SmallEngine::acknowledge(std::uint64_t alarm, const std::string& who,
                                       const std::string& comment) {
  if (alarm != alarm_.id) return Error{Errc::not_found, fmt::format("no live alarm {}", alarm)};
  if (alarm_.acknowledged) return Error{Errc::invalid, "it is acknowledged already"};
  alarm_.acknowledged = now;
  alarm_.acknowledged_by = who;
  alarm_.comment = comment;
  return alarm_;
}

Result<Alarm> SmallEngine::shelve(std::uint64_t /*alarm*/, const std::string& /*who*/,
                                  const std::string& comment, Duration lasts) {
  alarm_.shelved_until = now + lasts;
  alarm_.comment = comment;
  return alarm_;
}

Result<Alarm> SmallEngine::unshelve(std::uint64_t /*alarm*/, const std::string& /*who*/) {
  alarm_.shelved_until.reset();
  return alarm_;
}

/// Takes "name value" lines; "full" is an engine that is behind.
class PlainEndpoint final : public Endpoint {
 public:
  std::vector<std::string> paths() const override { return {"/api/plain"}; }
  PostReply post(Intake& intake, const PostedBody& request) override {
    if (request.body == "full") return {429, R"({"error":"unavailable"})", 2};
    const auto id = intake.series(request.body, "x");
    const Reading reading{.at = now, .value = 1, .series = *id};
    intake.put(std::span(&reading, 1), "plain");
    return {200, fmt::format(R"({{"path":"{}","query":"{}"}})", request.path, request.query), 0};
  }
};

/// A site of a SmallEngine at a free port.
class RunningSite {
 public:
  explicit RunningSite(std::string_view toml = "[[listener]]\nport = 0", int attempts = 1) {
    Catalog catalog;
    catalog.add<Endpoint>("plain", [](Section&) -> Result<std::unique_ptr<Endpoint>> {
      return std::make_unique<PlainEndpoint>();
    });
    auto scenario = Section::read_text(toml);
    REQUIRE(scenario);
    auto made = Site::create(*scenario, catalog,
                             {.version = "0.1.0", .started = now, .attempts = attempts});
    CAPTURE((made ? std::string() : made.error().what));
    REQUIRE(made);
    site_ = std::move(*made);
    const auto opened = site_->open(engine);
    CAPTURE((opened ? std::string() : opened.error().what));
    REQUIRE(opened);
    const auto started = site_->start();
    CAPTURE((started ? std::string() : started.error().what));
    REQUIRE(started);
  }
  ~RunningSite() { site_->stop(); }
  RunningSite(const RunningSite&) = delete;
  RunningSite& operator=(const RunningSite&) = delete;

  http::Response ask(std::string method, std::string_view path, std::string body = "") {
    auto answer = http::fetch({.method = std::move(method),
                               .url = site_->addresses().at(0) + std::string(path),
                               .body = std::move(body)});
    CAPTURE((answer ? std::string() : answer.error().what));
    REQUIRE(answer);
    return *answer;
  }
  std::string address() const { return site_->addresses().at(0); }
  std::string get(std::string_view path) { return ask("GET", path).body; }
  Site& site() { return *site_; }

  SmallEngine engine;

 private:
  std::unique_ptr<Site> site_;
};

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

/// What a feed sends, one event at a time.
class Events {
 public:
  explicit Events(LiveFeed& feed, std::optional<std::vector<SeriesId>> series = {})
      : stream(feed.subscribe(std::move(series))) {
    stream->on_change([this] { rung_.release(); });
  }
  ~Events() { stream->on_change({}); }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// The next event of that name, as JSON; waits for it.
  json::Value next(std::string_view name) {
    for (;;) {
      text_ += stream->take();
      const auto end = text_.find("\n\n");
      if (end == std::string::npos) {
        REQUIRE_FALSE(stream->is_closed());
        rung_.acquire();
        continue;
      }
      const auto event = text_.substr(0, end);
      text_.erase(0, end + 2);
      if (!event.starts_with(fmt::format("event: {}\n", name))) continue;
      return *json::parse(std::string_view(event).substr(event.find("data: ") + 6));
    }
  }

  std::shared_ptr<EventStream> stream;

 private:
  std::counting_semaphore<> rung_{0};
  std::string text_;
};

TEST_CASE("a page is told everything once, and then what changes") {
  SmallEngine engine;
  Pulse pulse;
  LiveFeed feed(engine, pulse, [] { return std::uint64_t{3}; });
  Events page(feed, std::vector{SeriesId{2}, SeriesId{4}});
  feed.start();
  const auto first = page.next("values");
  CHECK(first.find("v")->list()->size() == 2);
  CHECK(first.find("v.0.0")->number() == 2);
  CHECK(first.find("v.0.1")->number() == 36);
  CHECK(first.find("v.1.1")->is_null());
  const auto status = page.next("status");
  CHECK(status.find("now_ms")->number() ==
        static_cast<double>(now.time_since_epoch().count()) / 1000);
  CHECK(*status.find("newest.priority")->text() == "high");
  CHECK(status.find("alarms.high.0")->number() == 1);
  CHECK(status.find("versions.alarms")->number() == 41);
  CHECK(*status.find("simulated")->flag());

  engine.put({2}, 37, minutes(1));
  const auto second = page.next("values");
  CHECK(second.find("v")->list()->size() == 1);
  CHECK(second.find("v.0.1")->number() == 37);
  CHECK(feed.pages() == 1);
  page.stream->close();
  while (feed.pages() > 0) std::this_thread::yield();
  feed.stop();
}

TEST_CASE("a page is connected over HTTP, and let go when the site stops") {
  RunningSite running;
  const auto all = http::fetch({.url = running.site().addresses().at(0) + "/api/live?series=all",
                                .timeout = std::chrono::milliseconds(300)});
  REQUIRE_FALSE(all);  // it never ends by itself
  CHECK(all.error().code == Errc::timeout);
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
