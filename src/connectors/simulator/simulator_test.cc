#include "simulation/simulator.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "core/catalog.h"
#include "core/source.h"
#include "simulation/plant.h"
#include "simulation/toy_tank_test.h"
#include "simulation/what_if.h"

namespace sosie {

void register_connectors_simulator(Catalog& catalog);

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Counts its steps; its second sensor is silent at every third. One fault, "jam": a label from an
/// order until its time is over.
class Counter final : public Plant {
 public:
  Counter() {
    for (const char* tag : {"count", "seed"}) {
      SeriesInfo info;
      info.entity = tag;
      info.attribute = "value";
      info.asset = "toy";
      infos_.push_back(info);
    }
    types_.push_back({"jam", Kind::sensor_failure, {"jam", "blocage"}, {}, "", 0, 0});
  }
  std::size_t sensor_count() const override { return infos_.size(); }
  SeriesInfo describe(std::size_t sensor) const override { return infos_[sensor]; }
  Duration period() const override { return seconds(5); }
  void start(Timestamp at, std::uint64_t seed) override {
    now_ = at;
    seed_ = seed;
    count_ = 0;
  }
  Timestamp step(std::span<PlantValue> values, LabelSink& labels) override {
    now_ += period();
    ++count_;
    values[0] = {static_cast<double>(count_), true, Quality::good};
    values[1] = {static_cast<double>(seed_), count_ % 3 != 0, Quality::good};
    if (jam_.id != 0 && !announced_) {
      announced_ = true;
      labels.label(jam_);
    }
    if (jam_.id != 0 && now_ >= jam_.end) {
      jam_.over = true;
      labels.label(jam_);
      jam_ = {};
    }
    return now_;
  }
  std::span<const FaultType> fault_types() const override { return types_; }
  Result<std::uint64_t> inject(const FaultOrder& order) override {
    if (order.fault != "jam") return Error{Errc::not_found, "no such fault"};
    jam_ = {};
    jam_.id = 7;
    jam_.start = now_ + period();
    jam_.end = jam_.start + order.lasts.value_or(seconds(20));
    announced_ = false;
    return jam_.id;
  }
  Result<void> cancel(std::uint64_t label) override {
    if (jam_.id != label) return Error{Errc::not_found, "none runs"};
    jam_.end = now_;
    return {};
  }
  std::vector<Label> running() const override {
    if (jam_.id == 0) return {};
    return {jam_};
  }
  void set_fault_rate(double share) override { rate_ = share; }
  double fault_rate() const override { return rate_; }
  std::vector<std::string> weathers() const override { return {"dry", "wet", "auto"}; }
  Result<void> set_weather(std::string_view weather) override {
    if (weather != "dry" && weather != "wet" && weather != "auto") {
      return Error{Errc::invalid, "no such weather"};
    }
    weather_ = weather;
    return {};
  }
  std::string weather() const override { return weather_ == "auto" ? "dry" : weather_; }
  std::string save() const override {
    return fmt::format("{} {} {} {} {} {}", to_iso8601(now_), seed_, count_, rate_, weather_,
                       to_iso8601(jam_.id != 0 ? jam_.end : Timestamp{}));
  }
  std::unique_ptr<Plant> blank() const override { return std::make_unique<Counter>(); }
  Result<void> load(std::string_view state) override {
    const auto words = split(state, ' ');
    if (words.size() != 6) return Error{Errc::corrupt, "damaged"};
    now_ = *from_iso8601(words[0]);
    seed_ = static_cast<std::uint64_t>(*to_integer(words[1]));
    count_ = *to_integer(words[2]);
    rate_ = *to_number(words[3]);
    weather_ = words[4];
    if (const auto end = *from_iso8601(words[5]); end != Timestamp{}) {
      jam_ = {};
      jam_.id = 7;
      jam_.end = end;
      announced_ = true;
    }
    return {};
  }

