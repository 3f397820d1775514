#include "engine/sink_runner.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <thread>

#include <doctest/doctest.h>

#include "base/log.h"
#include "testing/server.h"

namespace sosie {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Timestamp monday = Timestamp(seconds(1'795'392'000));
constexpr auto patience = seconds(30);

/// What came out. Outlives the runner and its sink.
struct Shore {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<SinkReading> readings;
  std::vector<AlarmEvent> steps;
  std::vector<FindingEvent> findings;
  bool is_down = false;
  int tries = 0;
  double refused_value = -1;
  bool are_steps_held = false;
  std::uint64_t left_out_each = 0;  ///< of a batch
  std::function<void()> on_steps = [] {};
  std::function<void(int)> on_take = [](int) {};  ///< with the number of batches taken before

  template <class Condition>
  bool wait(const Condition& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, patience, condition);
  }
  void set_held(bool held) {
    const std::scoped_lock lock(mutex);
    are_steps_held = held;
  }
  void set_down(bool down) {
    const std::scoped_lock lock(mutex);
    is_down = down;
  }
  int tried() {
    const std::scoped_lock lock(mutex);
    return tries;
  }
};

class Recorder final : public Sink {
 public:
  explicit Recorder(Shore& shore) : shore_(shore) {}

  Result<std::vector<SinkRefusal>> take(std::span<const SinkReading> readings,
                                        const SeriesTable&) override {
    const std::scoped_lock lock(shore_.mutex);
    shore_.changed.notify_all();
    ++shore_.tries;
    if (shore_.is_down) return Error{Errc::unavailable, "nobody there"};
    shore_.on_take(batches_++);
    std::vector<SinkRefusal> refused;
    for (const auto& one : readings) {
      if (one.reading.value == shore_.refused_value) {
        refused.push_back({"not this one", "sample", "shore"});
      } else {
        shore_.readings.push_back(one);
      }
    }
    left_out_ += shore_.left_out_each;
    return refused;
  }
  Result<std::vector<SinkRefusal>> take(std::span<const AlarmEvent> steps,
                                        const SeriesTable&) override {
    const std::scoped_lock lock(shore_.mutex);
    shore_.changed.notify_all();
    if (shore_.is_down) return Error{Errc::unavailable, "nobody there"};
    if (shore_.are_steps_held) return Error{Errc::invalid, "not these"};
    shore_.steps.insert(shore_.steps.end(), steps.begin(), steps.end());
    std::exchange(shore_.on_steps, [] {})();
    return std::vector<SinkRefusal>();
  }
  bool wants_findings() const override { return true; }
  bool minds_newest() const override { return true; }
  std::uint64_t left_out() const override { return left_out_; }
  Result<std::vector<SinkRefusal>> take_findings(std::span<const FindingEvent> findings,
                                                 const SeriesTable&) override {
    const std::scoped_lock lock(shore_.mutex);
    shore_.changed.notify_all();
    if (shore_.is_down) return Error{Errc::unavailable, "nobody there"};
    shore_.findings.insert(shore_.findings.end(), findings.begin(), findings.end());
    return std::vector<SinkRefusal>();
  }

 private:
  Shore& shore_;
  int batches_ = 0;
  std::uint64_t left_out_ = 0;
};

/// A store that one sink, "r", follows.
class Fixture {
 public:
  explicit Fixture(std::int64_t room = 100'000'000) {
    log::set_level(log::Level::off);
    StoreOptions options;
    options.path = folder.file("a.db");
    options.feed_readers = {"r"};
    options.feed_max_bytes = room;
    auto opened = Store::open(options, table);
    REQUIRE(opened);
    store = std::move(*opened);
    for (const char* name : {"S", "T"}) {
      SeriesInfo info;
      info.entity = name;
      info.attribute = "value";
      table.declare(info);
    }
    doors.emplace(DoorContext{table, lane, durable, clock, *store, statistics, stopping.get_token(),
                              "asset", false, std::chrono::hours(1)});
  }
  ~Fixture() { log::set_level(log::Level::info); }

  void start(bool early = false) {
    NamedSink named;
    named.name = "r";
    named.early = early;
    named.kind = "recorder";
    named.sink = std::make_unique<Recorder>(shore);
    runner = std::make_unique<SinkRunner>(
        std::move(named), *store, *doors, [this] { return limits; }, pace,
        [this] { return may_tell.load(); });
    runner->start();
  }
  void stop() {
    runner->join();
    runner.reset();
  }

  void append(std::span<const Reading> readings, std::span<const AlarmEvent> alarms = {}) {
    const Commit commit{.readings = readings, .alarms = alarms};
    REQUIRE(store->append({&commit, 1}));
    if (runner) runner->committed({});
  }
  /// One a second, `a_commit` in each transaction; the value is the second.
  void append_seconds(int from, int to, int a_commit) {
    std::vector<Reading> batch;
    for (int i = from; i < to; ++i) {
      batch.push_back({monday + seconds(i), static_cast<double>(i), {0}});
      if (static_cast<int>(batch.size()) < a_commit && i + 1 < to) continue;
      append(batch);
      batch.clear();
    }
  }

  testing::TempDir folder;
  SeriesTable table;
  std::unique_ptr<Store> store;
  BoundedQueue<Parcel> lane{16};
  DurableMark durable;
  ManualClock clock{monday};
  Statistics statistics;
  std::stop_source stopping;
  std::optional<DoorContext> doors;
  std::vector<SeriesLimit> limits;
  SinkRunner::Pace pace{.split_above = 10'000,
                        .first_pause = milliseconds(1),
                        .longest_pause = milliseconds(5),
                        .at_stop = seconds(3)};
  std::atomic<bool> may_tell{true};
  Shore shore;
  std::unique_ptr<SinkRunner> runner;
};

TEST_CASE("a sink gets all that is committed, in order, and goes on where it was") {
  Fixture fixture;
  auto& got = fixture.shore.readings;
  fixture.start();
  fixture.append_seconds(0, 2500, 100);
  REQUIRE(fixture.shore.wait([&] { return got.size() == 2500; }));
  fixture.stop();
  fixture.append_seconds(2500, 2600, 7);
  fixture.start();
  fixture.append_seconds(2600, 2700, 1);
  REQUIRE(fixture.shore.wait([&] { return got.size() >= 2700; }));
  fixture.stop();
  REQUIRE(got.size() == 2700);
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(got[i].reading.value == static_cast<double>(i));
}

TEST_CASE("a sink that has nothing to take runs, and has not had a success yet") {
  Fixture fixture;
  fixture.start();
  const auto end = stopwatch() + patience;
  while (fixture.runner->status().state == "starting" && stopwatch() < end) {
    std::this_thread::yield();
  }
  const auto idle = fixture.runner->status();
  CHECK(idle.state == "running");
  CHECK(idle.lag == 0);
  CHECK_FALSE(idle.last_success);
}

TEST_CASE("a sink that is down at the start: said, tried again, nothing lost") {
  Fixture fixture;
  fixture.shore.set_down(true);
  fixture.start();
  fixture.append_seconds(0, 50, 5);
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.tries > 3; }));
  const auto while_down = fixture.runner->status();
  CHECK(while_down.state == "waiting");
  CHECK(while_down.error == "nobody there");
  CHECK(while_down.lag == 50);
  CHECK_FALSE(while_down.last_success);
  fixture.shore.set_down(false);
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.readings.size() == 50; }));
  fixture.shore.set_down(true);
  fixture.append_seconds(50, 60, 5);
  const int tries = fixture.shore.tried();
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.tries > tries + 2; }));
  fixture.stop();  // and in the next life it is still down, then up
  fixture.start();
  fixture.shore.set_down(false);
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.readings.size() >= 60; }));
  fixture.stop();
  CHECK(fixture.shore.readings.size() == 60);
}

