#include "plants/wastewater/bsm1.h"

#include <bit>
#include <cmath>
#include <cstddef>

#include "plants/wastewater/benchmark_run.h"
#include "plants/wastewater/bsm1_golden_test.h"
#include "plants/wastewater/component_names.h"
#include "plants/wastewater/ledger.h"

namespace sosie::bsm1 {

PlantState golden_steady_state(Control control) {
  const std::string loop = control == Control::open ? "open" : "closed";
  PlantState state;
  for (auto& row : golden_rows("steady_" + loop + "_reactors.csv")) {
    const auto reactor = static_cast<std::size_t>(number_of(row["reactor"])) - 1;
    for (std::size_t c = 0; c < components; ++c) {
      if (row["state"] != component_names[c]) continue;
      state.works.reactors[c][reactor] = number_of(row["own_cpp_rk4"]);
    }
  }
  constexpr std::array<const char*, columns> titles{"SI",  "SS",  "SO",   "SNO",
                                                    "SNH", "SND", "SALK", "TSS"};
  for (auto& row : golden_rows("steady_" + loop + "_settler.csv")) {
    const auto layer = static_cast<std::size_t>(number_of(row["layer_from_top"])) - 1;
    for (std::size_t k = 0; k < columns; ++k) {
      state.works.settler[layer][k] = number_of(row[titles[k]]);
    }
  }
  state.loops = Loops{}.resting(2, 1, 131.6514, 16485.61);
  return state;
}

namespace {

bool is_same(const PlantState& a, const PlantState& b) {
  using Bytes = std::array<std::byte, sizeof(PlantState)>;  // plain doubles, without holes
  return std::bit_cast<Bytes>(a) == std::bit_cast<Bytes>(b);
}

Bsm1 at_rest(Control control, double step_s = 20) {
  Bsm1 plant = made({.control = control, .step_s = step_s});
  well(plant.set_state(golden_steady_state(control)));
  well(plant.feed(constant_inflow()));
  return plant;
}

TEST_CASE("bsm1: the published steady states are where nothing moves") {
  for (const Control control : {Control::open, Control::closed}) {
    Bsm1 plant = at_rest(control);
    const PlantState before = plant.state();
    well(plant.live(0.25));
    for (std::size_t c = 0; c < components; ++c) {
      for (std::size_t r = 0; r < reactor_count; ++r) {
        CAPTURE(component_names[c]);
        CAPTURE(r + 1);
        CHECK(plant.state().works.reactors[c][r] ==
              doctest::Approx(before.works.reactors[c][r]).epsilon(1e-6));
      }
    }
    for (std::size_t i = 0; i < layers; ++i) {
      CHECK(plant.state().works.settler[i][layer_tss] ==
            doctest::Approx(before.works.settler[i][layer_tss]).epsilon(1e-6));
    }
  }
}

TEST_CASE("bsm1: the same inputs give the same bits") {
  const Influent& storm = benchmark_influent(BenchmarkWeather::storm);
  Bsm1 one = at_rest(Control::closed);
  Bsm1 other = at_rest(Control::closed);
  REQUIRE(run(one, storm, {.days = 0.5}));
  REQUIRE(run(other, storm, {.days = 0.5}));
  CHECK(is_same(one.state(), other.state()));
}

TEST_CASE("bsm1: a plant ten times as large has the same concentrations") {
  Bsm1::Config large{.works = WorksParameters{}.scaled(10), .control = Control::closed};
  large.return_m3_d *= 10;
  large.waste_m3_d *= 10;
  large.loops.recycle_scale = 10;
  Bsm1 big = made(large);
  Bsm1 small = made({.control = Control::closed});
  Inflow inflow = constant_inflow();
  inflow.water[snh] *= 1.5;
  well(small.feed(inflow));
  inflow.m3_d *= 10;
  well(big.feed(inflow));
  well(small.live(0.5));
  well(big.live(0.5));
  for (std::size_t c = 0; c < components; ++c) {
    CHECK(big.effluent()[c] == doctest::Approx(small.effluent()[c]).epsilon(1e-9));
  }
}

TEST_CASE("bsm1: steps ten times smaller give the same day") {
  const Influent& dry = benchmark_influent(BenchmarkWeather::dry);
  for (const Control control : {Control::open, Control::closed}) {
    Bsm1 coarse = at_rest(control, 20);
    Bsm1 fine = at_rest(control, 2);
    const auto a = run(coarse, dry, {.days = 1});
    const auto b = run(fine, dry, {.days = 1});
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->eqi == doctest::Approx(b->eqi).epsilon(1e-6));
    CHECK(a->mean[snh] == doctest::Approx(b->mean[snh]).epsilon(1e-6));
    CHECK(a->mean[sno] == doctest::Approx(b->mean[sno]).epsilon(1e-6));
    CHECK(a->aeration_kwh_d == doctest::Approx(b->aeration_kwh_d).epsilon(1e-6));
    for (std::size_t r = 0; r < reactor_count; ++r) {
      CHECK(coarse.state().works.reactors[snh][r] ==
            doctest::Approx(fine.state().works.reactors[snh][r]).epsilon(1e-5));
    }
  }
}

TEST_CASE("bsm1: what the plant holds is what came less what left") {
  for (const Control control : {Control::open, Control::closed}) {
    Bsm1 plant = at_rest(control);
    Ledger ledger;
    ledger.begin(plant);
    const Influent& storm = benchmark_influent(BenchmarkWeather::storm);
    for (std::size_t row = 0; row < 48; ++row) {
      well(plant.feed(storm.rows[900 + row].inflow));
      well(plant.live(sample_d, ledger));
    }
    CHECK(std::abs(ledger.water_m3().error()) < 1e-11);
    CHECK(std::abs(ledger.cod_g(plant).error()) < 1e-11);
    CHECK(std::abs(ledger.nitrogen_g(plant).error()) < 1e-11);
    CHECK(ledger.n2_g() > 0);
  }
}

TEST_CASE("bsm1: what makes the model blow up is told, and the plant stays as it was") {
  Bsm1::Config config;
  config.works.settler.height_m = 1e-3;  // allowed, but layers of 0.1 mm are too thin for 20 s
  Bsm1 plant = made(config);
  well(plant.feed(constant_inflow()));
  const PlantState before = plant.state();
  const auto failed = plant.live(1);
  REQUIRE(!failed);
  const std::string& what = failed.error().what;
  CHECK_MESSAGE(what.starts_with("at day 0.0000: "), what);
  CHECK_MESSAGE(what.find(" became ") != std::string::npos, what);
  CHECK(is_same(plant.state(), before));
  CHECK(plant.time_d() == 0);
}

TEST_CASE("bsm1: what cannot be is refused, with its value") {
  struct Case {
    const char* what = "";
    Bsm1::Config config{};
    const char* expected = "";
  };
  Bsm1::Config volume;
  volume.works.volume_m3[2] = -5;
  Bsm1::Config kla;
  kla.kla_per_d[3] = -1;
  Bsm1::Config step;
  step.step_s = 40;
  Bsm1::Config flow;
  flow.return_m3_d = -18446;
  Bsm1::Config reset;
  reset.loops.oxygen.reset_d = 0;
  Bsm1::Config settler;
  settler.works.settler.v0_m_d = -1;
  for (const Case& c : {
           Case{"volume", volume, "plant: a reactor of -5 m3; expected more than 0, 1e8 at most"},
           Case{"kla", kla, "kLa of reactor 4 is -1 1/d; expected 0 to 1e4"},
           Case{"step", step,
                "a step of 40 s; expected 0.01 to 25 (27 is where RK4 leaves the solution)"},
           Case{"flow", flow, "return flow is -18446 m3/d; expected 0 to 1e9"},
           Case{"reset", reset, "oxygen loop: Ti 0 d, Tt 0.001 d, limit 360; expected more than 0"},
           Case{"settler", settler, "settler: v0_m_d is -1; expected more than 0, 5000 at most"},
       }) {
    CAPTURE(c.what);
    const auto plant = Bsm1::create(c.config);
    REQUIRE(!plant);
    CHECK(plant.error().what == c.expected);
  }
  Bsm1 plant = made({});
  Inflow inflow = constant_inflow();
  inflow.water[snh] = -1;
  auto refused = plant.feed(inflow);
  REQUIRE(!refused);
  CHECK(refused.error().what == "influent: SNH is -1; expected 0 or more");
  inflow = constant_inflow();
  inflow.m3_d = 300;
  refused = plant.feed(inflow);
  REQUIRE(!refused);
  CHECK(refused.error().what ==
        "influent: 300 m3/d; expected more than what is wasted, 385 m3/d, and 1e9 at most");
}

TEST_CASE("bsm1: a sensor's answer to a step is 90 % after its class's time") {
  const auto t90 = [](auto lags, double t90_d) {
    auto slope = lags;
    double before = 0;
    const double h = t90_d / 20000;
    for (int i = 1;; ++i) {
      const auto begin = lags;
      begin.derive(1, t90_d, slope);
      for (std::size_t k = 0; k < lags.level.size(); ++k) lags.level[k] += h * slope.level[k];
      if (lags.out() >= 0.9) return (i - (lags.out() - 0.9) / (lags.out() - before)) * h;
      before = lags.out();
    }
  };
  CHECK(t90(Lags<2>{}, 1.0) == doctest::Approx(1).epsilon(1e-3));  // class A, kLa
  CHECK(t90(Lags<8>{}, 1.0) == doctest::Approx(1).epsilon(1e-3));  // class B0
}

TEST_CASE("bsm1: a load that oxygen cannot follow at 20 s is followed by shorter steps") {
  Bsm1 plant = at_rest(Control::open);
  Inflow inflow = constant_inflow();
  inflow.water[ss] = 3000;
  well(plant.feed(inflow));
  well(plant.live(0.2));
  Bsm1 fine = at_rest(Control::open, 1);
  well(fine.feed(inflow));
  well(fine.live(0.2));
  CHECK(plant.works().stiffness(plant.state().works, plant.duty()) * 20 / 86400 > 2.785);
  for (std::size_t r = 0; r < reactor_count; ++r) {
    CHECK(plant.state().works.reactors[ss][r] ==
          doctest::Approx(fine.state().works.reactors[ss][r]).epsilon(1e-6));
  }
}

}  // namespace
}  // namespace sosie::bsm1