 private:
  std::vector<SeriesInfo> infos_;
  std::vector<FaultType> types_;
  Timestamp now_;
  std::uint64_t seed_ = 0;
  std::int64_t count_ = 0;
  double rate_ = 0.02;
  std::string weather_ = "auto";
  Label jam_;
  bool announced_ = false;
};

/// Takes everything and lets a test wait until it has come. Refuses all from `refuse_from` on.
class Door final : public Intake {
 public:
  explicit Door(Clock& clock) : clock_(clock) {}

  Result<SeriesId> series(std::string_view, std::string_view) override {
    return Error{Errc::not_found, "not asked for here"};
  }
  SeriesId declare(const SeriesInfo& info) override { return table_.declare(info); }
  Admission put(std::span<const Reading> readings, std::string_view) override {
    const std::scoped_lock lock(mutex_);
    changed_.notify_all();
    if (!readings.empty() && readings.back().at >= refuse_from_) {
      return {{}, 0, readings.size(), "stopping"};
    }
    largest_batch_ = std::max(largest_batch_, readings.size());
    readings_.insert(readings_.end(), readings.begin(), readings.end());
    return {{}, readings.size(), 0, ""};
  }
  Result<Admission> try_put(std::span<const Reading> readings, std::string_view source) override {
    return put(readings, source);
  }
  bool wait_durable(Ticket, Duration) override { return true; }
  void refuse(Refusal) override {}
  void remember(std::string_view key, std::string bytes) override {
    const std::scoped_lock lock(mutex_);
    memory_[std::string(key)] = std::move(bytes);
  }
  std::optional<std::string> recall(std::string_view key) override {
    const std::scoped_lock lock(mutex_);
    recalled_ = true;
    changed_.notify_all();
    const auto found = memory_.find(std::string(key));
    if (found == memory_.end()) return std::nullopt;
    return found->second;
  }
  Clock& clock() override { return clock_; }

  void wait_until(Timestamp at) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !readings_.empty() && readings_.back().at >= at; });
  }
  /// The source has looked at the clock, and asked for its memory.
  void wait_recalled() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return recalled_; });
  }
  std::vector<Reading> readings() {
    const std::scoped_lock lock(mutex_);
    return readings_;
  }
  /// The counts that came, in order.
  std::vector<double> counts() {
    std::vector<double> values;
    for (const Reading& r : readings()) {
      if (r.series.index == 0) values.push_back(r.value);
    }
    return values;
  }

  std::map<std::string, std::string> memory() {
    const std::scoped_lock lock(mutex_);
    return memory_;
  }
  void set_memory(std::map<std::string, std::string> memory) {
    const std::scoped_lock lock(mutex_);
    memory_ = std::move(memory);
  }
  void refuse_from(Timestamp at) {
    const std::scoped_lock lock(mutex_);
    refuse_from_ = at;
  }
  std::size_t largest_batch() {
    const std::scoped_lock lock(mutex_);
    return largest_batch_;
  }

 private:
  Clock& clock_;
  SeriesTable table_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Reading> readings_;
  std::map<std::string, std::string> memory_;
  std::size_t largest_batch_ = 0;
  Timestamp refuse_from_ = Timestamp::max();
  bool recalled_ = false;
};

class Book final : public LabelSink {
 public:
  void label(const Label& label) override {
    const std::scoped_lock lock(mutex);
    heard.push_back(label);
  }
  std::mutex mutex;
  std::vector<Label> heard;
};

