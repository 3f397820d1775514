#include "evaluation/score.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// Test times are minutes after an arbitrary midnight.
Timestamp at(int minute) {
  return Timestamp(hours(24 * 365 * 50)) + minutes(minute);
}
constexpr int day = 24 * 60;
constexpr int open = 1 << 20;

Label label(int start, int end, Kind kind = Kind::sensor_failure, std::string asset = "") {
  Label l;
  l.asset = std::move(asset);
  l.kind = kind;
  l.start = at(start);
  l.end = at(end);
  return l;
}

Finding finding(int detected, int closed, Kind kind = Kind::sensor_failure,
                std::string asset = "") {
  Finding f;
  f.asset = std::move(asset);
  f.kind = kind;
  f.onset = at(detected - 60);  // must not matter
  f.detected = at(detected);
  if (closed != open) f.closed = at(closed);
  return f;
}

std::string text(std::optional<double> value) {
  return value ? fmt::format("{:.3g}", *value) : "null";
}

/// "recall precision f1 false/day delay_s"
std::string figures(const Figures& f) {
  return fmt::format("{} {} {} {} {}", text(f.recall), text(f.precision), text(f.f1),
                     text(f.false_per_day), text(f.median_delay_s));
}

struct Case {
  const char* name;
  std::vector<Label> labels;
  std::vector<Finding> findings;
  std::string expected;
};

