#include "plants/wastewater/faults.h"

#include <array>
#include <cmath>
#include <map>
#include <set>

#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

constexpr Duration five_s = std::chrono::seconds(5);

/// The board alone, with a plant that stands still: chance over months in a moment.
class Months {
 public:
  explicit Months(double rate, std::uint64_t seed = 1)
      : rows(*read_sensor_list(SOSIE_ROOT "/scenarios/traffeyere/sensors.csv", "t")),
        process(125000, Random(seed)),
        instruments(rows, seed, process),
        board(rows, "t", Random(seed), rate) {
    board.start(at);
  }
  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      at += five_s;
      board.step(at, instruments, labels);
    }
  }

  Timestamp at = *from_iso8601("2026-01-01T00:00:00Z");
  std::vector<SensorRow> rows;
  Process process;
  Instruments instruments;
  FaultBoard board;
  LabelBook labels;
};

double hours_of(const Label& label) {
  return std::chrono::duration<double, std::ratio<3600>>(label.end - label.start).count();
}

TEST_CASE("faults: on the long run the labelled share of sensor-time is the rate, shared fairly") {
  for (const double rate : {0.02, 0.05}) {
    CAPTURE(rate);
    Months months(rate);
    constexpr int days = 60;
    months.live(days * steps_a_day);
    std::map<Kind, double> labelled_h;
    double all_h = 0;
    for (const Label& label : months.labels.heard) {
      if (!label.over) continue;
      const double h =
          hours_of(label) * static_cast<double>(label.direct.size() + label.consequences.size());
      labelled_h[label.kind] += h;
      all_h += h;
    }
    const double sensor_time_h = days * 24.0 * 127;
    CHECK(all_h / sensor_time_h == doctest::Approx(rate).epsilon(0.06));
    CHECK(labelled_h.size() == 5);
    for (const auto& [kind, h] : labelled_h) {
      CAPTURE(to_text(kind));
      CAPTURE(h / sensor_time_h);
      CHECK(h / sensor_time_h == doctest::Approx(rate / 5).epsilon(0.15));
    }
  }
}

TEST_CASE("faults: thirty days hold 2.0 +- 0.1 % of labelled sensor-time") {
  for (const std::uint64_t seed : {11U, 12U, 13U}) {
    CAPTURE(seed);
    constexpr int days = 30;
    Months months(0.02, seed);
    months.live(days * steps_a_day);
    double all_h = 0;
    for (const Label& label : months.labels.heard) {
      if (!label.over) continue;
      all_h +=
          hours_of(label) * static_cast<double>(label.direct.size() + label.consequences.size());
    }
    CHECK(std::abs(all_h / (days * 24.0 * 127) - 0.02) <= 0.001);
  }
}

TEST_CASE("faults: a newcomer sees several short events in any day, none in the first minutes") {
  Months months(0.02, 3);
  constexpr int days = 60;
  months.live(days * steps_a_day);
  std::array<int, days> begun{};
  std::set<Kind> in_first_three_days;
  const Timestamp start = *from_iso8601("2026-01-01T00:00:00Z");
  for (const Label& label : months.labels.heard) {
    if (label.over) continue;
    const auto day = std::chrono::floor<std::chrono::days>(label.start - start).count();
    if (hours_of(label) <= 4) ++begun.at(static_cast<std::size_t>(day));
    if (day < 3) in_first_three_days.insert(label.kind);
    CHECK(label.start >= start + FaultBoard::quiet_start);
    CHECK(hours_of(label) <= 12);
  }
  for (const int events : begun) CHECK(events >= 3);
  CHECK(in_first_three_days.size() >= 4);
}

TEST_CASE("faults: without a rate nothing happens by chance") {
  Months months(0);
  months.live(steps_a_day);
  CHECK(months.labels.heard.empty());
  months.board.set_rate(0.05);
  months.live(steps_a_day);
  CHECK(months.labels.heard.size() > 5);
}

