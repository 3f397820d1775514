#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/endpoint.h"
#include "engine/model_desk.h"
#include "simulation/toy_tank_test.h"
#include "simulation/what_if.h"
#include "testing/memory_intake.h"
#include "testing/server.h"
#include "web/site.h"
#include "wire/http/client.h"

namespace sosie::web {

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
                       .told = 5,
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

}  // namespace sosie::web