TEST_CASE("after an outage what is new comes first; the last word on an instant comes last") {
  Fixture fixture;
  fixture.pace.split_above = 100;
  fixture.shore.set_down(true);
  fixture.start();
  fixture.append_seconds(0, 5000, 500);
  const std::array<Reading, 2> news{Reading{monday + seconds(6000), 6000, {0}},
                                    Reading{monday + seconds(4900), -5, {0}}};
  fixture.shore.on_take = [&](int before) {
    if (before != 1) return;
    const Commit commit{.readings = news};
    CHECK(fixture.store->append({&commit, 1}));
  };
  fixture.shore.set_down(false);
  auto& got = fixture.shore.readings;
  const bool all = fixture.shore.wait([&] { return got.size() >= 5002; });
  REQUIRE(all);
  fixture.stop();
  const auto place_of = [&](double value) {
    return std::ranges::find(got, value, [](const SinkReading& r) { return r.reading.value; }) -
           got.begin();
  };
  CHECK(place_of(6000) < place_of(4000));
  CHECK(place_of(-5) > place_of(4900));
  std::map<Timestamp, double> last;
  for (const auto& one : got) last[one.reading.at] = one.reading.value;
  CHECK(last.size() == 5001);
  CHECK(last.at(monday + seconds(4900)) == -5);
  CHECK(got.size() == 5002);
  const auto place = SinkPlace::load(*fixture.store, "r");
  REQUIRE(place);
  CHECK_FALSE(place->is_split());
  CHECK(place->lag(fixture.store->feed_head()) == 0);
}

