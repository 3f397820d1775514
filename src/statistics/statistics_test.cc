#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "base/random.h"
#include "statistics/latch.h"
#include "statistics/model_bytes.h"
#include "statistics/model_rows.h"
#include "statistics/sketch.h"

namespace sosie {
namespace {

using std::chrono::seconds;

TEST_CASE("sketch: quantiles of a normal variable, whatever its unit") {
  for (const double unit : {1e-6, 1.0, 1e6}) {
    Sketch sketch;
    Random random(7);
    for (int i = 0; i < 200'000; ++i) sketch.add(std::abs(random.normal()) * unit);
    CAPTURE(unit);
    CHECK(sketch.count() == 200'000);
    CHECK(sketch.quantile(0.5) == doctest::Approx(0.6745 * unit).epsilon(0.03));
    CHECK(sketch.quantile(0.99) == doctest::Approx(2.576 * unit).epsilon(0.03));
    CHECK(sketch.unlikely() == doctest::Approx(5.43 * unit).epsilon(0.1));
  }
}

TEST_CASE("sketch: zeros, and values that come in falling order") {
  Sketch sketch;
  CHECK(sketch.quantile(0.5) == 0);
  for (int i = 0; i < 60; ++i) sketch.add(0);
  for (int i = 40; i > 0; --i) sketch.add(i);
  CHECK(sketch.quantile(0.6) == 0);
  CHECK(sketch.quantile(0.8) == doctest::Approx(20).epsilon(0.02));
  CHECK(sketch.quantile(1) == doctest::Approx(40).epsilon(0.02));
  sketch.clear();
  CHECK(sketch.count() == 0);
}

std::string steps(Latches::Rule rule, const std::vector<double>& levels) {
  Latches latches(rule);
  latches.resize(1);
  std::string heard;
  Timestamp at{};
  for (const double level : levels) {
    heard += "-BGE"[static_cast<std::size_t>(latches.step(0, at, level))];
    at += seconds(1);
  }
  return heard;
}

TEST_CASE("latch: a table of levels and what is told") {
  struct Case {
    const char* name;
    Latches::Rule rule;
    std::vector<double> levels;
    const char* expected;
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const Case cases[] = {
      {"quiet below 1", {}, {0, 0.99, nan}, "---"},
      {"begins at 1, ends below release", {}, {1, 0.9, 0.79}, "B-E"},
      {"waits for the on-delay", {.on_delay = seconds(2)}, {1, 0.9, 1, 1}, "--B-"},
      {"a dip starts the on-delay anew", {.on_delay = seconds(2)}, {1, 0.5, 1, 1, 1}, "----B"},
      {"waits for the off-delay", {.off_delay = seconds(2)}, {1, 0, 0.9, 0, 0}, "B---E"},
      {"tells when it grew by half", {}, {1, 1.4, 1.6, 1.6, 2.5}, "B-G-G"},
      {"no value is quiet", {}, {2, nan}, "BE"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(steps(c.rule, c.levels) == c.expected);
  }
}

TEST_CASE("score: a half at the limit, rising, never above 1") {
  CHECK(score_of(0) == 0);
  CHECK(score_of(1) == doctest::Approx(0.5));
  CHECK(score_of(2) == doctest::Approx(0.75));
  CHECK(score_of(1e9) <= 1);
}

std::string sample_model() {
  ModelWriter writer("rate", 3);
  writer.text("AIT-1");
  writer.number(2.5);
  writer.numbers(std::vector<double>{1, 2, 3});
  return std::move(writer).finish();
}

TEST_CASE("model bytes: what was written is read") {
  const auto bytes = sample_model();
  auto reader = ModelReader::open(bytes, "rate", 3);
  REQUIRE(reader);
  CHECK(*reader->text() == "AIT-1");
  CHECK(*reader->number() == 2.5);
  CHECK(*reader->numbers() == std::vector<double>{1, 2, 3});
  CHECK(reader->number().error().code == Errc::corrupt);
}

TEST_CASE("model bytes: another thing, another version, and each damage is an Error") {
  const auto bytes = sample_model();
  CHECK(ModelReader::open(bytes, "noise", 3).error().what == "a model of 'rate', expected 'noise'");
  CHECK(ModelReader::open(bytes, "rate", 4).error().what ==
        "a model of rate of version 3, expected 4");
  CHECK(ModelReader::open(bytes, "rate", 4).error().code == Errc::unsupported);
  CHECK(ModelReader::open("", "rate", 3).error().code == Errc::corrupt);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    CHECK(!ModelReader::open(damaged, "rate", 3));
    CHECK(!ModelReader::open(std::string_view(bytes).substr(0, i), "rate", 3));
  }
}

TEST_CASE("model rows: a series that joins later gets what was learned of it, once") {
  std::vector<SeriesInfo> infos(3);
  AssetColumns columns;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    infos[i].entity = std::string(1, static_cast<char>('a' + i));
    infos[i].attribute = "value";
    columns.series.push_back({static_cast<std::uint32_t>(i)});
    columns.info.push_back(&infos[i]);
  }
  ColumnNames all;
  all.begin(columns);
  const auto bytes = save_rows("rows", 1, all, [](std::uint32_t i) {
    return i == 1 ? std::vector<double>{} : std::vector{1.0 + i, 2.0};
  });
  ModelRows rows;
  std::vector<std::pair<std::uint32_t, double>> taken;
  ColumnNames here;
  const auto take = [&](std::uint32_t i, std::span<const double> row) {
    taken.emplace_back(i, row[0]);
  };
  CHECK(rows.load(bytes, "rows", 1, 3).error().what.ends_with("has 2 numbers, expected 3"));
  REQUIRE(rows.load(bytes, "rows", 1, 2));
  rows.give(here, take);
  CHECK(taken.empty());
  auto one = columns;
  one.series.resize(1);
  one.info.resize(1);
  for (const auto* const some : {&one, &columns, &columns}) {
    here.begin(*some);
    rows.give(here, take);
  }
  CHECK(taken == std::vector<std::pair<std::uint32_t, double>>{{0, 1.0}, {2, 3.0}});
}

}  // namespace
}  // namespace sosie