/// A source made from a scenario's table, and a thread that runs it until the end of scope.
class Running {
 public:
  Running(Door& door, const std::string& keys, const std::string& plant = "counter") {
    catalog_.add<Plant>("tank", [](Section&) -> Result<std::unique_ptr<Plant>> {
      return std::make_unique<ToyTank>();
    });
    catalog_.add<Plant>("counter", [](Section&) -> Result<std::unique_ptr<Plant>> {
      return std::make_unique<Counter>();
    });
    register_connectors_simulator(catalog_);
    auto section =
        Section::read_text("kind = \"simulator\"\n" + keys + "[plant]\nkind = \"" + plant + "\"\n");
    REQUIRE(section);
    auto made = catalog_.make<Source>(*section);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
    source_ = std::move(made).value();
    simulator = dynamic_cast<Simulator*>(source_.get());
    REQUIRE(simulator != nullptr);
    simulator->labels_to(book);
    thread_ = std::jthread([this, &door](const std::stop_token& stop) {
      ended_well = static_cast<bool>(source_->run(door, stop));
    });
  }
  void end() {
    thread_.request_stop();
    thread_.join();
  }

  Book book;
  Simulator* simulator = nullptr;
  bool ended_well = false;

 private:
  Catalog catalog_;
  std::unique_ptr<Source> source_;
  std::jthread thread_;
};

const Timestamp noon = *from_iso8601("2026-11-20T12:00:00Z");
const std::string short_past = "history = \"1h\"\ncommissioning = \"2h\"\nseed = 9\n";

TEST_CASE("simulator: first its past, in batches, then a step a period by the clock") {
  ManualClock clock(noon);
  Door door(clock);
  Running source(door, short_past);
  door.wait_until(noon);
  auto counts = door.counts();
  REQUIRE(counts.size() == 3 * 720);
  CHECK(counts.front() == 1);
  CHECK(counts.back() == 3 * 720);
  CHECK(door.readings().front().at == noon - hours(3) + seconds(5));
  CHECK(door.largest_batch() <= 64 * 2);
  CHECK(door.largest_batch() > 64);

  clock.set(noon + seconds(5));
  door.wait_until(noon + seconds(5));
  CHECK(door.counts().size() == 3 * 720 + 1);
  clock.set(noon + seconds(20));
  door.wait_until(noon + seconds(20));
  CHECK(door.counts().size() == 3 * 720 + 4);
  CHECK_FALSE(source.simulator->status().catching_up);
  source.end();
  CHECK(source.ended_well);
}

TEST_CASE("simulator: a silent sensor brings nothing") {
  ManualClock clock(noon);
  Door door(clock);
  Running source(door, short_past);
  door.wait_until(noon);
  source.end();
  std::size_t of_second = 0;
  for (const Reading& r : door.readings()) of_second += r.series.index;
  CHECK(of_second == 2 * 720);
}

TEST_CASE("simulator: a later life goes on and makes up for the time away") {
  ManualClock clock(noon);
  Door first(clock);
  {
    Running source(first, short_past);
    first.wait_until(noon);
    source.end();
  }
  REQUIRE(first.memory().contains("simulator/toy"));
  clock.set(noon + minutes(30));
  Door second(clock);
  second.set_memory(first.memory());
  Running source(second, short_past);
  second.wait_until(noon + minutes(30));
  source.end();
  const auto counts = second.counts();
  REQUIRE(counts.size() == 360);
  CHECK(counts.front() == 3 * 720 + 1);
  CHECK(second.readings().front().at == noon + seconds(5));
}

TEST_CASE("simulator: away for longer than its history, it goes on later, and labels stay true") {
  ManualClock clock(noon);
  Door first(clock);
  {
    Running source(first, short_past);
    first.wait_until(noon);
    REQUIRE(source.simulator->inject({"jam", "", {}, minutes(10)}));
    clock.set(noon + seconds(5));
    first.wait_until(noon + seconds(5));
    source.end();
    REQUIRE(source.book.heard.size() == 1);
  }
  clock.set(noon + hours(5));
  Door second(clock);
  second.set_memory(first.memory());
  Running source(second, short_past);
  second.wait_until(noon + hours(5));
  source.end();
  CHECK(second.readings().front().at == noon + hours(4) + seconds(5));
  CHECK(second.counts().front() == (3 + 4) * 720 + 1);  // it was lived all the same
  REQUIRE(source.book.heard.size() == 1);
  CHECK(source.book.heard[0].over);
}