TEST_CASE("score: one day, grace ten minutes") {
  const Case cases[] = {
      {"nothing at all", {}, {}, "null null null 0 null"},
      {"nothing to find, one alarm", {}, {finding(10, 20)}, "null 0 null 1 null"},
      {"never said anything", {label(60, 120)}, {}, "0 null null 0 null"},
      {"found after 5 min", {label(60, 120)}, {finding(65, 100)}, "1 1 1 0 300"},
      {"found by one that reaches in", {label(60, 120)}, {finding(30, 70)}, "1 1 1 0 0"},
      {"found at the last minute of grace",
       {label(60, 120)},
       {finding(130, 140)},
       "1 1 1 0 4.2e+03"},
      {"a minute too late", {label(60, 120)}, {finding(131, 140)}, "0 0 0 1 null"},
      {"a minute too early", {label(60, 120)}, {finding(50, 59)}, "0 0 0 1 null"},
      {"its end is the label's start", {label(60, 120)}, {finding(50, 60)}, "1 1 1 0 0"},
      {"still open", {label(60, 120)}, {finding(70, open)}, "1 1 1 0 600"},
      {"two findings on a label are both true",
       {label(60, 120)},
       {finding(70, 75), finding(90, 95)},
       "1 1 1 0 600"},
      {"one finding over two labels",
       {label(60, 70), label(90, 95)},
       {finding(65, 100)},
       "1 1 1 0 150"},
      {"half and half",
       {label(60, 120), label(600, 700)},
       {finding(70, 80), finding(300, 310)},
       "0.5 0.5 0.5 1 600"},
      {"median of an even number of delays",
       {label(60, 120), label(300, 400)},
       {finding(62, 80), finding(310, 320)},
       "1 1 1 0 360"},
      {"a label of no length", {label(60, 60)}, {finding(60, 61)}, "1 1 1 0 0"},
      {"a finding of no length", {label(60, 70)}, {finding(61, 61)}, "1 1 1 0 60"},
      {"another asset's",
       {label(60, 120, Kind::unknown, "north")},
       {finding(70, 80, Kind::unknown, "south")},
       "0 0 0 1 null"},
      {"the same asset's",
       {label(60, 120, Kind::unknown, "north")},
       {finding(70, 80, Kind::unknown, "north")},
       "1 1 1 0 600"},
      {"an asset not named matches any",
       {label(60, 120)},
       {finding(70, 80, Kind::unknown, "north")},
       "1 1 1 0 600"},
      {"wholly before the day", {label(-120, -60)}, {finding(-110, -100)}, "null null null 0 null"},
      {"wholly after the day",
       {label(day, day + 60)},
       {finding(day + 1, day + 2)},
       "null null null 0 null"},
      {"explained by a label that ended before the day",
       {label(-60, -5)},
       {finding(-8, 3)},
       "null 1 null 0 null"},
      {"reaches into the day, found before it",
       {label(-60, 30)},
       {finding(-50, -40)},
       "1 null null 0 600"},
      {"an end before its start is no length", {label(60, 10)}, {finding(60, 65)}, "1 1 1 0 0"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(figures(score(c.labels, c.findings, at(0), at(day)).figures) == c.expected);
  }
}

TEST_CASE("score: shares of time") {
  struct TimeCase {
    const char* name;
    std::vector<Label> labels;
    std::vector<Finding> findings;
    double row_accuracy;
    double alarm_share;
  };
  const TimeCase cases[] = {
      // of 100 minutes
      {"silence over silence", {}, {}, 1, 0},
      {"silence over a label", {label(10, 30)}, {}, 0.8, 0},
      {"exactly right", {label(10, 30)}, {finding(10, 30)}, 1, 0.2},
      {"half of it", {label(10, 30)}, {finding(20, 30)}, 0.9, 0.1},
      {"grace is no excuse here", {label(10, 30)}, {finding(30, 40)}, 0.7, 0.1},
      {"overlapping findings count once",
       {label(10, 30)},
       {finding(10, 25), finding(20, 30)},
       1,
       0.2},
      {"cut at both ends", {label(-50, 10)}, {finding(90, 500)}, 0.8, 0.1},
      // labelled 0-10, 20-40; alarmed 5-22, 35-50; both 5-10, 20-22, 35-40; one alone 30 + 32 - 24
      {"several on several",
       {label(0, 10), label(20, 30), label(25, 40)},
       {finding(5, 22), finding(35, 50)},
       0.62,
       0.32},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto s = score(c.labels, c.findings, at(0), at(100));
    CHECK(*s.figures.alarm_share == doctest::Approx(c.alarm_share));
    CHECK(*s.figures.row_accuracy == doctest::Approx(c.row_accuracy));
  }
}

TEST_CASE("score: kinds") {
  const std::vector<Label> labels{
      label(60, 120, Kind::sensor_drift), label(200, 300, Kind::sensor_drift),
      label(400, 500, Kind::cyber_attack), label(700, 800, Kind::unknown)};
  const std::vector<Finding> findings{
      finding(61, 63, Kind::sensor_failure),  // short, then the right name for long
      finding(70, 120, Kind::sensor_drift),
      finding(410, 480, Kind::sensor_drift),    // the wrong name
      finding(710, 720, Kind::cyber_attack),    // found; a cause nobody named cannot be named right
      finding(1000, 1010, Kind::sensor_drift),  // false
  };
  const auto s = score(labels, findings, at(0), at(day));
  REQUIRE(s.kinds.size() == 4);
  const auto row = [](const KindScore& k) {
    return fmt::format("{}: {} {} {} {} {} {} {} {}", to_text(k.kind), k.labels, k.found,
                       k.named_right, k.findings, k.true_findings, text(k.recall),
                       text(k.precision), text(k.median_delay_s));
  };
  CHECK(row(s.kinds[0]) == "sensor_failure: 0 0 0 1 0 null 0 null");
  CHECK(row(s.kinds[1]) == "sensor_drift: 2 1 1 3 1 0.5 0.333 60");
  CHECK(row(s.kinds[2]) == "cyber_attack: 1 1 0 1 0 1 0 600");
  CHECK(row(s.kinds[3]) == "unknown: 1 1 0 0 0 1 null 600");
  CHECK(*s.kind_accuracy == doctest::Approx(0.5));  // of the two found with a known kind, one
  CHECK(s.found == 3);
  CHECK(s.true_findings == 4);
}

TEST_CASE("score: kind accuracy needs a label whose kind is known") {
  const std::vector<Label> labels{label(60, 120, Kind::unknown)};
  const std::vector<Finding> findings{finding(61, 63, Kind::unknown)};
  CHECK_FALSE(score(labels, findings, at(0), at(day)).kind_accuracy);
}

TEST_CASE("score: floors") {
  const std::vector<Label> labels{label(60, 120), label(720, 744)};
  const std::vector<Finding> findings{finding(65, 85), finding(300, 320), finding(900, 920)};
  const auto s = score(labels, findings, at(0), at(day));
  REQUIRE(s.floors.size() == 4);
  const auto row = [&](std::size_t i) {
    return s.floors[i].name + ": " + figures(s.floors[i].figures) + " " +
           text(s.floors[i].figures.row_accuracy);
  };
  CHECK(row(0) == "never alarm: 0 null null 0 null 0.942");
  CHECK(row(1) == "always alarm: 1 1 1 0 0 0.0583");
  // Beats of 20 minutes at 240, 720 and 1200: the second meets the second label.
  CHECK(row(2) == "metronome: 0.5 0.333 0.4 2 0 0.928");
  CHECK(s.floors[3].name == "random");
}

TEST_CASE("score: without findings there is nothing to imitate") {
  const std::vector<Label> labels{label(60, 120)};
  CHECK(score(labels, {}, at(0), at(day)).floors.size() == 2);
}

// The chance that a finding of length f, thrown on a span of length T, overlaps [s, e + grace] in
// the middle of it is (e - s + grace + f) / (T - f).
TEST_CASE("score: the random floor is what chance gives") {
  const std::vector<Label> labels{label(600, 700)};
  const std::vector<Finding> findings{finding(10, 40)};
  ScoreOptions options;
  options.random_runs = 20'000;
  const auto s = score(labels, findings, at(0), at(day), options);
  const double chance = (100.0 + 10 + 30) / (day - 30);
  const double deviation = std::sqrt(chance * (1 - chance) / 20'000);
  CHECK(std::abs(*s.floors[3].figures.precision - chance) < 4 * deviation);
  CHECK(std::abs(*s.floors[3].figures.recall - chance) < 4 * deviation);
  CHECK(*s.floors[3].figures.alarm_share == doctest::Approx(30.0 / day));
}

TEST_CASE("score: the same seed gives the same floors, another seed others") {
  const std::vector<Label> labels{label(60, 120), label(720, 744)};
  const std::vector<Finding> findings{finding(65, 85), finding(300, 320)};
  const auto random_recall = [&](std::uint64_t seed) {
    ScoreOptions options;
    options.seed = seed;
    return *score(labels, findings, at(0), at(day), options).floors[3].figures.recall;
  };
  CHECK(random_recall(7) == random_recall(7));
  CHECK(random_recall(7) != random_recall(8));
}

TEST_CASE("score: an empty span divides by nothing") {
  const auto s = score({}, {}, at(5), at(5));
  CHECK(figures(s.figures) == "null null null null null");
  CHECK_FALSE(s.figures.row_accuracy);
}

SeriesId declare(SeriesTable& table, const char* entity) {
  SeriesInfo info;
  info.entity = entity;
  info.attribute = "ph";
  return table.declare(info);
}

TEST_CASE("score: with a table of series, a finding must blame a sensor of the label") {
  SeriesTable table;
  const SeriesId a = declare(table, "A");
  const SeriesId b = declare(table, "B");
  const SeriesId c = declare(table, "C");
  auto l = label(60, 120);
  l.direct = {"A"};
  l.consequences = {"B.ph"};
  ScoreOptions options;
  options.series = &table;
  const auto recall = [&](std::vector<SeriesId> suspects) {
    auto f = finding(70, 80);
    for (const SeriesId id : suspects) f.suspects.push_back(Suspect{.series = id});
    const auto part =
        *score(std::span(&l, 1), std::span(&f, 1), at(0), at(day), options).figures.recall;
    CHECK(belongs(f, l, options) == (part == 1));
    return part;
  };
  CHECK(recall({a}) == 1);
  CHECK(recall({c, b}) == 1);
  CHECK(recall({c}) == 0);
  CHECK(recall({c, c, c, a}) == 0);  // named fourth
  CHECK(recall({}) == 1);            // blames nobody: held by time alone
}

TEST_CASE("score: of two faults at once, each is told of by the finding that blames it") {
  SeriesTable table;
  const SeriesId sensor = declare(table, "SENSOR");
  const SeriesId pump = declare(table, "PUMP");
  auto creep = label(60, 600, Kind::sensor_drift);
  creep.direct = {"SENSOR"};
  auto trip = label(300, 360, Kind::process_malfunction);
  trip.direct = {"PUMP"};
  trip.consequences = {"SENSOR"};
  const auto blaming = [](Finding f, std::initializer_list<SeriesId> suspects) {
    for (const auto id : suspects) f.suspects.push_back(Suspect{.series = id});
    return f;
  };
  const auto of_trip = blaming(finding(301, 500, Kind::process_malfunction), {pump, sensor});
  const auto of_creep = blaming(finding(550, 600, Kind::sensor_drift), {sensor});
  ScoreOptions options;
  options.series = &table;
  const std::vector labels{creep, trip};

  const auto both = score(labels, std::vector{of_trip, of_creep}, at(0), at(day), options);
  REQUIRE(both.label_outcomes.size() == 2);
  CHECK(both.label_outcomes[0].by == 1);  // though the other lies longer on it
  CHECK(both.label_outcomes[0].said == Kind::sensor_drift);
  CHECK(both.label_outcomes[0].blames_it);
  CHECK(both.label_outcomes[0].delay_s == 241 * 60);  // it was found when somebody first said so
  CHECK(both.label_outcomes[1].by == 0);

  const auto one = score(labels, std::vector{of_trip}, at(0), at(day), options);
  CHECK(one.label_outcomes[0].by == 0);  // nobody else tells of it
  CHECK(one.label_outcomes[0].said == Kind::process_malfunction);
  CHECK_FALSE(one.label_outcomes[0].blames_it);

  const auto alone =
      score(std::span(labels).first(1), std::vector{of_trip, of_creep}, at(0), at(day), options);
  CHECK(alone.label_outcomes[0].by == 0);  // the pump was not broken: the longest tells
}

TEST_CASE("score: the floors must name sensors too, and accuracy is by sensor-time") {
  SeriesTable table;
  for (int i = 0; i < 10; ++i) {
    SeriesInfo info;
    info.entity = fmt::format("S{}", i);
    info.attribute = "ph";
    table.declare(info);
  }
  // Ten labels, one after the other, on five sensors: the usual three are named by six of them.
  std::vector<Label> labels;
  std::vector<Finding> findings;
  for (int i = 0; i < 10; ++i) {
    labels.push_back(label(i * 144, i * 144 + 130));
    labels.back().direct = {fmt::format("S{}", i % 5)};
    findings.push_back(finding(i * 144, i * 144 + 130));
    findings.back().suspects.push_back(
        Suspect{.series = {static_cast<std::uint32_t>(i == 9 ? 7 : i % 5)}});
  }
  ScoreOptions options;
  options.series = &table;
  const auto s = score(labels, findings, at(0), at(day), options);
  CHECK(*s.figures.recall == doctest::Approx(0.9));
  // The tenth names S7 where it was S4: 130 minutes wrong of two sensors.
  CHECK(*s.figures.sample_accuracy == doctest::Approx(1 - 260.0 / (10 * day)));
  const auto floor = [&](std::string_view name) {
    return std::ranges::find(s.floors, name, &Floor::name)->figures;
  };
  CHECK(*floor("never alarm").sample_accuracy == doctest::Approx(1 - 1300.0 / (10 * day)));
  CHECK(*floor("always alarm").recall == doctest::Approx(0.6));
  CHECK(*floor("metronome").recall == doctest::Approx(0.6));
  CHECK(*floor("random").recall < 0.5);
  CHECK(*score(labels, findings, at(0), at(day)).floors[2].figures.recall == 1);  // time alone
}

TEST_CASE("belongs: as the score counts it") {
  const auto l = label(60, 120, Kind::sensor_failure, "plant");
  const ScoreOptions options;
  CHECK(belongs(finding(65, 100), l, options));
  CHECK(belongs(finding(130, 140), l, options));
  CHECK_FALSE(belongs(finding(131, 140), l, options));
  CHECK(belongs(finding(30, open), l, options));
  CHECK_FALSE(belongs(finding(30, 59), l, options));
  CHECK_FALSE(belongs(finding(65, 100, Kind::sensor_failure, "other"), l, options));
}

}  // namespace
}  // namespace sosie
