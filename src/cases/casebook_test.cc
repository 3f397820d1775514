#include "cases/casebook.h"

#include <cmath>

#include <doctest/doctest.h>

#include "base/time_text.h"

namespace sosie::cases {
namespace {

/// A stuck sensor, or another's drift.
Finding finding_of(std::uint64_t id, std::uint32_t series, SymptomKind symptom, double off = 1) {
  Finding finding;
  finding.id = id;
  finding.kind = Kind::sensor_failure;
  Suspect first;
  first.series = SeriesId{series};
  first.share = 0.9;
  first.value = 5 + off;
  first.expected = 5;
  first.low = 4.5;
  first.high = 5.5;
  Suspect second = first;
  second.series = SeriesId{series + 1};
  second.share = 0.1;
  finding.suspects = {first, second};
  Evidence evidence;
  evidence.kind = symptom;
  finding.evidence = {evidence};
  return finding;
}

double alike(const Finding& a, const Finding& b) {
  return similarity(signature_of(a), signature_of(b));
}

Answer answer_to(const Finding& finding, bool is_right) {
  return {.finding = finding.id, .at = {}, .who = "Ana", .is_right = is_right, .comment = ""};
}

TEST_CASE("cases: how alike two findings are") {
  const auto stuck = finding_of(1, 7, SymptomKind::stuck);
  CHECK(alike(stuck, finding_of(2, 7, SymptomKind::stuck)) == doctest::Approx(1));
  CHECK(alike(stuck, finding_of(2, 7, SymptomKind::noise)) == doctest::Approx(0.6));
  CHECK(alike(stuck, finding_of(2, 7, SymptomKind::stuck, -1)) == doctest::Approx(0.5));
  CHECK(alike(finding_of(1, 7, SymptomKind::stuck, 0.2),
              finding_of(2, 7, SymptomKind::stuck, -0.2)) == doctest::Approx(1));
  CHECK(alike(stuck, finding_of(2, 70, SymptomKind::stuck)) == doctest::Approx(0.5));
  auto other = finding_of(2, 70, SymptomKind::noise);
  other.kind = Kind::cyber_attack;
  CHECK(alike(stuck, other) == 0);
  auto wide = stuck;  // more of it in the second suspect
  wide.suspects[0].share = 0.5;
  wide.suspects[1].share = 0.5;
  CHECK(alike(stuck, wide) == doctest::Approx(0.5 * 0.5 / 0.9055385 / 0.7071068 + 0.5));
  CHECK(alike(Finding(), Finding()) == doctest::Approx(1));
}

/// The same sensor, with one sign after the other.
Finding shown(std::uint64_t id, std::initializer_list<SymptomKind> symptoms, double off = 1) {
  auto finding = finding_of(id, 7, SymptomKind::spike, off);
  finding.evidence.clear();
  for (const auto symptom : symptoms) {
    Evidence evidence;
    evidence.kind = symptom;
    evidence.series = SeriesId{7};
    evidence.score = 0.75;  // two limits off
    finding.evidence.push_back(std::move(evidence));
  }
  return finding;
}

TEST_CASE("cases: a finding that still grows is like one that has shown all of its signs") {
  using enum SymptomKind;
  Casebook book;
  const auto burst = shown(1, {spike, rate, noise, deviation});
  book.add(burst, answer_to(burst, false));

  struct Case {
    const char* name;
    Finding now;
    bool is_like;
  };
  auto early = shown(100, {spike});
  early.suspects.resize(1);  // alone as yet
  early.suspects.front().share = 1;
  early.kind = Kind::pollution_peak;  // one sign says little of the kind
  auto elsewhere = finding_of(101, 8, spike);
  elsewhere.evidence = burst.evidence;
  auto neighbours = shown(102, {spike, rate});  // what it shows is another's
  for (auto& evidence : neighbours.evidence) evidence.series = SeriesId{8};
  neighbours.evidence.push_back(shown(0, {stuck}).evidence.front());
  auto far = shown(103, {spike, rate});
  far.evidence.front().score = 0.99;  // 6.6 limits
  const Case cases[] = {
      {"its first sign", early, true},
      {"on the other side: where a burst stands is chance", shown(100, {rate}, -1), true},
      {"as many", shown(100, {noise, deviation, rate, spike}), true},
      {"one more", shown(100, {spike, rate, noise, deviation, residual}), true},
      {"one of two is new", shown(100, {spike, stuck}), false},
      {"only what is new", shown(100, {missing}), false},
      {"another sensor", elsewhere, false},
      {"another sensor's signs", neighbours, false},
      {"far stronger", far, false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(book.opinion(c.now).wrong == (c.is_like ? 1 : 0));
  }
}

/// A sign of the lead, so many limits off.
Finding strong(std::uint64_t id, SymptomKind symptom, double limits, double off) {
  auto finding = shown(id, {symptom}, off);
  finding.evidence.front().score = 1 - std::exp2(-limits);
  return finding;
}

TEST_CASE("cases: ten times as strong is not alike, however strong the answered one was") {
  using enum SymptomKind;
  for (const double limits : {2.0, 5.0, 15.0, 40.0, 200.0}) {
    CAPTURE(limits);
    Casebook book;
    // A limit is half of the band, 0.5.
    const auto level = strong(1, residual, limits, 0.5 * limits);
    book.add(level, answer_to(level, false));
    CHECK(book.opinion(strong(100, residual, 1.5 * limits, 0.75 * limits)).wrong == 1);
    CHECK(book.opinion(strong(100, residual, 10 * limits, 5 * limits)).wrong == 0);
  }
  // Of one that trembles it is by its level alone, as its value is anywhere.
  for (const double limits : {2.0, 5.0, 15.0}) {
    CAPTURE(limits);
    Casebook book;
    const auto trembling = strong(1, noise, limits, 0);
    book.add(trembling, answer_to(trembling, false));
    CHECK(book.opinion(strong(100, noise, 1.5 * limits, 50)).wrong == 1);
    CHECK(book.opinion(strong(100, noise, 10 * limits, 50)).wrong == 0);
  }
}

TEST_CASE("cases: a side counts where a sensor does not waver") {
  using enum SymptomKind;
  Casebook book;
  const auto low = shown(1, {residual, drift}, -1);
  book.add(low, answer_to(low, false));
  CHECK(book.opinion(shown(100, {residual}, -1)).wrong == 1);
  CHECK(book.opinion(shown(100, {residual}, 1)).wrong == 0);
}

TEST_CASE("cases: what people said of findings that are alike counts, and of this one does not") {
  Casebook book;
  const auto now = finding_of(100, 7, SymptomKind::stuck);
  CHECK(book.opinion(now).trust() == 1);

  const auto first = finding_of(1, 7, SymptomKind::stuck);
  book.add(first, answer_to(first, false));
  CHECK(book.opinion(now).wrong == 1);
  CHECK(book.opinion(now).trust() == 0.5);
  CHECK(book.opinion(first).trust() == 1);
  CHECK(book.opinion(finding_of(101, 7, SymptomKind::noise)).trust() == 1);

  const auto second = finding_of(2, 7, SymptomKind::stuck);
  book.add(second, answer_to(second, true));
  CHECK(book.opinion(now).trust() == doctest::Approx(2.0 / 3));

  book.add(first, answer_to(first, true));  // they have thought better of it
  CHECK(book.opinion(now).right == 2);
  CHECK(book.opinion(now).trust() == 1);
  CHECK(book.answers_to(1).size() == 2);
  CHECK(book.all().right == 2);
  CHECK(book.all().wrong == 0);
}

TEST_CASE("cases: an answer is kept as JSON, and what is damaged is said") {
  const Answer answer{.finding = 12,
                      .at = *from_iso8601("2026-11-30T10:00:00.5Z"),
                      .who = "Ana \"the\" operator",
                      .is_right = false,
                      .kind = Kind::pollution_peak,
                      .comment = "une averse"};
  const auto again = answer_from_json(to_json(answer));
  REQUIRE(again);
  CHECK(*again == answer);
  for (const auto* const text :
       {"", "[]", "{}", R"({"finding":1,"at_us":2})", R"({"finding":-1,"at_us":2,"right":true})",
        R"({"finding":1,"at_us":2,"right":"yes"})"}) {
    CAPTURE(text);
    const auto read = answer_from_json(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::corrupt);
  }
}

}  // namespace
}  // namespace sosie::cases