TEST_CASE("faults: each does to a sensor what its name says, and then it is over") {
  Station with;
  Station without;
  const auto inject = [&](const std::string& fault, std::optional<double> size,
                          const std::string& tag = "AIT-106-TSS") {
    return with.inject(fault, tag, size, std::chrono::minutes(30));
  };
  const auto both = [&](int steps, auto&& look) {
    const std::size_t k = with.index("AIT-106-TSS");
    for (int i = 0; i < steps; ++i) {
      with.step();
      without.step();
      look(with.values[k], without.values[k].value);
    }
  };
  const auto nothing = [](const PlantValue&, double) {};
  both(200, nothing);

  SUBCASE("stuck") {
    inject("stuck", {});
    const double frozen = with.value("AIT-106-TSS");
    both(300, [&](const PlantValue& v, double) { CHECK(v.value == frozen); });
  }
  SUBCASE("dropout") {
    inject("dropout", 50.0);
    int silent = 0;
    both(300, [&](const PlantValue& v, double) { silent += v.sent ? 0 : 1; });
    CHECK(silent > 100);
    CHECK(silent < 200);
  }
  SUBCASE("spikes") {
    inject("spikes", 40.0);
    int spikes = 0;
    both(360, [&](const PlantValue& v, double truth) { spikes += std::abs(v.value - truth) > 50; });
    CHECK(spikes >= 8);
    CHECK(spikes <= 40);
  }
  SUBCASE("out of range") {
    inject("out_of_range", {});
    both(300, [&](const PlantValue& v, double) { CHECK((v.value < 0 || v.value > 1500)); });
  }
  SUBCASE("noise") {
    inject("noise_burst", 20.0);
    double square = 0;
    both(300, [&](const PlantValue& v, double truth) { square += std::pow(v.value - truth, 2); });
    CHECK(std::sqrt(square / 300) == doctest::Approx(19 * 3.65).epsilon(0.15));
  }
  SUBCASE("clock error") {
    inject("clock_error", 300.0);
    both(300, [&](const PlantValue& v, double truth) {
      CHECK(std::abs(v.off_ms) == 300'000);
      CHECK(v.value == truth);
    });
  }
  SUBCASE("unit error: g/L for mg/L") {
    inject("unit_error", {});
    both(300, [&](const PlantValue& v, double truth) { CHECK(v.value < truth / 100); });
  }
  SUBCASE("bad calibration") {
    inject("bad_calibration", 10.0);
    both(300, [&](const PlantValue& v, double truth) {
      CHECK(std::abs(v.value - truth) == doctest::Approx(150).epsilon(0.05));
    });
  }
  SUBCASE("bias") {
    inject("bias", 10.0);
    double last = 0;
    both(355, [&](const PlantValue& v, double truth) { last = std::abs(v.value - truth); });
    CHECK(last == doctest::Approx(150).epsilon(0.05));
  }
  SUBCASE("gain") {
    inject("gain", 1.4);
    both(300, [&](const PlantValue& v, double truth) {
      CHECK(v.value == doctest::Approx(1.4 * truth).epsilon(0.03));
    });
  }
  SUBCASE("fouling") {
    inject("fouling", 40.0);
    double last = 0;
    both(355, [&](const PlantValue& v, double truth) { last = v.value / truth; });
    CHECK(last == doctest::Approx(0.62).epsilon(0.06));
  }
  SUBCASE("false data") {
    inject("false_data", 1.0);
    double low = 1e9;
    double high = 0;
    both(300, [&](const PlantValue& v, double) {
      low = std::min(low, v.value);
      high = std::max(high, v.value);
    });
    CHECK(high - low < 10 * 3.65);
    CHECK(low >= 0);
  }
  CHECK(with.plant->running().size() == 1);
  both(90, nothing);
  CHECK(with.plant->running().empty());
  const auto& heard = with.labels.heard;
  REQUIRE(heard.size() == 2);
  CHECK_FALSE(heard[0].over);
  CHECK(heard[1].over);
  CHECK(heard[1].end - heard[1].start == std::chrono::minutes(30));
  CHECK(heard[0].direct == std::vector<std::string>{"AIT-106-TSS"});
  both(60, nothing);
  both(60, [&](const PlantValue& v, double truth) { CHECK(v.value == truth); });
}

TEST_CASE("faults: a replay shows the half hour before, again and again") {
  Station station;
  const std::size_t k = station.index("FIT-801");
  std::vector<double> seen;
  for (int i = 0; i < 360; ++i) {
    station.step();
    seen.push_back(station.values[k].value);
  }
  station.inject("replay", "sortie_controle", 8.0, std::chrono::hours(1));
  const auto label = station.plant->running().front();
  REQUIRE(label.direct.size() == 8);
  const bool struck =
      std::find(label.direct.begin(), label.direct.end(), "FIT-801") != label.direct.end();
  int same = 0;
  for (int i = 0; i < 720; ++i) {
    station.step();
    same += station.values[k].value == seen[static_cast<std::size_t>(i % 360)] ? 1 : 0;
  }
  CHECK((struck ? same == 720 : same < 100));
}

TEST_CASE("faults: two sensors exchanged show each other's values") {
  Station with;
  Station without;
  with.live(10);
  without.live(10);
  with.inject("identity_swap", "AIT-307-NH4");
  const auto label = with.plant->running().front();
  REQUIRE(label.direct.size() == 2);
  REQUIRE(label.direct[0] == "AIT-307-NH4");
  const std::size_t first = with.index(label.direct[0]);
  const std::size_t second = with.index(label.direct[1]);
  CHECK(with.plant->describe(first).unit == with.plant->describe(second).unit);
  double between = 0;
  double across = 0;
  for (int i = 0; i < 100; ++i) {
    with.step();
    without.step();
    between += std::abs(without.values[first].value - without.values[second].value);
    across += std::abs(with.values[first].value - without.values[second].value);
  }
  CHECK(across < 0.2 * between);
}

TEST_CASE("faults: a gateway cut off silences ten sensors of its stage at least") {
  Station station;
  station.live(10);
  station.inject("denial_of_data", "traitement_biologique", 12.0);
  const auto label = station.plant->running().front();
  CHECK(label.direct.size() == 12);
  for (int i = 0; i < 10; ++i) {
    station.step();
    for (const auto& tag : label.direct) CHECK_FALSE(station.values[station.index(tag)].sent);
  }
}

TEST_CASE("faults: false values that agree grow by one factor") {
  Station with;
  Station without;
  with.live(10);
  without.live(10);
  with.inject("stealthy_injection", "pretraitement", 4.0, std::chrono::minutes(40));
  const auto label = with.plant->running().front();
  REQUIRE(label.direct.size() >= 3);
  with.live(300);
  without.live(300);
  for (const auto& tag : label.direct) {
    CAPTURE(tag);
    const double part = with.value(tag) / without.value(tag);
    CHECK(std::abs(part - 1) == doctest::Approx(0.12).epsilon(0.2));
  }
}

TEST_CASE("faults: an order that cannot be is answered in words") {
  struct Case {
    const char* name;
    FaultOrder order;
    const char* expected;
  };
  const Case cases[] = {
      {"no such fault", {"stuk", "", {}, {}}, "did you mean 'stuck'?"},
      {"no such sensor", {"stuck", "AIT-306-D0", {}, {}}, "did you mean 'AIT-306-DO'?"},
      {"a target for the process", {"blower_trip", "AIT-306-DO", {}, {}}, "has none"},
      {"no such stage", {"replay", "desinfektion", {}, {}}, "desinfection"},
      {"too large", {"ammonia_peak", "", 10.0, {}}, "size 10 where 1.5 to 3 x was expected"},
      {"not a number", {"ammonia_peak", "", std::nan(""), {}}, "was expected"},
      {"no time at all", {"stuck", "AIT-306-DO", {}, Duration(0)}, "duration"},
      {"a unit that is none of two", {"unit_error", "AIT-102-PH", {}, {}}, "another unit"},
      {"nothing like it", {"identity_swap", "FIT-101", {}, {}}, "of its unit"},
      {"a month", {"stuck", "AIT-306-DO", {}, std::chrono::hours(24 * 30)}, "336"},
  };
  Station station;
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto answer = station.plant->inject(c.order);
    REQUIRE_FALSE(answer);
    CAPTURE(answer.error().what);
    CHECK(answer.error().what.find(c.expected) != std::string::npos);
  }
  CHECK_FALSE(station.plant->cancel(1));
}