TEST_CASE("simulator: a state it does not know begins a new life now") {
  for (const std::string& memory : {std::string("damaged"), std::string("1 8 0.02 auto auto\nx")}) {
    CAPTURE(memory);
    ManualClock clock(noon);
    Door door(clock);
    door.set_memory({{"simulator/toy", memory}});
    Running source(door, short_past);
    door.wait_recalled();
    clock.set(noon + seconds(10));
    door.wait_until(noon + seconds(10));
    source.end();
    CHECK(door.counts().front() == 1);
    CHECK(door.readings().front().at > noon);
  }
}

TEST_CASE("simulator: what the intake refuses is not remembered as given") {
  ManualClock clock(noon);
  Door door(clock);
  Running source(door, short_past);
  door.wait_until(noon);
  clock.set(noon + seconds(60));
  door.wait_until(noon + seconds(60));
  door.refuse_from(noon + seconds(65));
  const std::string before = door.memory().at("simulator/toy");
  clock.set(noon + hours(1));
  source.end();
  CHECK(door.memory().at("simulator/toy").find("2026-11-20T13") == std::string::npos);
  CHECK(before.find("12:0") != std::string::npos);
}

TEST_CASE("simulator: orders act, and last over a restart until the scenario says otherwise") {
  ManualClock clock(noon);
  Door first(clock);
  {
    Running source(first, short_past);
    first.wait_until(noon);
    CHECK(source.simulator->set_weather("wet"));
    CHECK(source.simulator->set_fault_rate(0.1));
    const auto label = source.simulator->inject({"jam", "", {}, {}});
    REQUIRE(label);
    clock.set(noon + seconds(5));
    first.wait_until(noon + seconds(5));
    const auto status = source.simulator->status();
    CHECK(status.plant == "counter");
    CHECK(status.seed == 9);
    CHECK(status.weather == "wet");
    CHECK(status.weather_set == "wet");
    CHECK(status.weathers.size() == 3);
    CHECK(status.fault_rate == 0.1);
    CHECK(status.now == noon + seconds(5));
    REQUIRE(status.running.size() == 1);
    CHECK(status.running[0].id == 7);
    CHECK(status.types.size() == 1);
    CHECK(source.simulator->cancel(7));
    CHECK_FALSE(source.simulator->cancel(8));
    CHECK_FALSE(source.simulator->inject({"jem", "", {}, {}}));
    CHECK_FALSE(source.simulator->set_weather("hot"));
    CHECK_FALSE(source.simulator->set_fault_rate(2));
    CHECK_FALSE(source.simulator->set_speed(-1));
    source.end();
  }
  const auto after = [&](const std::string& more) {
    Door door(clock);
    door.set_memory(first.memory());
    Running source(door, short_past + more);
    clock.set(clock.now() + seconds(5));
    door.wait_until(clock.now());
    source.end();
    const auto status = source.simulator->status();
    return fmt::format("{} {}", status.weather_set, status.fault_rate);
  };
  CHECK(after("") == "wet 0.1");
  CHECK(after("weather = \"dry\"\n") == "dry 0.1");
  CHECK(after("fault_rate = 0.05\n") == "wet 0.05");
}

TEST_CASE("simulator: a fault of the scenario befalls the first life's past, and no other") {
  const std::string keys = short_past +
                           "[[fault]]\nname = \"jam\"\nago = \"10m\"\nlasts = \"3m\"\n"
                           "[[fault]]\nname = \"jam\"\nago = \"30m\"\nlasts = \"3m\"\n";
  ManualClock clock(noon);
  Door first(clock);
  {
    Running source(first, keys);
    first.wait_until(noon);
    source.end();
    REQUIRE(source.book.heard.size() == 4);  // two that begin and end
    CHECK(source.book.heard[0].start == noon - minutes(30));
    CHECK(source.book.heard[2].start == noon - minutes(10));
    CHECK(source.book.heard[3].end == noon - minutes(7));
  }
  Door second(clock);
  second.set_memory(first.memory());
  clock.set(noon + minutes(1));
  Running again(second, keys);
  second.wait_until(noon + minutes(1));
  again.end();
  CHECK(again.book.heard.empty());
}

