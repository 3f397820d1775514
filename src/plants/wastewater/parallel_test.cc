#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/parallel_model.h"
#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

std::unique_ptr<ParallelModel> model_of(const std::string& more = "") {
  Catalog catalog;
  register_plants_wastewater(catalog);
  auto section = Section::read_text("kind = \"wastewater\"\nsensors = \"" SOSIE_ROOT
                                    "/scenarios/traffeyere/sensors.csv\"\n" +
                                    more);
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
  for (std::size_t i = 0; i < pair.expected.size(); ++i) {
    CAPTURE(pair.infos[i].name());
    CHECK((std::isnan(pair.expected[i]) || pair.expected[i] == lied_to.expected[i]));
  }
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
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK((std::isnan(expected[i]) || expected[i] == pair.expected[i]));
  }

  pair.station.live(3 * steps_an_hour);
  CHECK_FALSE(pair.model->step(pair.next(), pair.expected));
  CHECK_FALSE(model_of()->load("SOSIE"));
  const auto state = pair.model->save();
  CHECK_FALSE(model_of()->load(std::string_view(state).substr(0, state.size() - 1)));
  CHECK_FALSE(model_of()->load(state + "x"));
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
