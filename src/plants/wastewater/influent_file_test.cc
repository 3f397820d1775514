#include "plants/wastewater/influent_file.h"

#include <fmt/format.h>

#include "plants/wastewater/benchmark_run.h"
#include "plants/wastewater/bsm1_golden_test.h"

namespace sosie::bsm1 {
namespace {

constexpr const char* rest = "30,60,58,224,31,0,0,0,0,30,6,11,7,234.75";

std::string rows_at(std::initializer_list<double> times) {
  std::string text;
  for (const double t : times) text += fmt::format("{},{},21477,15\n", t, rest);
  return text;
}

std::string error_of(std::string text) {
  const auto read = parse_influent(std::move(text), "in.csv");
  return read ? "no error" : read.error().what;
}

TEST_CASE("influent: the benchmark's dry weather, rain and storm") {
  const Influent& dry = benchmark_influent(BenchmarkWeather::dry);
  REQUIRE(dry.rows.size() == 1344);
  CHECK(dry.days == doctest::Approx(14).epsilon(1e-6));
  CHECK(dry.rows[0].inflow.m3_d == 21477);
  CHECK(dry.rows[0].inflow.water[ss] == 63.63455);
  CHECK(dry.rows[1343].inflow.water[xnd] == 10.252);
  CHECK(dry.rows[0].inflow.celsius == 15);

  const Influent& rain = benchmark_influent(BenchmarkWeather::rain);
  const Influent& storm = benchmark_influent(BenchmarkWeather::storm);
  REQUIRE(rain.rows.size() == 1344);
  CHECK(rain.rows[807].inflow.m3_d == dry.rows[807].inflow.m3_d + 20000);
  CHECK(rain.rows[807].inflow.water[salk] == 7);
  CHECK(rain.rows[807].inflow.water[snh] * rain.rows[807].inflow.m3_d ==
        doctest::Approx(dry.rows[807].inflow.water[snh] * dry.rows[807].inflow.m3_d));
  CHECK(storm.rows[0].inflow.m3_d == dry.rows[0].inflow.m3_d);
  double highest = 0;
  for (const auto& row : storm.rows) highest = std::max(highest, row.inflow.m3_d);
  CHECK(highest > 50000);
}

TEST_CASE("influent: a file with a header, in any order, with units") {
  const auto read = parse_influent(
      "Q [m3/d];t (d);S_I [g COD/m3];SS;XI;XS;XBH;XBA;XP;SO;SNO;SNH;SND;XND;S_ALK [mol/m3];T\n"
      "20000;0;30;60;58;224;31;0;0;0;0;30;6;11;7;12.5\n"
      "21000;0.5;31;60;58;224;31;0;0;0;0;30;6;11;7;12.5\n",
      "in.csv");
  REQUIRE_MESSAGE(read, (read ? "" : read.error().what));
  REQUIRE(read->rows.size() == 2);
  CHECK(read->rows[1].inflow.m3_d == 21000);
  CHECK(read->rows[1].inflow.water[si] == 31);
  CHECK(read->rows[1].inflow.celsius == 12.5);
  CHECK(read->rows[1].line == 3);
  CHECK(read->days == 0.5);
}

TEST_CASE("influent: units as people write them") {
  for (const char* flow : {"Q [m³/d]", "Q (m3 d-1)", "Q [m³/j]"}) {
    CAPTURE(flow);
    const auto read = parse_influent(
        std::string("t [j],SI [g/m³],SS,XI,XS,XBH,XBA,XP,SO,SNO,SNH [mg/L],SND,XND,SALK,T [°C],") +
            flow + "\n0,30,60,58,224,31,0,0,0,0,30,6,11,7,12.5,20000\n",
        "in.csv");
    REQUIRE_MESSAGE(read, (read ? "" : read.error().what));
    CHECK(read->rows[0].inflow.m3_d == 20000);
    CHECK(read->notes.empty());
  }
}

TEST_CASE("influent: what is likely to be another unit is said, and taken") {
  const auto by_hour = parse_influent("0,30,60,58,224,31,0,0,0,0,30,6,11,7,0,833,15\n", "in.csv");
  REQUIRE(by_hour);
  REQUIRE(by_hour->notes.size() == 1);
  CHECK(by_hour->notes[0] ==
        "in.csv: Q is 833 m3/d in the mean, where the plant is made for 18446: is it in m3/d?");
  const auto kilograms = parse_influent(
      "0,0.03,0.06,0.058,0.224,0.031,0,0,0,0,0.03,0.006,0.011,7,0,20000,15\n", "in.csv");
  REQUIRE(kilograms);
  REQUIRE(kilograms->notes.size() == 1);
  CHECK(kilograms->notes[0] ==
        "in.csv: COD is 0.403 g/m3 in the mean: are the concentrations in g/m3?");
}

TEST_CASE("influent: a row is held until the next, and the file begins anew") {
  const auto read = parse_influent(rows_at({10, 10.25, 10.5, 10.75}), "in.csv");
  REQUIRE(read);
  CHECK(read->days == 1);
  CHECK(read->at(0) == 0);
  CHECK(read->at(0.2) == 0);
  CHECK(read->at(0.25) == 1);
  CHECK(read->at(0.9) == 3);
  CHECK(read->at(1.3) == 1);
  CHECK(read->end_d(0) == 0.25);
  CHECK(read->end_d(3) == 1);
}

TEST_CASE("influent: what cannot be is told with file, line and value") {
  struct Case {
    const char* what = "";
    std::string text;
    const char* expected = "";
  };
  const std::string good = rows_at({0, 0.1});
  for (const Case& c : {
           Case{"negative flow", good + fmt::format("0.2,{},-5,15\n", rest),
                "in.csv:3: Q is -5; expected 0 or more"},
           Case{"negative concentration",
                good + "0.2,30,60,58,224,31,0,0,0,0,-30,6,11,7,0,21477,15\n",
                "in.csv:3: SNH is -30; expected 0 or more"},
           Case{"an ocean", good + fmt::format("0.2,{},1e12,15\n", rest),
                "in.csv:3: Q is 1e12; expected 1e+09 at most"},
           Case{"more than a cubic metre weighs",
                good + "0.2,30,6e7,58,224,31,0,0,0,0,30,6,11,7,0,21477,15\n",
                "in.csv:3: SS is 6e7; expected 1e+06 at most"},
           Case{"no number", good + fmt::format("0.2,{},30.044.50,15\n", rest),
                "in.csv:3: Q is '30.044.50'; expected a number"},
           Case{"infinite", good + fmt::format("0.2,{},inf,15\n", rest),
                "in.csv:3: Q is 'inf'; expected a number"},
           Case{"backwards", rows_at({0, 0.1, 0.2, 0.1}),
                "in.csv:4: time goes from 0.2 d to 0.1 d; expected later than the row before"},
           Case{"a gap", rows_at({0, 0.1, 0.2, 0.5, 0.6}),
                "in.csv:4: a gap of 0.3 d after 0.2 d; expected a row every 0.1 d"},
           Case{"seconds", rows_at({0, 900, 1800}),
                "in.csv:2: a row every 900 d; expected times in days: are these seconds or "
                "minutes?"},
           Case{"kelvin", fmt::format("0,{},21477,288.15\n", rest),
                "in.csv:1: T is 288.15; expected degC, more than 0 and less than 45"},
           Case{"kilograms",
                "0,0.03,0.06,0.058,0.224,0.031,0,0,0,0,0.03,0.006,0.011,7,234.75,1,15\n",
                "in.csv:1: TSS is 234.75, but XI + XS + XBH + XBA + XP are worth 0.23475 g/m3; "
                "expected the same, all in g/m3"},
           Case{"a column lacks", "t,SI,SS,XI,XS,XBH,XBA,XP,SO,SNO,SND,XND,SALK,Q\n0\n",
                "in.csv:1: no column 'SNH' (g/m3); expected t, SI to SALK, Q and, if wanted, TSS "
                "and T"},
           Case{"another unit", "t,Q [L/s]\n",
                "in.csv:1: column 'Q [L/s]' is in 'l/s'; expected "
                "m3/d"},
           Case{"twice", "t,Q,q\n", "in.csv:1: column 'Q' is there twice"},
           Case{"few fields", "0,30,60\n",
                "in.csv:1: 3 fields; expected 16 at least (t, 13 states, TSS, Q; then T), or a "
                "header with their names"},
           Case{"a short row", good + "0.2,30,60\n",
                "in.csv:3: 3 fields, and none for XI; expected 4"},
           Case{"empty", "", "in.csv:1: nothing; expected rows of an influent"},
       }) {
    CAPTURE(c.what);
    CHECK(error_of(c.text) == c.expected);
  }
  const auto missing = read_influent("/nowhere/in.csv");
  REQUIRE(!missing);
  CHECK(missing.error().code == Errc::not_found);
}

TEST_CASE("influent: a run tells the row that the plant cannot take") {
  const auto read =
      parse_influent(rows_at({0, 0.1}) + fmt::format("0.2,{},200,15\n", rest), "in.csv");
  REQUIRE(read);
  Bsm1 plant = made({});
  const auto failed = run(plant, *read, {.days = 0.3});
  REQUIRE(!failed);
  CHECK(failed.error().what ==
        "in.csv:3: influent: 200 m3/d; expected more than what is wasted, 385 m3/d, and 1e9 at "
        "most");
  CHECK(plant.time_d() == doctest::Approx(0.2));  // as far as it came
}

TEST_CASE("influent: a run is sampled every quarter of an hour, whatever the rows") {
  const auto read = parse_influent(rows_at({0, 0.1, 0.2}), "in.csv");
  REQUIRE(read);
  Bsm1 plant = made({});
  std::vector<double> times;
  const auto done =
      run(plant, *read,
          {.days = 0.25, .at_sample = [&](const Bsm1& at) { times.push_back(at.time_d()); }});
  REQUIRE(done);
  REQUIRE(times.size() == 24);
  for (std::size_t i = 0; i < times.size(); ++i) {
    CHECK(times[i] == doctest::Approx(static_cast<double>(i) / 96).epsilon(1e-9));
  }
  CHECK(done->days == doctest::Approx(0.25));
  CHECK(done->effluent_m3_d == doctest::Approx(21477 - 385));
}

}  // namespace
}  // namespace sosie::bsm1
