#include "engine/rule_limit_book.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

const Timestamp midday = Timestamp(std::chrono::hours(490'000));
const std::string some_rules =
    "[[rule]]\nname = 'hot'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\ndeadband = 5\n"
    "[[rule]]\nname = 'band'\nkind = 'limit'\nseries = '*.level'\nhigh = 4\nlow = 1\n"
    "[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n";

RuleLimitBook book_of(const std::string& toml = some_rules) {
  auto section = Section::read_text(toml, "rules.toml").value();
  return RuleLimitBook(rules::RuleSet::read(section).value().rules);
}

RuleMove to(const std::string& rule, std::optional<double> high,
            std::optional<RuleMove::Wish> low = std::nullopt) {
  return {.rule = rule, .high = RuleMove::Wish{high}, .low = low, .who = "Ana"};
}

/// "hot 75 band 1..4", those that were moved with a star.
std::string shown(const RuleLimitBook& book) {
  std::string text;
  for (const RuleInForce& one : book.rules()) {
    const auto limits = text_of({one.rule.high, one.rule.low});
    text += fmt::format("{}{}: {}; ", one.rule.name, one.since ? "*" : "", limits);
  }
  return text;
}

TEST_CASE("a rule's limits are moved, one side or both, and put back") {
  auto book = book_of();
  CHECK(shown(book) == "hot: high 80; band: low 1, high 4; quiet: ; ");
  const auto change = book.move(to("hot", 75), midday, midday);
  REQUIRE(change);
  CHECK(change->from.high == 80);
  CHECK(change->to.high == 75);
  CHECK_FALSE(change->is_reset);
  REQUIRE(book.move(to("band", 6, RuleMove::Wish{2}), midday, midday));
  CHECK(shown(book) == "hot*: high 75; band*: low 2, high 6; quiet: ; ");
  const auto back = book.move(to("hot", std::nullopt), midday + Duration(1), midday);
  CHECK(back->is_reset);
  CHECK(book.rule("hot").rule.high == 80);
  CHECK(book.rule("hot").since == midday + Duration(1));
  CHECK(book.log().size() == 3);
}

TEST_CASE("what no rule can be is refused, and changes nothing") {
  struct Case {
    RuleMove move;
    std::string_view error;
  };
  auto nobody = to("hot", 75);
  nobody.who = " ";
  const Case cases[] = {
      {to("hto", 75), "there is no rule 'hto'; the scenario has hot, band, quiet"},
      {to("quiet", 75), "the rule 'quiet' is of kind silence; expected one of kind limit"},
      {{.rule = "hot", .who = "Ana"}, "'high' and 'low' are missing; expected one of them"},
      {to("hot", 75, RuleMove::Wish{1}), "the rule has no 'low'; expected 'high' alone"},
      {to("band", 0.5), "low 1 is above high 0.5"},
      {to("hot", std::numeric_limits<double>::infinity()), "a limit is a number"},
      {nobody, "'who' is missing: the name of a person"},
  };
  auto book = book_of();
  for (const auto& c : cases) {
    CAPTURE(c.error);
    const auto moved = book.move(c.move, midday, midday);
    REQUIRE_FALSE(moved);
    CHECK(moved.error().what == c.error);
  }
  auto narrow = book_of(
      "[[rule]]\nname = 'n'\nkind = 'limit'\nseries = 's'\nhigh = 9\nlow = 1\n"
      "deadband = 2\n");
  CHECK(narrow.move(to("n", 4), midday, midday).error().what ==
        "the deadband of 2 leaves nothing between 1 and 4");
  CHECK(shown(book) == "hot: high 80; band: low 1, high 4; quiet: ; ");
  CHECK(book_of("").move(to("hot", 1), midday, midday).error().what ==
        "there is no rule 'hot'; the scenario has none");
}

TEST_CASE("what was moved comes back, unless the scenario's own limit is another by now") {
  auto book = book_of();
  REQUIRE(book.move(to("hot", 75), midday, midday));
  REQUIRE(book.move(to("hot", 70), midday + Duration(5), midday));
  auto wish = to("band", 6);
  wish.comment = "wet\tsummer\n";
  REQUIRE(book.move(wish, midday - Duration(5), midday));
  const auto bytes = book.bytes();
  auto again = book_of();
  again.restore(bytes[0].second, bytes[1].second);
  CHECK(shown(again) == "hot*: high 70; band*: low 1, high 6; quiet: ; ");
  CHECK(again.bytes() == bytes);
  CHECK(again.log().back().comment == "wet summer");
  const auto orders = again.orders();
  REQUIRE(orders.size() == 3);
  CHECK(orders[1].limits.high == 75);
  CHECK(orders[2].limits.high == 70);
  CHECK(orders[2].since == midday + Duration(5));

  auto edited = book_of("[[rule]]\nname = 'hot'\nkind = 'limit'\nseries = 's'\nhigh = 81\n");
  edited.restore(bytes[0].second, bytes[1].second);
  CHECK(shown(edited) == "hot: high 81; ");
  CHECK(edited.log().size() == 3);
  auto damaged = book_of();
  damaged.restore("hot\tx\t-\t80\t-\t5\nhot\t75\n\n", "hot\t1\n");
  CHECK(shown(damaged) == "hot: high 80; band: low 1, high 4; quiet: ; ");
}

TEST_CASE("an instant never lies before that of the move before") {
  auto book = book_of();
  REQUIRE(book.move(to("hot", 75), midday, midday));
  CHECK(book.move(to("hot", 70), midday - Duration(1), midday)->since == midday);
  CHECK(book.orders().size() == 1);
}

}  // namespace
}  // namespace sosie