TEST_CASE("a sink knows what is the newest of its series, after a restart too") {
  Fixture fixture;
  auto& got = fixture.shore.readings;
  const auto put = [&](std::initializer_list<Reading> readings, std::size_t count) {
    const std::vector<Reading> batch(readings);
    fixture.append(batch);
    REQUIRE(fixture.shore.wait([&] { return got.size() == count; }));
  };
  const auto at = [](int second, QualityReason reason = QualityReason::none) {
    return Reading{monday + seconds(second), 1, {0}, Quality::good, reason};
  };
  fixture.start();
  put({at(10)}, 1);
  put({at(5)}, 2);   // late
  put({at(10)}, 3);  // said anew
  put({at(900, QualityReason::clock_skew)}, 4);
  put({at(20)}, 5);
  fixture.stop();
  fixture.start();
  put({at(15)}, 6);
  put({at(21)}, 7);
  fixture.stop();
  std::string newest;
  for (const auto& one : got) newest += one.is_newest ? '1' : '0';
  CHECK(newest == "1011101");
}

TEST_CASE("a sink that does not take steps of alarms goes on with readings") {
  Fixture fixture;
  fixture.shore.are_steps_held = true;
  fixture.shore.left_out_each = 1;
  fixture.start();
  AlarmEvent step;
  step.alarm.id = 1;
  step.alarm.asset = "asset";
  fixture.append({}, {&step, 1});
  fixture.append_seconds(0, 10, 10);
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.readings.size() == 10; }));
  fixture.append_seconds(10, 20, 10);
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.readings.size() == 20; }));
  CHECK(fixture.runner->status().error == "not these");
  fixture.shore.set_held(false);
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.steps.size() == 1; }));
  const auto sent = fixture.runner->status().sent;  // the step may not be counted yet
  CHECK(sent >= 18);
  CHECK(sent <= 19);
  fixture.stop();
}

TEST_CASE("too far behind for the log: read from the history, nothing lost") {
  for (const bool splits : {false, true}) {
    CAPTURE(splits);
    Fixture fixture(3000);
    fixture.pace.split_above = splits ? 100 : 1'000'000;
    fixture.append_seconds(0, 6000, 20);
    fixture.start();
    fixture.append_seconds(6000, 6100, 20);
    REQUIRE(fixture.shore.wait([&] {
      std::map<Timestamp, double> seen;
      for (const auto& one : fixture.shore.readings) seen[one.reading.at] = one.reading.value;
      return seen.size() == 6100;
    }));
    fixture.stop();
    CHECK(SinkPlace::load(*fixture.store, "r")->lag(fixture.store->feed_head()) == 0);
  }
}

TEST_CASE("what a sink refuses for good goes to quarantine, and the rest goes on") {
  Fixture fixture;
  fixture.shore.refused_value = 3;
  fixture.start();
  fixture.append_seconds(0, 10, 10);
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.readings.size() == 9; }));
  const auto parcel = fixture.lane.take();
  REQUIRE(parcel);
  REQUIRE(parcel->refusals.size() == 1);
  CHECK(parcel->refusals[0].source == "r");
  CHECK(parcel->refusals[0].reason == "not this one");
  fixture.stop();
}

TEST_CASE(
    "findings go out in order, as they are by now, and after a restart from where they were") {
  using What = FindingEvent::What;
  Fixture fixture;
  const auto append = [&](What what, std::uint64_t id, std::uint32_t amended) {
    FindingEvent event;
    event.what = what;
    event.finding.id = id;
    event.finding.episode = {.id = 100 + id, .rule = "hot", .subject = "S", .amended = amended};
    const Commit commit{.findings = {&event, 1}};
    REQUIRE(fixture.store->append({&commit, 1}));
    if (fixture.runner) fixture.runner->committed({});
  };
  fixture.start();
  append(What::opened, 1, 0);
  auto& got = fixture.shore.findings;
  REQUIRE(fixture.shore.wait([&] { return got.size() == 1; }));
  fixture.stop();
  append(What::opened, 2, 0);
  append(What::updated, 2, 1);
  append(What::closed, 1, 0);
  fixture.start();
  REQUIRE(fixture.shore.wait([&] { return got.size() >= 4; }));
  fixture.stop();
  REQUIRE(got.size() == 4);
  CHECK(got[0].finding.episode->id == 101);
  CHECK(got[1].what == What::opened);
  CHECK(got[1].finding.episode->amended == 1);
  CHECK(got[2].what == What::updated);
  CHECK(got[3].finding.id == 1);
}