TEST_CASE("faults: cancelled, one ends at once, and its label says when") {
  Station station;
  station.live(10);
  const auto id = station.inject("ferric_dosing_failure", "", {}, std::chrono::hours(3));
  station.live(100);
  CHECK(station.value("YS-509") == 2);
  REQUIRE(station.plant->cancel(id));
  CHECK(station.plant->running().empty());
  CHECK_FALSE(station.plant->cancel(id));
  const Timestamp cancelled = station.now;
  station.step();
  CHECK(station.value("YS-509") == 1);
  const Label& last = station.labels.heard.back();
  CHECK(last.over);
  CHECK(last.id == id);
  CHECK(last.end == cancelled);
}

TEST_CASE("faults: every type can be ordered without a wish, and has words in two languages") {
  Station station;
  station.live(10);
  for (const FaultType& type : station.plant->fault_types()) {
    CAPTURE(type.name);
    CHECK_FALSE(type.words.en.empty());
    CHECK_FALSE(type.words.fr.empty());
    const auto id = station.inject(type.name);
    station.step();
    const auto running = station.plant->running();
    REQUIRE(running.size() == 1);
    CHECK(running[0].kind == type.kind);
    CHECK_FALSE(running[0].direct.empty());
    CHECK(running[0].size >= type.size_low);
    CHECK(running[0].size <= type.size_high);
    REQUIRE(station.plant->cancel(id));
    station.step();
  }
}