TEST_CASE("simulator: as fast as possible, it is the one who moves the clock") {
  ScaledClock clock(noon, 1);
  Door door(clock);
  Running source(door, short_past + "speed = \"max\"\n");
  door.wait_until(noon + hours(1));
  CHECK(clock.speed() == 0);
  CHECK(source.simulator->status().speed == 0);
  CHECK(clock.now() >= noon + hours(1));
  source.end();
  for (const Reading& r : door.readings()) REQUIRE(r.at <= clock.now());
}

TEST_CASE("simulator: the speed can be changed while it waits for its next step") {
  ScaledClock clock(noon, 1);
  Door door(clock);
  Running source(door, short_past + "speed = 0.1\n");
  door.wait_until(noon);
  REQUIRE(source.simulator->set_speed(100000));
  door.wait_until(noon + minutes(2));
  REQUIRE(source.simulator->set_speed(0));
  door.wait_until(noon + hours(2));
  source.end();
  CHECK(door.counts().size() >= 5 * 720);
}

const std::string tank_past =
    "history = \"1h\"\ncommissioning = \"2h\"\nseed = 9\nweather = \"dry\"\n";

/// The tank's readings of an hour after noon; `beside` is done half way.
template <class Beside>
std::vector<Reading> hour_of_tank(Beside beside) {
  ManualClock clock(noon);
  Door door(clock);
  Running source(door, tank_past, "tank");
  door.wait_until(noon);
  clock.set(noon + minutes(30));
  door.wait_until(noon + minutes(30));
  beside(*source.simulator);
  clock.set(noon + hours(1));
  door.wait_until(noon + hours(1));
  source.end();
  return door.readings();
}

TEST_CASE("simulator: the readings are the same with and without a what-if beside") {
  const auto alone = hour_of_tank([](Simulator&) {});
  const auto beside = hour_of_tank([](Simulator& simulator) {
    const auto copy = simulator.fork();
    REQUIRE(copy);
    WhatIfQuestion question;
    question.change.faults = {{"leak", "", 1.0, hours(3)}};
    question.change.setpoints = {{"inflow", 3}};
    const auto told = what_if(**copy, question);
    REQUIRE(told);
    CHECK(told->from == noon + minutes(30));
  });
  REQUIRE(alone.size() == beside.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    CHECK(alone[i].at == beside[i].at);
    CHECK(alone[i].value == beside[i].value);
  }
}

TEST_CASE("simulator: a setpoint is set, lasts over a restart, and is there for those who ask") {
  ManualClock clock(noon);
  Door first(clock);
  {
    Running source(first, tank_past, "tank");
    first.wait_until(noon);
    CHECK(source.simulator->set_setpoint("inflow", 3));
    CHECK_FALSE(source.simulator->set_setpoint("inflow", 5));
    CHECK_FALSE(source.simulator->set_setpoint("influx", 1));
    REQUIRE(source.simulator->status().setpoints.size() == 1);
    CHECK(source.simulator->status().setpoints[0].value == 3);
    clock.set(noon + minutes(5));
    first.wait_until(noon + minutes(5));
    source.end();
  }
  Door second(clock);
  second.set_memory(first.memory());
  Running source(second, tank_past, "tank");
  clock.set(noon + minutes(10));
  second.wait_until(noon + minutes(10));
  CHECK(source.simulator->status().setpoints[0].value == 3);
  const auto remembered = first.memory().at("simulator/tank");
  const auto revived = source.simulator->revive(remembered, noon);
  REQUIRE(revived);
  CHECK((*revived)->setpoints()[0].value == 3);
  const auto fresh = source.simulator->revive({}, noon);
  REQUIRE(fresh);
  CHECK((*fresh)->setpoints()[0].value == 1);
  const auto refused = source.simulator->revive("1 8 0.02 dry dry\nx", noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("another seed") != std::string::npos);
}

