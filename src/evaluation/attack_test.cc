#include "evaluation/attack.h"

#include <cmath>

#include <doctest/doctest.h>

#include "evaluation/budget.h"

namespace sosie {
namespace {

/// Three columns: the second is twice the first, the third its own. `rows` of them.
AttackerView view_of(std::size_t rows) {
  AttackerView view(3);
  Random random(5);
  for (std::size_t i = 0; i < rows; ++i) {
    const double x = random.normal();
    view.learn(std::vector{10 + x, 2 * (10 + x) + 0.01 * random.normal(), random.normal()});
  }
  view.settle();
  return view;
}

/// What `attack` makes of rows in which the first column shows 25 while an event is on.
std::vector<double> shown(std::string_view attack, bool is_event) {
  const auto view = view_of(9000);  // more than are kept
  Attacker attacker(read_attacks(attack).value().front(), view);
  const std::vector<std::size_t> targets{0};
  std::vector<double> values{is_event ? 25.0 : 10.0, 20, 0};
  attacker.change(values, is_event ? std::optional<std::size_t>(0) : std::nullopt, targets, 60);
  return values;
}

TEST_CASE("attack: what was asked for is read, what cannot be is refused") {
  const auto all = read_attacks("all");
  REQUIRE(all);
  CHECK(all->size() == 13);
  CHECK(all->front().name == "noise:5");
  for (const auto* const wrong : {"noise", "noise:0", "noise:x", "dropout:101", "sleep:3", ""}) {
    CAPTURE(wrong);
    const auto read = read_attacks(wrong);
    REQUIRE(!read);
    CHECK(read.error().what.find("noise:PERCENT") != std::string::npos);
  }
}

TEST_CASE("attack: which sensors are held, and when") {
  const auto view = view_of(500);
  const std::vector<std::size_t> targets{2};
  std::vector<double> values{10, 20, 0};
  Attacker replay(read_attacks("replay:2").value().front(), view);
  replay.change(values, std::nullopt, targets, 60);
  CHECK(replay.held().empty());
  replay.change(values, 0, targets, 60);
  REQUIRE(replay.held().size() == 2);
  CHECK(replay.held().front() == 2);
  replay.change(values, std::nullopt, targets, 60);
  CHECK(replay.held().empty());
  Attacker noise(read_attacks("noise:10").value().front(), view);
  noise.change(values, 0, targets, 60);
  CHECK(noise.held().empty());
}

TEST_CASE("attack: what an attacker knows") {
  const auto view = view_of(9000);
  CHECK(view.mean(0) == doctest::Approx(10).epsilon(0.01));
  CHECK(view.deviation(1) == doctest::Approx(2).epsilon(0.05));
  CHECK(view.low(0) == doctest::Approx(7.7).epsilon(0.05));
  CHECK(view.high(0) == doctest::Approx(12.3).epsilon(0.05));
  CHECK(view.rows() == AttackerView::most_rows);
}

TEST_CASE("attack: an event is hidden on the sensors that are held, and nothing else is touched") {
  for (const auto* const attack : {"replay:1", "blind:1", "white:1", "insider:1"}) {
    CAPTURE(attack);
    const auto hidden = shown(attack, true);
    CHECK(hidden[0] > 5);
    CHECK(hidden[0] < 15);  // within its own range
    CHECK(hidden[1] == 20);
    CHECK(hidden[2] == 0);
    CHECK(shown(attack, false) == std::vector<double>{10, 20, 0});
  }
  // Who knows the model shows what the second column lets expect.
  const auto view = view_of(2000);
  Attacker attacker(read_attacks("white:1").value().front(), view);
  double sum = 0;
  for (int i = 0; i < 200; ++i) {
    std::vector<double> values{25, 22, 0};
    attacker.change(values, 0, std::vector<std::size_t>{0}, 60);
    sum += values[0] / 200;
  }
  CHECK(sum == doctest::Approx(11).epsilon(0.03));
}

/// How far a held column goes with what the second one shows now.
double dragged(const char* attack) {
  const auto view = view_of(2000);
  Attacker attacker(read_attacks(attack).value().front(), view);
  Random random(3);
  double shared = 0;
  for (int i = 0; i < 4000; ++i) {
    const double noise = random.normal();
    std::vector<double> values{25, 20 + 2 * noise, 0};
    attacker.change(values, 0, std::vector<std::size_t>{0}, 60);
    shared += noise * (values[0] - 10) / 4000;
  }
  return shared;
}

TEST_CASE("attack: the white box drags the others' noise in, an insider does not") {
  CHECK(dragged("white:1") > 0.5);
  CHECK(std::abs(dragged("insider:1")) < 0.1);
}

TEST_CASE("attack: noise and dropouts strike all, always; a ramp one, where nothing else is") {
  const auto noisy = shown("noise:100", false);
  CHECK(noisy[0] != 10);
  CHECK(noisy[2] != 0);
  const auto lost = shown("dropout:100", false);
  CHECK(std::isnan(lost[0]));
  const auto view = view_of(500);
  Attacker attacker(read_attacks("ramp:1").value().front(), view);
  std::size_t ramped = 0;
  double furthest = 0;
  for (int hour = 0; hour < 100; ++hour) {
    std::vector<double> values{10, 20, 0};
    attacker.change(values, std::nullopt, {}, 3600);
    if (!attacker.ramped()) continue;
    ++ramped;
    const auto c = *attacker.ramped();
    const double before[] = {10, 20, 0};
    furthest = std::max(furthest, (values[c] - before[c]) / view.deviation(c));
  }
  CHECK(ramped >= 40);
  CHECK(ramped <= 80);
  CHECK(furthest == doctest::Approx(4));
}

TEST_CASE("budget: the threshold is the lowest that keeps it") {
  const std::vector<double> best{0.9, 0.7, 0.5, -1};
  const std::vector<double> wrong{0.8, 0.6, 0.3};
  const auto none = recall_at_budget(best, wrong, 10, 0);
  CHECK(none.recall == 0.25);
  CHECK(none.false_per_day == 0);
  const auto one = recall_at_budget(best, wrong, 10, 0.1);
  CHECK(one.recall == 0.5);
  CHECK(one.false_per_day == doctest::Approx(0.1));
  const auto any = recall_at_budget(best, wrong, 10, 5);
  CHECK(any.recall == 0.75);  // what nothing finds is not found at any threshold
  CHECK(any.false_per_day == doctest::Approx(0.3));
}

TEST_CASE("budget: of rows, an alarm that trembles is one") {
  std::vector<double> scores(1000, 0.1);
  std::vector<std::uint8_t> labels(1000, 0);
  for (std::size_t i = 100; i < 140; ++i) scores[i] = i % 2 == 0 ? 0.8 : 0.5;  // false, and one
  for (std::size_t i = 500; i < 510; ++i) scores[i] = 0.7;
  for (std::size_t i = 500; i < 520; ++i) labels[i] = 1;
  for (std::size_t i = 800; i < 810; ++i) labels[i] = 1;
  const auto quiet = recall_at_budget_of_rows(scores, labels, 10, 0);
  CHECK(quiet.recall == 0);
  const auto one = recall_at_budget_of_rows(scores, labels, 10, 0.1);
  CHECK(one.recall == 0.5);
  CHECK(one.threshold == doctest::Approx(0.5));  // the lowest that keeps the budget
  CHECK(one.false_per_day == doctest::Approx(0.1));
  CHECK(share_alarmed(scores, labels, 0.7) == 0.5);
}

}  // namespace
}  // namespace sosie
