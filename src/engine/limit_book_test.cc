#include "engine/limit_book.h"

#include <limits>

#include <doctest/doctest.h>

#include "base/time_text.h"

namespace sosie {
namespace {

const Timestamp noon = *from_iso8601("2026-11-20T12:00:00Z");

struct LimitRig {
  LimitRig() {
    SeriesInfo info;
    info.entity = "M";
    info.attribute = "energy";
    id = series.declare(info);
    limits = {{id, "high_high", 20, Priority::high, {}}, {id, "high", 12, Priority::medium, {}}};
  }
  std::string moved(std::string name, std::optional<double> to, std::string who = "Ana") {
    const auto change =
        book.change(limits, {id, std::move(name), to, std::move(who), "why\tnot", noon});
    return change ? fmt::format("{} to {}", change->from, change->to) : change.error().what;
  }
  SeriesTable series;
  SeriesId id{};
  std::vector<SeriesLimit> limits;
  LimitBook book;
};

TEST_CASE("limit book: what may be moved, and what not") {
  LimitRig rig;
  CHECK(rig.moved("high", 13) == "12 to 13");
  CHECK(rig.moved("high", 14) == "13 to 14");
  CHECK(rig.moved("low", 1) == "the series has no limit 'low'");
  CHECK(rig.moved("high", 20) == "20 where less than high_high = 20 was expected");
  CHECK(rig.moved("high_high", 14) == "14 where more than high = 14 was expected");
  CHECK(rig.moved("high", std::numeric_limits<double>::infinity()) == "a limit is a number");
  CHECK(rig.moved("high", 15, " ") == "'who' is missing: the name of a person");
  CHECK(rig.moved("high", {}) == "14 to 12");
  CHECK(rig.book.orders(rig.limits).empty());
  CHECK(rig.book.log().size() == 3);
  CHECK(rig.book.log().back().is_reset);
}

TEST_CASE("limit book: it comes back, unless the scenario has another opinion now") {
  LimitRig rig;
  rig.moved("high", 13.5);
  const auto bytes = rig.book.bytes(rig.series);
  LimitBook again;
  again.restore(bytes[0].second, bytes[1].second, rig.series);
  const auto orders = again.orders(rig.limits);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].name == "high");
  CHECK(orders[0].value == 13.5);
  REQUIRE(again.log().size() == 1);
  CHECK(again.log()[0].who == "Ana");
  CHECK(again.log()[0].comment == "why not");
  CHECK(again.log()[0].at == noon);
  rig.limits[1].value = 11;
  CHECK(again.orders(rig.limits).empty());
  LimitBook damaged;
  damaged.restore("M\tenergy\thigh\tx\t12\nX\ty\thigh\t1\t2\n\t\n", "M\t\n", rig.series);
  CHECK(damaged.orders(rig.limits).empty());
  CHECK(damaged.log().empty());
}

TEST_CASE("limit book: what the command line begins with is noted like any change") {
  LimitRig rig;
  const auto begun = [&](const LimitWish& wish) {
    const auto orders = rig.book.begin_with(wish, rig.limits, rig.series, noon);
    return orders ? fmt::format("{} of {}", orders->size(), rig.book.log().size())
                  : orders.error().what;
  };
  CHECK(begun({"", "high", 13}) == "1 of 1");
  CHECK(begun({"M.energy", "high", 14}) == "1 of 2");
  CHECK(begun({"M", "high", 14}) == "1 of 2");  // it is so already
  CHECK(rig.book.log()[1].who == "command line");
  CHECK(rig.book.log()[1].from == 13);
  CHECK(begun({"", "low", 1}) ==
        "the scenario has no limit 'low'; it has M.energy:high_high, M.energy:high");
  CHECK(begun({"N", "high", 1}).starts_with("the scenario has no limit 'N:high'; it has"));
  CHECK(begun({"", "high", 30}) == "30 where less than high_high = 20 was expected");
}

}  // namespace
}  // namespace sosie
