#include "generating/generator.h"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "wire/json/value.h"

namespace sosie::generating {
namespace {

using std::chrono::seconds;

/// Ten devices with a level and a state; the third never speaks, and the level of the rest goes up
/// by one a step.
class Toy : public Plant {
 public:
  std::size_t sensor_count() const override { return 20; }
  SeriesInfo describe(std::size_t sensor) const override {
    SeriesInfo info;
    info.entity = fmt::format("pump-{}", sensor / 2);
    info.attribute = sensor % 2 == 0 ? "level" : "state";
    info.stage = "pumps";
    return info;
  }
  Duration period() const override { return seconds(10); }
  void start(Timestamp at, std::uint64_t /*seed*/) override { now_ = at; }
  Timestamp step(std::span<PlantValue> values, LabelSink& /*labels*/) override {
    now_ += period();
    ++steps_;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = {.value = steps_ + static_cast<double>(i / 2) / 10};
      values[i].sent = i / 2 != 2;
      values[i].off_ms = -static_cast<int>(1000 * (9 - i / 2));
    }
    return now_;
  }
  std::span<const FaultType> fault_types() const override { return {}; }
  Result<std::uint64_t> inject(const FaultOrder& /*order*/) override { return std::uint64_t{0}; }
  Result<void> cancel(std::uint64_t /*label*/) override { return {}; }
  std::vector<Label> running() const override { return {}; }
  void set_fault_rate(double /*share*/) override {}
  double fault_rate() const override { return 0; }
  std::vector<std::string> weathers() const override { return {}; }
  Result<void> set_weather(std::string_view /*weather*/) override { return {}; }
  std::string weather() const override { return ""; }
  std::string save() const override { return ""; }
  Result<void> load(std::string_view /*state*/) override { return {}; }
  std::unique_ptr<Plant> blank() const override { return std::make_unique<Toy>(); }