TEST_CASE("steps of alarms, and which readings were out of the ordinary") {
  Fixture fixture;
  fixture.limits = {{{0}, "high", 50, Priority::high}, {{0}, "low", 2, Priority::low}};
  AlarmEvent raised;
  raised.at = monday + seconds(10);
  raised.alarm.id = 1;
  raised.alarm.condition = "limit/S/high";
  raised.alarm.series = SeriesId{0};
  raised.alarm.raised = raised.at;
  fixture.start();
  const std::array<Reading, 4> readings{
      Reading{monday + seconds(5), 7, {0}}, Reading{monday + seconds(11), 7, {0}},
      Reading{monday + seconds(5), 51, {0}}, Reading{monday + seconds(11), 1, {1}}};
  fixture.append(readings, {&raised, 1});
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.readings.size() == 4; }));
  fixture.stop();
  REQUIRE(fixture.shore.steps.size() == 1);
  CHECK(fixture.shore.steps[0].alarm.condition == "limit/S/high");
  std::vector<bool> marks;
  for (const auto& one : fixture.shore.readings) marks.push_back(one.is_anomalous);
  CHECK(marks == std::vector<bool>{false, true, true, false});
}

TEST_CASE("an early sink gets steps before the journal has them, and not again from there") {
  Fixture fixture;
  std::array<AlarmEvent, 3> steps;
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].alarm.id = i + 1;
  fixture.start(true);
  fixture.runner->stepped(std::span(steps).first(2));
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.steps.size() == 2; }));
  fixture.append({}, steps);  // the third comes by the journal alone
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.steps.size() == 3; }));
  fixture.stop();
  REQUIRE(fixture.shore.steps.size() == 3);
  CHECK(fixture.shore.steps[2].alarm.id == 3);
}

TEST_CASE("what an early sink could not take comes by the journal") {
  Fixture fixture;
  AlarmEvent step;
  fixture.shore.set_down(true);
  fixture.start(true);
  fixture.runner->stepped({&step, 1});
  fixture.append({}, {&step, 1});
  fixture.shore.set_down(false);
  REQUIRE(fixture.shore.wait([&] { return !fixture.shore.steps.empty(); }));
  fixture.stop();
  CHECK(fixture.shore.steps.size() == 1);
}

TEST_CASE("while it is not certain whose the devices are no step goes out, early or not") {
  using What = AlarmEvent::What;
  Fixture fixture;
  std::array<AlarmEvent, 3> steps;
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].alarm.id = i + 1;
  fixture.may_tell = false;
  fixture.start(true);
  fixture.runner->stepped(std::span(steps).first(2));
  const Reading reading{monday, 1, {0}};
  fixture.append({&reading, 1}, std::span(steps).first(2));
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.readings.size() == 1; }));
  AlarmEvent gone = steps[0];  // the first one's devices turn out to be another's
  gone.what = What::given_up;
  fixture.append({}, {&gone, 1});
  fixture.append({}, std::span(steps).last(1));
  fixture.may_tell = true;
  fixture.runner->committed({});
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.steps.size() >= 2; }));
  fixture.stop();
  REQUIRE(fixture.shore.steps.size() == 2);
  CHECK(fixture.shore.steps[0].alarm.id == 2);
  CHECK(fixture.shore.steps[1].alarm.id == 3);
}

TEST_CASE("a step that is told early and logged while an earlier one is given comes once") {
  Fixture fixture;
  AlarmEvent first;
  first.alarm.id = 1;
  AlarmEvent second;
  second.alarm.id = 2;
  AlarmEvent third;
  third.alarm.id = 3;
  fixture.shore.on_steps = [&] {  // the runner gives the first, and looks into the log next
    fixture.runner->stepped({&second, 1});
    fixture.append({}, {&first, 1});
    fixture.append({}, {&second, 1});
  };
  fixture.start(true);
  fixture.runner->stepped({&first, 1});
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.steps.size() >= 2; }));
  fixture.runner->stepped({&third, 1});  // early as ever
  REQUIRE(fixture.shore.wait([&] { return fixture.shore.steps.size() >= 3; }));
  fixture.append({}, {&third, 1});
  fixture.stop();
  REQUIRE(fixture.shore.steps.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(fixture.shore.steps[i].alarm.id == i + 1);
}

}  // namespace
}  // namespace sosie
