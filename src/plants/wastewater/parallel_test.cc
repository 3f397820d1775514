#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/parallel_model.h"
#include "plants/wastewater/rig.h"
#include "testing/server.h"

namespace sosie::wastewater {
namespace {

const std::string its_sensors = SOSIE_ROOT "/scenarios/traffeyere/sensors.csv";

std::unique_ptr<ParallelModel> model_of(const std::string& more = "",
                                        const std::string& sensors = its_sensors) {
  Catalog catalog;
  register_plants_wastewater(catalog);
  auto section =
      Section::read_text("kind = \"wastewater\"\nsensors = \"" + sensors + "\"\n" + more);
  REQUIRE(section);
  auto made = catalog.make<ParallelModel>(*section);
  REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
  return std::move(made).value();
}

/// A station, and a model that is told what the station's sensors say.
struct Pair {
  explicit Pair(const std::string& weather = "auto", std::uint64_t seed = 7)
      : station(seed, "2026-05-05T00:00:00Z", 0, weather),
        infos(sensors_of(*station.plant)),
        values(infos.size()),
        measured_at(infos.size()),
        fresh(infos.size(), 1),
        expected(infos.size()),
        model(model_of()) {
    for (std::uint32_t i = 0; i < infos.size(); ++i) {
      columns.series.push_back({i});
      columns.info.push_back(&infos[i]);
    }
    model->begin(columns);
  }

  Frame next() {
    station.step();
    for (std::size_t i = 0; i < infos.size(); ++i) {
      const bool is_judged = station.values[i].reason != QualityReason::maintenance;
      values[i] = is_judged ? station.values[i].value : std::nan("");
    }
    return {station.now, values, measured_at, fresh};
  }
  void live(int steps) {
    for (int t = 0; t < steps; ++t) model->step(next(), expected);
  }
  double said(std::string_view tag) const { return expected[station.index(tag)]; }

  /// Another says the same, and of most sensors something.
  void check_same(std::span<const double> other) const {
    std::size_t said_of = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(infos[i].name());
      CHECK(std::isnan(expected[i]) == std::isnan(other[i]));
      if (std::isnan(expected[i])) continue;
      CHECK(expected[i] == other[i]);
      ++said_of;
    }
    CHECK(said_of > 100);
  }