TEST_CASE("faults: every scenario of the catalogue is there, and says what it strikes and how") {
  Station station;
  std::set<std::string> ids;
  for (const FaultType& type : station.plant->fault_types()) {
    CAPTURE(type.name);
    ids.insert(type.scenario_id);
    CHECK(!type.mechanism.empty());
    CHECK(type.parameter.empty() == (type.size_high == type.size_low && type.size_unit.empty()));
    const bool is_of_sensors = type.kind == Kind::sensor_failure || type.kind == Kind::sensor_drift;
    if (is_of_sensors) CHECK(type.root_cause.empty());
    if (type.kind == Kind::process_malfunction || type.kind == Kind::pollution_peak) {
      CHECK(!type.root_cause.empty());
    }
  }
  const std::array<std::pair<const char*, int>, 5> families{
      {{"SF", 6}, {"SD", 5}, {"PP", 7}, {"PM", 11}, {"CY", 8}}};
  for (const auto& [family, count] : families) {
    for (int i = 1; i <= count; ++i) {
      CAPTURE(family);
      CAPTURE(i);
      CHECK(ids.count(family + std::to_string(i)) == 1);
    }
  }
}

TEST_CASE("faults: what may be ordered is the catalogue's range, what chance draws may be less") {
  struct Case {
    const char* fault;
    const char* target;
    double least;
    double most;
  };
  for (const Case& c : {Case{"spikes", "AIT-106-TSS", 1, 20},
                        {"organic_load", "", 200, 600},
                        {"ammonia_peak", "", 1.5, 3},
                        {"hydrocarbon_spill", "", 10, 50},
                        {"heavy_metals", "", 5, 20},
                        {"saline_water", "", 500, 2000},
                        {"chlorine_manipulation", "", 0, 5},
                        {"ferric_manipulation", "", 0, 5}}) {
    CAPTURE(c.fault);
    Station station;
    for (const double size : {c.least, c.most}) {
      CHECK(station.plant->inject({c.fault, c.target, size, std::chrono::hours(336)}));
    }
    CHECK(!station.plant->inject({c.fault, c.target, 100 * c.most, {}}));
  }
  Months months(0.05);
  months.live(30 * steps_a_day);
  for (const Label& label : months.labels.heard) {
    if (label.scenario == "heavy_metals") CHECK(label.size <= 7);
    if (label.scenario == "spikes") CHECK(label.size >= 6);
  }
}

}  // namespace
}  // namespace sosie::wastewater
