#include "evaluation/row_score.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "evaluation/affiliation.h"
#include "evaluation/nab.h"
#include "evaluation/ranking.h"

namespace sosie {
namespace {

using Flags = std::vector<std::uint8_t>;

std::string figure_of(const std::optional<double>& figure) {
  return figure ? fmt::format("{:.4g}", *figure) : "none";
}

std::string figure_of(const RowScore& score, RowFigure which) {
  const auto& found = score.figures.at(static_cast<std::size_t>(which));
  return found ? fmt::format("{:.4g}", found->value) : "none";
}

TEST_CASE("runs: of flags, and which they meet") {
  const auto runs = runs_of(Flags{1, 1, 0, 0, 1, 0, 1});
  CHECK(runs == std::vector<Run>{{0, 2}, {4, 5}, {6, 7}});
  CHECK(runs_of({}).empty());
  CHECK(meets(runs, {1, 4}));
  CHECK_FALSE(meets(runs, {2, 4}));
  CHECK_FALSE(meets(runs, {5, 6}));
  CHECK(meets(runs, {5, 7}));
}

TEST_CASE("ranking: average precision and area, worked by hand") {
  struct RankCase {
    const char* name;
    std::vector<double> score;
    Flags label;
    const char* expected;
  };
  const RankCase cases[] = {
      {"perfect", {0.9, 0.8, 0.1, 0.2}, {1, 1, 0, 0}, "1 1"},
      {"the worst", {0.1, 0.2, 0.9, 0.8}, {1, 1, 0, 0}, "0.4167 0"},  // 1/2 1/3 + 1/2 2/4
      {"scikit-learn's example", {0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}, "0.8333 0.75"},
      {"all the same: the share of the labelled", {1, 1, 1, 1}, {1, 0, 0, 0}, "0.25 0.5"},
      {"none labelled", {1, 2}, {0, 0}, "none none"},
      {"all labelled", {1, 2}, {1, 1}, "1 none"},
      {"no rows", {}, {}, "none none"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const Ranking ranking(c.score);
    CHECK(figure_of(ranking.average_precision(c.label)) + " " +
              figure_of(ranking.roc_auc(c.label)) ==
          c.expected);
  }
}

TEST_CASE("ranking: a weight of two is the row twice") {
  Random random(3);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<double> score;
    std::vector<double> weights;
    std::vector<double> score_twice;
    Flags label;
    Flags label_twice;
    for (int i = 0; i < 30; ++i) {
      score.push_back(static_cast<double>(random.below(8)));
      label.push_back(random.below(3) == 0);
      const auto times = random.below(3);
      weights.push_back(static_cast<double>(times));
      for (std::uint64_t k = 0; k < times; ++k) {
        score_twice.push_back(score.back());
        label_twice.push_back(label.back());
      }
    }
    const Ranking once(score);
    const Ranking twice(score_twice);
    CHECK(figure_of(once.average_precision(label, weights)) ==
          figure_of(twice.average_precision(label_twice)));
    CHECK(figure_of(once.roc_auc(label, weights)) == figure_of(twice.roc_auc(label_twice)));
  }
}

/// Labels with soft edges, each row looked at for itself.
std::vector<double> slow_soft(const Flags& hard, std::size_t width) {
  std::vector<double> soft(hard.begin(), hard.end());
  for (const auto& run : runs_of(hard)) {
    for (std::size_t i = 0; i < hard.size(); ++i) {
      const auto d = i < run.begin ? run.begin - i : i >= run.end ? i - (run.end - 1) : 0;
      if (d == 0 || d > width / 2) continue;
      soft[i] += std::sqrt(1 - static_cast<double>(d) / static_cast<double>(width));
    }
  }
  for (auto& s : soft) s = std::min(s, 1.0);
  return soft;
}

/// (recall, precision) of all that reaches `threshold`.
std::pair<double, double> slow_point(std::span<const double> score, const Flags& hard,
                                     std::span<const double> soft, double threshold) {
  Flags reach;
  Flags hit;
  double hits = 0;
  double flagged = 0;
  double total = 0;
  for (std::size_t i = 0; i < score.size(); ++i) {
    const bool is_flagged = score[i] >= threshold;
    reach.push_back(soft[i] > 0);
    hit.push_back(is_flagged);
    hits += is_flagged ? soft[i] : 0;
    flagged += is_flagged ? 1 : 0;
    total += (hard[i] + soft[i]) / 2;
  }
  const auto events = runs_of(reach);
  const auto met =
      std::ranges::count_if(events, [&](const Run& event) { return meets(runs_of(hit), event); });
  const double share = static_cast<double>(met) / static_cast<double>(events.size());
  return {std::min(hits / total, 1.0) * share, hits / flagged};
}

/// As the authors of VUS have it, one width and one threshold at a time.
double slow_vus(std::span<const double> score, const Flags& hard, std::size_t width) {
  const auto soft = slow_soft(hard, width);
  std::vector<double> thresholds(score.begin(), score.end());
  std::ranges::sort(thresholds, std::greater{});
  double sum = 0;
  double recall_before = 0;
  for (const double threshold : thresholds) {
    const auto [recall, precision] = slow_point(score, hard, soft, threshold);
    sum += (recall - recall_before) * precision;
    recall_before = recall;
  }
  return sum;
}

TEST_CASE("vus: agrees with the slow way") {
  Random random(5);
  for (int trial = 0; trial < 40; ++trial) {
    std::vector<double> score;
    Flags label;
    for (int i = 0; i < 60; ++i) {
      label.push_back(random.below(10) == 0 || (i > 30 && i < 36));
      score.push_back(static_cast<double>(random.below(trial % 2 == 0 ? 5 : 1000)) +
                      3 * label[static_cast<std::size_t>(i)]);
    }
    const double expected =
        (slow_vus(score, label, 0) + slow_vus(score, label, 6) + slow_vus(score, label, 12)) / 3;
    const auto found = vus_pr(Ranking(score), label, {.most_rows = 12, .widths = 3});
    REQUIRE(found);
    CHECK(*found == doctest::Approx(expected).epsilon(1e-9));
  }
  CHECK_FALSE(vus_pr(Ranking(std::vector<double>{1, 2}), Flags{0, 0}, {}));
}

TEST_CASE("vus: an event of which only a part was drawn counts by that part") {
  const std::vector<double> score{0, 0, 1, 2, 3, 4, 1, 0, 0, 0};
  const Flags label{0, 0, 0, 1, 1, 1, 0, 0, 0, 0};
  const std::vector<double> drawn{0, 0, 0, 0, 1, 1, 1, 1, 1, 1};  // its beginning was not
  const auto found = vus_pr(Ranking(score), label, {.most_rows = 4, .widths = 2}, drawn);
  REQUIRE(found);
  CHECK(*found > 0.9);
}

TEST_CASE("row score: the interval of VUS holds its value, of one long event as well") {
  ScoredRows rows;
  Random chance(3);
  for (int i = 0; i < 800; ++i) {
    const bool is_event = i >= 310 && i < 500;
    rows.score.push_back((is_event ? 3 : 0) + chance.normal());
    rows.flag.push_back(rows.score.back() > 2 ? 1 : 0);
    rows.change.push_back(0);
    rows.label.push_back(is_event ? 1 : 0);
  }
  const auto score = score_rows(rows);
  const auto& found = score.figures.at(static_cast<std::size_t>(RowFigure::vus_pr));
  REQUIRE(found);
  const auto& vus = *found;
  REQUIRE(vus.low);
  CHECK(vus.value > 0.7);
  CHECK(*vus.low > vus.value - 0.3);
  CHECK(*vus.low <= vus.value);
  CHECK(*vus.high >= vus.value);
}

TEST_CASE("affiliation: worked by hand") {
  struct Case {
    const char* name;
    std::vector<Run> events;
    std::vector<Run> flagged;
    const char* expected;  // precision, recall
  };
  const Case cases[] = {
      {"exactly right", {{40, 60}}, {{40, 60}}, "1 1"},
      {"nothing said", {{40, 60}}, {}, "none 0"},
      {"no event", {}, {{1, 2}}, "none none"},
      // All 100 rows: 20 inside count 1; outside at distance d: 1 - (20 + 2 d)/100, mean 0.4.
      {"always", {{40, 60}}, {{0, 100}}, "0.52 1"},
      // Zones [0, 50) and [50, 100): nothing in the second.
      {"one of two", {{20, 30}, {70, 80}}, {{20, 30}}, "1 0.5"},
      // One row at 10 … 11, of 50: d = 9.5 on the mean: 1 - (10 + 2 * 9.5)/50; recall 1 - 2 *
      // 14/50.
      {"too early", {{20, 30}}, {{10, 11}}, "0.42 0.44"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const std::size_t rows = std::string_view(c.name) == "too early" ? 50 : 100;
    const auto found = affiliation(c.events, c.flagged, rows);
    CHECK(figure_of(found.mean_precision()) + " " + figure_of(found.mean_recall()) == c.expected);
  }
}

TEST_CASE("affiliation: chance gives a half") {
  Random random(9);
  double precision = 0;
  double recall = 0;
  constexpr int trials = 2000;
  for (int trial = 0; trial < trials; ++trial) {
    const auto at = static_cast<std::size_t>(random.below(1000));
    const std::vector<Run> events{{500, 501}};
    const std::vector<Run> flagged{{at, at + 1}};
    const auto found = affiliation(events, flagged, 1000);
    precision += *found.mean_precision() / trials;
    recall += *found.mean_recall() / trials;
  }
  CHECK(precision == doctest::Approx(0.5).epsilon(0.05));
  CHECK(recall == doctest::Approx(0.5).epsilon(0.05));
}

TEST_CASE("nab: worked by hand") {
  const std::vector<Run> windows{{100, 200}};
  const auto normalized = [&](std::vector<std::size_t> detected) {
    return figure_of(nab_score(detected, windows).normalized());
  };
  CHECK(normalized({}) == "0");
  CHECK(normalized({100}) == "100");
  CHECK(normalized({100, 101, 150, 199}) == "100");  // the earliest counts
  // 2 / (1 + exp(-5 * 50/100)) - 1 = 0.84828; that of the first row 0.98661: (0.85979 + 1) / 2.
  CHECK(normalized({150}) == "92.99");
  CHECK(normalized({50}) == "-5.5");  // before any window: the whole price, 0.11 of 2
  // 99 rows behind the last of 100: a whole width behind: 2 / (1 + exp(5)) - 1 = -0.98661.
  CHECK(normalized({298}) == "-5.426");
  CHECK(normalized({100, 298}) == "94.57");
  CHECK(normalized({100, 1000}) == "94.5");
  CHECK_FALSE(nab_score(std::vector<std::size_t>{7}, {}).normalized());
}

TEST_CASE("nab: files add up") {
  const std::vector<Run> windows{{10, 20}};
  auto sum = nab_score(std::vector<std::size_t>{10}, windows);
  sum += nab_score(std::vector<std::size_t>{}, windows);
  sum += nab_score(std::vector<std::size_t>{5}, {});
  CHECK(figure_of(sum.normalized()) == "47.25");  // (1 - 1 - 0.11 + 2) / 4
}

ScoredRows day_of_minutes() {
  ScoredRows rows;
  for (std::int64_t i = 0; i < 1440; ++i) {
    rows.at_us.push_back(i * 60'000'000);
    rows.score.push_back(0);
    rows.flag.push_back(0);
    rows.change.push_back(0);
    rows.label.push_back(0);
  }
  return rows;
}

void mark(Flags& flags, std::size_t begin, std::size_t end) {
  for (auto i = begin; i < end; ++i) flags[i] = 1;
}

TEST_CASE("row score: events, delay, false episodes and points of one day") {
  auto rows = day_of_minutes();
  mark(rows.label, 100, 200);
  mark(rows.label, 500, 600);
  mark(rows.flag, 110, 160);  // found after 10 min
  mark(rows.flag, 300, 310);  // false
  mark(rows.flag, 590, 640);  // found after 90 min, and reaches out
  rows.change[110] = 1;
  for (std::size_t i = 0; i < rows.score.size(); ++i) rows.score[i] = rows.flag[i];
  const auto score = score_rows(rows);
  const auto of = [&](RowFigure which) { return figure_of(score, which); };
  CHECK(of(RowFigure::event_recall) == "1");
  CHECK(of(RowFigure::event_precision) == "0.6667");
  CHECK(of(RowFigure::event_f1) == "0.8");
  CHECK(of(RowFigure::delay_s) == "3000");
  CHECK(of(RowFigure::false_episodes) == "1");
  CHECK(of(RowFigure::false_per_day) == "1");
  CHECK(of(RowFigure::point_recall) == "0.3");        // 60 of 200
  CHECK(of(RowFigure::point_precision) == "0.5455");  // 60 of 110
  CHECK(of(RowFigure::point_f1) == "0.3871");         // 120 of 310
  CHECK(of(RowFigure::alarmed) == "0.07639");         // 110 of 1440
  CHECK(score.events == 2);
  CHECK(score.episodes == 3);
  CHECK(score.labelled == 200);
  const auto& recall = *score.figures.at(static_cast<std::size_t>(RowFigure::point_recall));
  CHECK(*recall.low < 0.3);
  CHECK(*recall.high > 0.3);
}

TEST_CASE("row score: the floors know nothing") {
  auto rows = day_of_minutes();
  mark(rows.label, 700, 820);
  mark(rows.flag, 710, 730);
  rows.score = std::vector<double>(rows.flag.begin(), rows.flag.end());
  const auto score = score_rows(rows);
  const auto floor = [&](std::string_view name, RowFigure which) {
    const auto found = std::ranges::find(score.floors, name, &RowFloor::name);
    REQUIRE(found != score.floors.end());
    return figure_of(found->figures.at(static_cast<std::size_t>(which)));
  };
  CHECK(floor("never", RowFigure::event_recall) == "0");
  CHECK(floor("never", RowFigure::event_precision) == "none");
  CHECK(floor("never", RowFigure::event_f1) == "0");
  CHECK(floor("never", RowFigure::average_precision) == "0.08333");
  CHECK(floor("never", RowFigure::nab) == "0");
  CHECK(floor("always", RowFigure::event_recall) == "1");
  CHECK(floor("always", RowFigure::point_f1) == "0.1538");  // 240 of 1560
  CHECK(floor("always", RowFigure::average_precision) == "0.08333");
  CHECK(floor("metronome", RowFigure::event_recall) == "1");  // its one beat is at noon
  const double by_chance = *std::ranges::find(score.floors, "random", &RowFloor::name)
                                ->figures.at(static_cast<std::size_t>(RowFigure::roc_auc));
  CHECK(std::abs(by_chance - 0.5) < 0.02);
  CHECK(floor("clock", RowFigure::roc_auc) == "0.5303");  // 700 of 1320 before, none of them above
}

TEST_CASE("row score: change points belong to the rows behind an event's edges") {
  auto rows = day_of_minutes();
  mark(rows.label, 700, 820);
  rows.change[700] = 1;
  rows.change[820] = 1;
  CHECK(figure_of(score_rows(rows), RowFigure::change_nab) == "100");
  rows.change[820] = 0;
  CHECK(figure_of(score_rows(rows), RowFigure::change_nab) == "50");
}

TEST_CASE("row score: without times, labels or rows") {
  ScoredRows rows;
  CHECK(score_rows(rows).rows == 0);
  rows = day_of_minutes();
  rows.at_us.clear();
  rows.flag[5] = 1;
  const auto score = score_rows(rows);
  CHECK(figure_of(score, RowFigure::false_per_day) == "none");
  CHECK(figure_of(score, RowFigure::false_episodes) == "1");
  CHECK(figure_of(score, RowFigure::event_recall) == "none");
  CHECK(figure_of(score, RowFigure::average_precision) == "none");
  CHECK(figure_of(score, RowFigure::nab) == "none");
}

}  // namespace
}  // namespace sosie