TEST_CASE("simulator: before its life has begun there is nothing to fork") {
  Catalog catalog;
  catalog.add<Plant>("tank", [](Section&) -> Result<std::unique_ptr<Plant>> {
    return std::make_unique<ToyTank>();
  });
  register_connectors_simulator(catalog);
  auto section =
      Section::read_text("kind = \"simulator\"\nweather = \"dry\"\n[plant]\nkind = \"tank\"\n");
  REQUIRE(section);
  const auto source = catalog.make<Source>(*section);
  REQUIRE(source);
  const auto forked = dynamic_cast<Simulator&>(**source).fork();
  REQUIRE_FALSE(forked);
  CHECK(forked.error().code == Errc::unavailable);
}

TEST_CASE("simulator: a fault goes on to its end while the speed is changed") {
  ScaledClock clock(noon, 1);
  Door door(clock);
  Running source(door, short_past + "speed = 0.1\n");
  door.wait_until(noon);
  REQUIRE(source.simulator->inject({"jam", "", {}, minutes(10)}));
  REQUIRE(source.simulator->set_speed(100000));
  door.wait_until(noon + minutes(2));
  REQUIRE(source.simulator->set_speed(0));
  door.wait_until(noon + hours(1));
  source.end();
  REQUIRE(source.book.heard.size() == 2);
  CHECK_FALSE(source.book.heard[0].over);
  CHECK(source.book.heard[1].over);
  CHECK(source.book.heard[1].end - source.book.heard[0].start == minutes(10));
}

TEST_CASE("simulator: what is wrong in its table is said with its line") {
  struct Case {
    std::string name;
    std::string toml;
    std::string expected;
  };
  const std::string plant = "[plant]\nkind = \"counter\"\n";
  const Case cases[] = {
      {"no plant", "", "'plant' is missing"},
      {"unknown plant", "[plant]\nkind = \"contour\"\n", "counter"},
      {"a plant's typo", "[plant]\nkind = \"counter\"\nkin = 1\n", "'kin'"},
      {"speed", "speed = \"fast\"\n" + plant, "'speed' is 'fast', expected \"max\" or a number"},
      {"speed", "speed = -2\n" + plant, "'speed' is -2"},
      {"seed", "seed = -2\n" + plant, "'seed'"},
      {"history", "history = \"2y\"\n" + plant, "'history'"},
      {"rate", "fault_rate = 0.9\n" + plant, "'fault_rate' is 0.9; must be from 0 to 0.5"},
      {"weather", "weather = \"hot\"\n" + plant, "'weather' no such weather"},
      {"typo", "sped = 2\n" + plant, "'sped'"},
      {"fault", "[[fault]]\nname = \"jem\"\n" + plant, "did you mean jam?"},
      {"fault", "[[fault]]\nname = \"jam\"\nago = \"25h\"\n" + plant, "'ago'"},
      {"fault", "[[fault]]\nname = \"jam\"\nlast = \"1h\"\n" + plant, "did you mean 'lasts'?"},
  };
  Catalog catalog;
  catalog.add<Plant>("counter", [](Section&) -> Result<std::unique_ptr<Plant>> {
    return std::make_unique<Counter>();
  });
  register_connectors_simulator(catalog);
  for (const auto& c : cases) {
    CAPTURE(c.name);
    auto section = Section::read_text("kind = \"simulator\"\n" + c.toml, "s.toml");
    REQUIRE(section);
    const auto made = catalog.make<Source>(*section);
    REQUIRE_FALSE(made);
    CAPTURE(made.error().what);
    CHECK(made.error().what.find(c.expected) != std::string::npos);
    CHECK(made.error().what.find("s.toml:") == 0);
  }
}

}  // namespace
}  // namespace sosie