  Station station;
  std::vector<SeriesInfo> infos;
  AssetColumns columns;
  std::vector<double> values;
  std::vector<Timestamp> measured_at;
  std::vector<std::uint8_t> fresh;
  std::vector<double> expected;
  std::unique_ptr<ParallelModel> model;
};

/// The share of what one column does that the other does too.
struct Together {
  double n = 0, y = 0, yy = 0, m = 0, mm = 0, ym = 0;
  void add(double measured, double said) {
    if (std::isnan(measured) || std::isnan(said)) return;
    n += 1;
    y += measured;
    yy += measured * measured;
    m += said;
    mm += said * said;
    ym += measured * said;
  }
  double share() const {
    const double common = ym / n - y / n * m / n;
    return common * common / ((yy / n - y / n * y / n) * (mm / n - m / n * m / n));
  }
};

TEST_CASE(
    "parallel model: fed with the inlet, with other parameters, it does what the plant does") {
  Pair pair;
  CHECK(pair.model->known() == 127);
  const std::array<std::string_view, 14> tags{
      "FIT-101",     "FIT-201",     "AIT-203-TSS",  "AIT-206-COD", "AIT-212-NH4",
      "AIT-305-DO",  "AIT-309-NH4", "AIT-311-NO3",  "FIT-325",     "AIT-406-TSS",
      "AIT-502-PO4", "AIT-503-TP",  "AIT-804-COND", "FIT-801"};
  std::array<Together, tags.size()> together;
  pair.live(steps_a_day);
  for (int t = 0; t < 2 * steps_a_day / 60; ++t) {
    pair.live(60);
    for (std::size_t k = 0; k < tags.size(); ++k) {
      together.at(k).add(pair.station.value(tags.at(k)), pair.said(tags.at(k)));
    }
  }
  for (std::size_t k = 0; k < tags.size(); ++k) {
    CAPTURE(tags.at(k));
    CHECK(together.at(k).share() > 0.8);
  }
}

TEST_CASE("parallel model: of what it believes it says nothing, and the rest it does not hear") {
  Pair pair("dry");
  Pair lied_to("dry");
  const std::size_t tag = pair.station.index("AIT-309-NH4");
  for (int t = 0; t < steps_an_hour; ++t) {
    pair.model->step(pair.next(), pair.expected);
    const Frame frame = lied_to.next();
    lied_to.values[tag] = 17;
    lied_to.model->step(frame, lied_to.expected);
  }
  CHECK(std::isnan(pair.said("AIT-109-NH4")));
  CHECK(std::isnan(pair.said("FIT-501")));
  pair.check_same(lied_to.expected);
}

TEST_CASE("parallel model: one of three instruments may lie, and one alone may fail") {
  struct Case {
    std::string name;
    std::string tag;
    double shown;
    std::string judged;
  };
  const Case cases[] = {
      {"a flow meter of three", "FIT-101", 4000, "FIT-801"},
      {"a thermometer of three", "TIT-103", 30, "TIT-413"},
      {"the only ammonia probe is silent", "AIT-109-NH4", std::nan(""), "AIT-212-NH4"},
      {"the only ammonia probe is at its end", "AIT-109-NH4", 100, "AIT-212-NH4"},
      {"the only ammonia probe stands still", "AIT-109-NH4", 31.25, "AIT-212-NH4"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    Pair pair("dry");
    pair.live(steps_an_hour);
    const std::size_t tag = pair.station.index(c.tag);
    for (int t = 0; t < 3 * steps_an_hour; ++t) {
      const Frame frame = pair.next();
      pair.values[tag] = c.shown;
      pair.model->step(frame, pair.expected);
    }
    CHECK(pair.said(c.judged) == doctest::Approx(pair.station.value(c.judged)).epsilon(0.15));
  }
}

TEST_CASE("parallel model: a toxin is no part of it, what the probes at the inlet see is") {
  Pair pair("dry");
  pair.live(6 * steps_an_hour);
  pair.station.inject("toxic_shock");
  pair.live(4 * steps_an_hour);
  CHECK(pair.station.value("AIT-309-NH4") > 2 * pair.said("AIT-309-NH4"));

  Pair spilled("dry");
  spilled.live(6 * steps_an_hour);
  spilled.station.inject("ammonia_peak");
  spilled.live(4 * steps_an_hour);
  CHECK(spilled.said("AIT-308-NH4") ==
        doctest::Approx(spilled.station.value("AIT-308-NH4")).epsilon(0.2));
}

TEST_CASE("parallel model: it goes on from its state bit for bit, and says when time has leapt") {
  Pair pair("dry");
  CHECK_FALSE(pair.model->step(pair.next(), pair.expected));  // has begun
  CHECK(pair.model->step(pair.next(), pair.expected));
  pair.live(steps_an_hour);

  auto other = model_of();
  other->begin(pair.columns);
  REQUIRE(other->load(pair.model->save()));
  std::vector<double> expected(pair.expected.size());
  for (int t = 0; t < steps_an_hour; ++t) {
    const Frame frame = pair.next();
    CHECK(pair.model->step(frame, pair.expected));
    CHECK(other->step(frame, expected));
  }
  pair.check_same(expected);

  pair.station.live(3 * steps_an_hour);
  CHECK_FALSE(pair.model->step(pair.next(), pair.expected));
  CHECK_FALSE(model_of()->load("SOSIE"));
  const auto state = pair.model->save();
  CHECK_FALSE(model_of()->load(std::string_view(state).substr(0, state.size() - 1)));
  CHECK_FALSE(model_of()->load(state + "x"));
}

TEST_CASE("parallel model: of a time before its state it says nothing, and goes on from there") {
  Pair pair("dry");
  pair.live(steps_an_hour);
  auto other = model_of();
  other->begin(pair.columns);
  REQUIRE(other->load(pair.model->save()));
  std::vector<double> expected(pair.expected.size());
  const Timestamp last = pair.station.now;
  const auto is_silent = [&](ParallelModel& model, Timestamp at) {
    std::ranges::fill(expected, 17);
    CHECK(model.step({at, pair.values, pair.measured_at, pair.fresh}, expected));
    return std::ranges::all_of(expected, [](double value) { return std::isnan(value); });
  };
  CHECK(is_silent(*other, last - std::chrono::minutes(30)));
  CHECK(is_silent(*other, last));  // what it said then is no part of the state
  CHECK(is_silent(*pair.model, last - std::chrono::minutes(30)));
  pair.model->step(pair.next(), pair.expected);
  other->step({pair.station.now, pair.values, pair.measured_at, pair.fresh}, expected);
  pair.check_same(expected);

  REQUIRE(pair.model->load(other->save()));
  CHECK(is_silent(*pair.model, pair.station.now));
}

TEST_CASE("parallel model: what an operator makes of a sensor is not the sensor") {
  Pair pair("dry");
  const std::size_t sensors = pair.infos.size();
  std::vector<SeriesInfo> means = pair.infos;
  AssetColumns columns = pair.columns;
  for (std::size_t i = 0; i < sensors; ++i) {
    means[i].attribute = means[i].attribute.str() + "_1h_mean";
    columns.series.push_back({static_cast<std::uint32_t>(sensors + i)});
    columns.info.push_back(&means[i]);
  }
  auto model = model_of();
  model->begin(columns);
  CHECK(model->known() == pair.model->known());
  pair.live(1);
  std::vector<double> values = pair.values;
  values.resize(2 * sensors, 17);
  const std::vector<Timestamp> measured_at(2 * sensors);
  const std::vector<std::uint8_t> fresh(2 * sensors, 1);
  std::vector<double> expected(2 * sensors);
  model->step({pair.station.now, values, measured_at, fresh}, expected);
  pair.check_same(std::span(expected).first(sensors));
  for (const double value : std::span(expected).last(sensors)) CHECK(std::isnan(value));
}

TEST_CASE("parallel model: the state of another configuration is refused, and what differs said") {
  Pair pair("dry");
  pair.live(1);
  const auto state = pair.model->save();
  struct Case {
    std::string keys;
    std::string expected;
  };
  const Case cases[] = {
      {"population_equivalent = 90000", "population_equivalent 90000, departure 0.08, seed 1"},
      {"departure = 0.05", "population_equivalent 125000, departure 0.05, seed 1"},
      {"seed = 2", "population_equivalent 125000, departure 0.08, seed 2"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.keys);
    const auto loaded = model_of(c.keys)->load(state);
    REQUIRE_FALSE(loaded);
    CAPTURE(loaded.error().what);
    CHECK(loaded.error().code == Errc::unsupported);
    CHECK(loaded.error().what.find(
              "of population_equivalent 125000, departure 0.08, seed 1, 127") != std::string::npos);
    CHECK(loaded.error().what.find("expected " + c.expected) != std::string::npos);
  }
  CHECK(model_of("population_equivalent = 125000\nzone = \"UTC\"")->load(state));

  std::ifstream file(its_sensors);
  const std::string list{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(list.size() > 2);
  const testing::TempDir folder;
  const auto fewer =
      folder.write("sensors.csv", list.substr(0, list.rfind('\n', list.size() - 2) + 1));
  const auto loaded = model_of("", fewer)->load(state);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == Errc::unsupported);
  CHECK(loaded.error().what.find("126 sensors") != std::string::npos);

  const auto of_no_build = model_of()->load("SOSIE");
  REQUIRE_FALSE(of_no_build);
  CHECK(of_no_build.error().code == Errc::corrupt);
}

TEST_CASE("parallel model: what is wrong in its table is said") {
  const auto error_of = [](const std::string& toml) {
    Catalog catalog;
    register_plants_wastewater(catalog);
    auto section = Section::read_text(toml);
    REQUIRE(section);
    const auto made = catalog.make<ParallelModel>(*section);
    return made ? std::string() : made.error().what;
  };
  const std::string sensors = "sensors = \"" SOSIE_ROOT "/scenarios/traffeyere/sensors.csv\"\n";
  CHECK(error_of("kind = \"fleet\"").find("wastewater") != std::string::npos);
  CHECK(error_of("kind = \"wastewater\"").find("'sensors' is missing") != std::string::npos);
  CHECK(error_of("kind = \"wastewater\"\ndeparture = 0.5\n" + sensors).find("from 0 to 0.2") !=
        std::string::npos);
  CHECK(error_of("kind = \"wastewater\"\nnosuch = 1\n" + sensors).find("nosuch") !=
        std::string::npos);
}

}  // namespace
}  // namespace sosie::wastewater