 private:
  Timestamp now_;
  double steps_ = 0;
};

class Deaf final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

struct Taken {
  std::string key;
  std::string payload;
  Timestamp at;
  bool operator==(const Taken&) const = default;
};

class Memory : public MessageSink {
 public:
  Result<void> send(std::string_view key, std::string_view payload, Timestamp at,
                    const std::stop_token& /*stop*/) override {
    if (taken.size() == fails_after) return Error{Errc::invalid, "no more"};
    taken.push_back({std::string(key), std::string(payload), at});
    return {};
  }
  Result<void> finish(const std::stop_token& /*stop*/) override {
    finished = true;
    return {};
  }
  std::vector<Taken> taken;
  std::size_t fails_after = std::size_t(-1);
  bool finished = false;
};

const MessageConfig plain{.text = R"({"id":"${device}","n":${sequence},"level":${level}})",
                          .mishaps = {}};

struct Run {
  explicit Run(const MessageConfig& config, Generator::Orders orders) {
    orders.speed = 0;
    plant.start(Timestamp(std::chrono::hours(480000)), 1);
    auto made = Generator::create(plant, config, std::move(orders));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
    Deaf deaf;
    REQUIRE(made->run(sink, deaf, {}, [](Timestamp) {}));
    counts = made->counts();
  }
  Toy plant;
  Memory sink;
  Counts counts;
};

bool is_whole(const Taken& taken) {
  return static_cast<bool>(json::parse(taken.payload));
}

TEST_CASE("generator: a message a device and step, in order, and no more than was asked for") {
  const Run run(plain, {.count = 13});
  REQUIRE(run.sink.taken.size() == 13);
  CHECK(run.sink.taken[0].payload == R"({"id":"pump-0","n":0,"level":1})");
  CHECK(run.sink.taken[0].key == "pump-0");
  CHECK(run.sink.taken[2].payload == R"({"id":"pump-3","n":2,"level":1.3})");
  CHECK(run.sink.taken[12].payload == R"({"id":"pump-4","n":12,"level":2.4})");
  CHECK(run.sink.taken[1].at - run.sink.taken[0].at == seconds(1));
  CHECK(run.sink.taken[9].at - run.sink.taken[0].at == seconds(10));
  CHECK(run.sink.finished);
  CHECK(run.counts.produced == 13);
  CHECK(run.counts.reports == 13);
  CHECK(run.counts.silent == 2);
  CHECK(run.counts.devices == 9);
  std::uint64_t bytes = 0;
  for (const auto& taken : run.sink.taken) bytes += taken.payload.size();
  CHECK(run.counts.bytes == bytes);
}

TEST_CASE("generator: it ends with the plant's time") {
  const Run run(plain, {.end = Timestamp(std::chrono::hours(480000)) + seconds(30)});
  CHECK(run.counts.produced == 27);
  CHECK(run.counts.silent == 3);
}

TEST_CASE("generator: every mishap is counted, and is what it says") {
  MessageConfig config = plain;
  config.mishaps = {
      .late = 0.05, .duplicate = 0.1, .out_of_order = 0.02, .cut = 0.03, .late_by = seconds(100)};
  const Run run(config,
                {.count = 20000, .condition = Condition{"level", Condition::Test::above, 500}});
  const Counts& counts = run.counts;
  CHECK(counts.produced == 20000);
  CHECK(run.sink.taken.size() == 20000);
  CHECK(counts.produced == counts.reports + counts.duplicate);
  const auto share = [&](std::uint64_t of) {
    return static_cast<double>(of) / static_cast<double>(counts.reports);
  };
  CHECK(share(counts.late) == doctest::Approx(0.05).epsilon(0.1));
  CHECK(share(counts.duplicate) == doctest::Approx(0.1).epsilon(0.1));
  CHECK(share(counts.out_of_order) == doctest::Approx(0.02).epsilon(0.15));
  CHECK(share(counts.cut) == doctest::Approx(0.03).epsilon(0.15));

  std::uint64_t cut = 0;
  std::uint64_t again = 0;
  std::uint64_t behind = 0;
  std::uint64_t above = 0;
  std::set<std::string> seen;
  std::set<std::string> devices;
  std::map<std::string, Timestamp> last;
  for (const auto& taken : run.sink.taken) {
    if (!is_whole(taken)) {
      ++cut;
      continue;
    }
    if (*json::parse(taken.payload)->find("level")->number() > 500) {
      ++above;
      devices.insert(taken.key);
    }
    if (!seen.insert(taken.payload).second) {
      ++again;
      continue;
    }
    if (taken.at < last[taken.key]) ++behind;
    last[taken.key] = std::max(last[taken.key], taken.at);
  }
  CHECK(cut == counts.cut);
  CHECK(again == counts.duplicate);
  CHECK(seen.size() == counts.reports - counts.cut);
  CHECK(behind > (counts.late + counts.out_of_order) * 95 / 100);  // but for the last ones
  CHECK(above == counts.held_messages);
  CHECK(devices.size() == counts.held_devices);
  CHECK(counts.held_cut > 0);
  CHECK(counts.held_reports < counts.held_messages);
}

TEST_CASE("generator: the same seed gives the same messages in the same order") {
  MessageConfig config = plain;
  config.mishaps = {.late = 0.2, .duplicate = 0.2, .out_of_order = 0.2, .cut = 0.2};
  const Run one(config, {.seed = 3, .count = 1000});
  const Run two(config, {.seed = 3, .count = 1000});
  const Run other(config, {.seed = 4, .count = 1000});
  CHECK(one.sink.taken == two.sink.taken);
  CHECK(one.sink.taken != other.sink.taken);
}

TEST_CASE("generator: a sink that fails ends it, with what was counted") {
  Toy plant;
  plant.start(Timestamp(std::chrono::hours(480000)), 1);
  auto made = Generator::create(plant, plain, {.speed = 0});
  REQUIRE(made);
  Memory sink;
  sink.fails_after = 5;
  Deaf deaf;
  const auto ran = made->run(sink, deaf, {}, [](Timestamp) {});
  REQUIRE_FALSE(ran);
  CHECK(ran.error().what == "no more");
  CHECK(made->counts().produced == 5);
}

TEST_CASE("generator: conditions, and what is none") {
  const Toy plant;
  const auto above = Condition::read("level>80", plant);
  REQUIRE(above);
  CHECK(above->holds(80.1));
  CHECK_FALSE(above->holds(80));
  CHECK(Condition::read("level >= -3.5", plant)->holds(-3.5));
  CHECK(Condition::read("state<1", plant)->holds(0));
  CHECK(Condition::read("state<=1", plant)->holds(1));
  for (const char* text : {"", "level", "level>", "level>x", "level=5", "level<>5", "levl>5"}) {
    CHECK_FALSE(Condition::read(text, plant));
  }
  CHECK(Condition::read("levl>5", plant).error().what.find("'level'") != std::string::npos);
}

TEST_CASE("generator: its table in a scenario, and what is wrong in it") {
  const Toy plant;
  struct Case {
    std::string toml;
    std::string expected;
  };
  const Case cases[] = {
      {"[message]\n", "'template' is missing"},
      {"[message]\ntemplate = '{\"a\": ${levl}}'\n", "s.toml:2: "},
      {"[message]\ntemplate = '{\"a\": ${levl}}'\n", "did you mean '${level}'?"},
      {"[message]\ntemplate = '{}'\n[message.mishaps]\nlate = 2\n", "'late' is 2"},
      {"[message]\ntemplate = '{}'\n[message.mishaps]\nlate = 0.6\ncut = 0.6\n",
       "'cut' makes more"},
      {"[message]\ntemplate = '{}'\n[message.mishaps]\nlate_by = \"0s\"\n", "'late_by'"},
      {"[message]\ntemplate = '{}'\n[message.mishaps]\nlost = 1\n", "'lost'"},
      {"[message]\ntemplate = '{}'\nform = 1\n", "'form'"},
  };
  for (const auto& c : cases) {
    auto section = Section::read_text(c.toml, "s.toml");
    REQUIRE(section);
    const auto read = MessageConfig::read(*section, plant);
    REQUIRE_FALSE(read);
    CHECK_MESSAGE(read.error().what.find(c.expected) != std::string::npos, read.error().what);
  }
  auto none = Section::read_text("", "s.toml");
  CHECK_FALSE(*MessageConfig::read(*none, plant));
}

/// Ten pumps and ten doors, in two halls.
class Works final : public Toy {
 public:
  SeriesInfo describe(std::size_t sensor) const override {
    SeriesInfo info = Toy::describe(sensor);
    if (sensor >= 10) {
      info.stage = "doors";
      info.entity = fmt::format("door-{}", sensor / 2);
    }
    info.location = sensor % 4 < 2 ? "Hall Nord" : "Hall Sud";
    return info;
  }
};

class Topics final : public Memory {
 public:
  bool wants_topics() const override { return true; }
};

TEST_CASE("generator: a template a kind, and topics where the sink wants them") {
  const MessageConfig config{
      .text = R"({"id":"${device}","level":${level}})",
      .mishaps = {},
      .of_kind = {{"doors", R"([{"door":"${device}","is":"${state:shut|open}"}])"}},
      .topic = "w/${place:slug}/${kind}/${device}"};
  Works plant;
  plant.start(Timestamp(std::chrono::hours(480000)), 1);
  auto made = Generator::create(plant, config, {.count = 9, .speed = 0});
  REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
  Topics sink;
  Deaf deaf;
  REQUIRE(made->run(sink, deaf, {}, [](Timestamp) {}));
  CHECK(sink.taken[0].key == "w/hall-nord/pumps/pump-0");
  CHECK(sink.taken[0].payload == R"({"id":"pump-0","level":1})");
  CHECK(sink.taken[8].key == "w/hall-sud/doors/door-9");
  CHECK(sink.taken[8].payload == R"([{"door":"door-9","is":"open"}])");
  // Others have the device as their key.
  const Run plainly(config, {.count = 1});
  CHECK(plainly.sink.taken[0].key == "pump-0");
}

TEST_CASE("generator: templates of kinds in a scenario, and what is wrong in them") {
  const Works plant;
  const auto read = [&](const std::string& toml) {
    auto section = Section::read_text(toml, "s.toml");
    REQUIRE(section);
    return MessageConfig::read(*section, plant);
  };
  const auto both = read(
      "[message]\ntopic = \"x/${device}\"\nretain = true\nstatus = \"x/status\"\n[message.of]\n"
      "pumps = '{\"a\": ${level}}'\ndoors = '{\"b\": ${level}}'\n");
  REQUIRE(both);
  CHECK((*both)->of_kind.size() == 2);
  CHECK((*both)->text.empty());
  CHECK((*both)->retain);
  CHECK((*both)->status == "x/status");
  struct Case {
    std::string toml;
    std::string expected;
  };
  const Case cases[] = {
      {"[message.of]\ndoors = '{}'\n", "'template' is missing"},
      {"[message.of]\ndoor = '{}'\npumps = '{}'\n", "did you mean 'doors'?"},
      {"[message.of]\ndoors = '{\"a\": ${levl}}'\n", "did you mean '${level}'?"},
      {"[message]\ntemplate = '{}'\ntopic = \"a/#\"\n", "'topic' 'a/#' is no topic"},
  };
  for (const auto& c : cases) {
    const auto wrong = read(c.toml);
    REQUIRE_FALSE(wrong);
    CHECK_MESSAGE(wrong.error().what.find(c.expected) != std::string::npos, wrong.error().what);
  }
}

}  // namespace
}  // namespace sosie::generating
