#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "store/fixture_test.h"

namespace sosie {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Three days at 5 s of one series, a day of which is missing, and one of a reading an hour.
class Recorded {
 public:
  Recorded() {
    StoreOptions options;
    options.path = folder_.file("a.db");
    auto opened = Store::open(options, table_);
    REQUIRE(opened);
    store = std::move(*opened);
    SeriesInfo info;
    info.attribute = "value";
    for (const char* name : {"FIT-101", "AIT-9"}) {
      info.entity = name;
      table_.declare(info);
    }
    Random random(3);
    double walk = 100;
    for (int i = 0; i < 3 * 17'280; ++i) {
      if (i / 17'280 == 1) continue;
      walk += random.normal();
      Reading r{.at = monday + seconds(5 * i), .value = std::round(walk * 10) / 10};
      if (i % 500 == 499) r.quality = Quality::bad;
      fast.push_back(r);
    }
    for (int i = 0; i < 200; ++i) {
      slow.push_back({.at = monday + hours(i) + minutes(7), .value = std::cos(i), .series = {1}});
    }
    for (const auto* readings : {&fast, &slow}) {
      const Commit commit{.readings = *readings};
      REQUIRE(store->append({&commit, 1}));
    }
  }

  std::vector<Reading> fast;
  std::vector<Reading> slow;
  std::unique_ptr<Store> store;

 private:
  testing::TempDir folder_;
  SeriesTable table_;
};

struct Chart {
  const char* name;
  Timestamp from;
  Timestamp to;
  std::size_t points;
  Resolution resolution;
};

/// The readings of the span that belong to the point at `at`: up to where the next may begin.
struct Sums {
  std::uint32_t count = 0;
  double sum = 0;
  double min = 1e300;
  double max = -1e300;
};
Sums sums(const std::vector<Reading>& readings, Timestamp from, Timestamp to) {
  Sums s;
  for (const auto& r : readings) {
    if (r.at < from || r.at >= to || r.quality == Quality::bad) continue;
    ++s.count;
    s.sum += r.value;
    s.min = std::min(s.min, r.value);
    s.max = std::max(s.max, r.value);
  }
  return s;
}

void check_chart(const Recorded& recorded, const std::vector<Reading>& readings, const Chart& c) {
  CAPTURE(c.name);
  const auto made = recorded.store->history(readings.front().series, c.from, c.to, c.points);
  REQUIRE(made);
  const History& h = *made;
  CHECK(h.resolution == c.resolution);
  CHECK(h.t.size() <= c.points);
  REQUIRE(h.mean.size() == h.t.size());
  REQUIRE(h.min.size() == h.t.size());
  REQUIRE(h.max.size() == h.t.size());
  REQUIRE(h.count.size() == h.t.size());
  // Each point against the readings of its own stretch; all together, every reading once.
  const Timestamp from =
      c.resolution == Resolution::raw ? c.from : floor_to(c.from, width_of(c.resolution));
  const Timestamp to =
      c.resolution == Resolution::raw
          ? c.to
          : floor_to(c.to - Duration(1), width_of(c.resolution)) + width_of(c.resolution);
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < h.t.size(); ++i) {
    const Timestamp until = i + 1 < h.t.size() ? h.t[i + 1] : to;
    const auto s = sums(readings, std::max(h.t[i], from), until);
    seen += h.count[i];
    CHECK(h.count[i] == s.count);
    CHECK(h.mean[i] == doctest::Approx(s.sum / s.count).epsilon(1e-12));
    CHECK(h.min[i] == s.min);
    CHECK(h.max[i] == s.max);
  }
  CHECK(seen == sums(readings, from, to).count);
}

}  // namespace

TEST_CASE("history: what brute force says, from the coarsest that is fine enough") {
  const Recorded recorded;
  const Timestamp end = monday + days(3);
  const Chart fast[] = {
      {"a few: themselves", monday, monday + minutes(10), 600, Resolution::raw},
      {"an hour: more than fit", monday, monday + hours(1), 600, Resolution::raw},
      {"two points", monday, monday + hours(1), 2, Resolution::hour},
      {"a day", monday, monday + days(1), 600, Resolution::minute},
      {"all", monday, end, 600, Resolution::minute},
      {"all in few", monday, end, 50, Resolution::hour},
      {"all in two", monday, end, 2, Resolution::day},
      {"odd ends", monday + seconds(1234), end - seconds(777), 333, Resolution::minute},
      {"a part of the tail", end - minutes(20), end - minutes(1), 100, Resolution::raw},
      {"the tail rolled up", end - hours(5), end, 100, Resolution::minute},
      {"a year around", monday - days(180), end + days(180), 300, Resolution::day},
      {"twenty years around", monday - days(3650), end + days(3650), 300, Resolution::day},
      {"the gap", monday + days(1), monday + days(2), 600, Resolution::raw},
  };
  for (const auto& c : fast) check_chart(recorded, recorded.fast, c);
  const Chart slow[] = {
      {"all: themselves", monday, monday + days(10), 600, Resolution::raw},
      {"half as many", monday, monday + days(10), 100, Resolution::hour},
      {"nothing", monday - days(10), monday, 100, Resolution::raw},
  };
  for (const auto& c : slow) check_chart(recorded, recorded.slow, c);
  CHECK(recorded.store->history({0}, end, monday, 100)->t.empty());
  CHECK(recorded.store->history({77}, monday, end, 100)->t.empty());
  CHECK(recorded.store->history({0}, monday, end, 0)->t.size() <= 2);
}

TEST_CASE("history: random spans agree with brute force") {
  const Recorded recorded;
  Random random(21);
  for (int i = 0; i < 60; ++i) {
    const Timestamp from = monday + seconds(random.below(3 * 86'400)) - hours(3);
    const Timestamp to = from + seconds(1 + random.below(1 + random.below(3 * 86'400)));
    const std::size_t points = 2 + random.below(900);
    const auto made = recorded.store->history({0}, from, to, points);
    REQUIRE(made);
    check_chart(recorded, recorded.fast, {"random", from, to, points, made->resolution});
  }
}

TEST_CASE("sql: people ask for readings as for rows") {
  const Recorded recorded;
  struct Ask {
    const char* sql;
    std::size_t rows;
    const char* first;  ///< the first row, cells parted by '|'
  };
  const Ask asks[] = {
      {"SELECT count(*), min(t), max(time) FROM readings WHERE series = 'FIT-101'", 1,
       "34560|1795392000000|2026-11-25T23:59:55Z"},
      {"SELECT series, t, time, quality, reason FROM readings WHERE series = 'FIT-101' LIMIT 3", 3,
       "FIT-101|1795392000000|2026-11-23T00:00:00Z|good|"},
      {"SELECT count(*) FROM readings WHERE series = 'FIT-101' AND t BETWEEN 1795392000000 AND "
       "1795392060000",
       1, "13"},
      {"SELECT count(*) FROM readings WHERE series = 'FIT-101' AND t > 1795392000000 AND t < "
       "1795392060000.5",
       1, "12"},
      {"SELECT count(*) FROM readings WHERE series = 'FIT-101' AND t = 1795392005000", 1, "1"},
      {"SELECT count(*) FROM readings WHERE series = 'FIT-101' AND time >= '2026-11-23' AND time < "
       "'2026-11-23 00:01:00'",
       1, "12"},
      {"SELECT count(*) FROM readings WHERE series = 'FIT-101' AND time <= "
       "'2026-11-23T01:00:00+01:00'",
       1, "1"},
      {"SELECT count(*) FROM readings WHERE quality = 'bad'", 1, "68"},
      {"SELECT count(*) FROM readings WHERE series IN ('FIT-101', 'AIT-9')", 1, "34760"},
      {"SELECT count(*) FROM readings WHERE series = 'no such'", 1, "0"},
      {"SELECT count(*) FROM readings WHERE series = NULL OR time = NULL", 1, "0"},
      {"SELECT count(*) FROM readings WHERE t < 'text'", 1, "34760"},
      {"SELECT t FROM readings WHERE series = 'AIT-9' ORDER BY t DESC LIMIT 1", 1, "1796108820000"},
      {"SELECT count(*) FROM readings a JOIN readings b ON a.t = b.t AND b.series = 'FIT-101' "
       "WHERE "
       "a.series = 'AIT-9'",
       1, "48"},
      {"SELECT time, count FROM rollup_1d WHERE series = 'FIT-101' ORDER BY t", 2,
       "2026-11-23T00:00:00Z|17246"},
      {"SELECT count(*), sum(count), sum(bad) FROM rollup_1h WHERE series = 'FIT-101'", 1,
       "48|34492|68"},
      {"SELECT count(*) FROM rollup_1m WHERE series = 'FIT-101' AND time < '2026-11-23T01:00'", 1,
       "60"},
      {"SELECT max(abs(mean - sum / count)) < 1e-9 FROM rollup_1m", 1, "1"},
      {"SELECT id, name FROM series ORDER BY id", 2, "0|FIT-101"},
      {"SELECT * FROM findings", 0, ""},
      {"SELECT * FROM suspects", 0, ""},
      {"SELECT * FROM evidence", 0, ""},
      {"SELECT * FROM alarms", 0, ""},
      {"SELECT * FROM alarm_log", 0, ""},
      {"SELECT * FROM labels", 0, ""},
      {"SELECT * FROM quarantine", 0, ""},
      {"SELECT NULL, 1.5, 'x'; -- done?", 0, "!one statement"},
      {"SELECT NULL, 1.5, 'x' ; ", 1, "-|1.5|x"},
      {"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5) SELECT i FROM n", 5,
       "1"},
      {"", 0, "!no statement"},
      {"SELEC 1", 0, "!syntax error"},
      {"SELECT colour FROM readings", 0, "!no such column"},
      {"DELETE FROM _chunk", 0, "!only SELECT"},
      {"ATTACH '/tmp/x.db' AS x", 0, "!only SELECT"},
      {"PRAGMA user_version = 7", 0, "!only SELECT"},
      {"SELECT * FROM readings WHERE time > 'yesterday'", 0, "!expected ISO 8601"},
  };
  const auto text = [](const std::vector<Cell>& row) {
    std::string all;
    for (const auto& cell : row) {
      if (&cell != row.data()) all += '|';
      if (const auto* i = std::get_if<std::int64_t>(&cell)) all += std::to_string(*i);
      if (const auto* d = std::get_if<double>(&cell)) all += fmt::format("{}", *d);
      if (const auto* s = std::get_if<std::string>(&cell)) all += *s;
      if (std::holds_alternative<std::monostate>(cell)) all += '-';
    }
    return all;
  };
  for (const auto& ask : asks) {
    CAPTURE(ask.sql);
    const std::string_view first = ask.first;
    const auto table = recorded.store->query(ask.sql, 1000);
    if (first.starts_with('!')) {
      REQUIRE_FALSE(table);
      CAPTURE(table.error().what);
      CHECK(table.error().what.find(first.substr(1)) != std::string::npos);
      continue;
    }
    CAPTURE((table ? std::string() : table.error().what));
    REQUIRE(table);
    CHECK_FALSE(table->cut);
    CHECK(table->rows.size() == ask.rows);
    if (!table->rows.empty()) CHECK(text(table->rows[0]) == first);
  }
}

TEST_CASE("sql: conditions on value leave nothing out, and a limit says that it cut") {
  const Recorded recorded;
  const auto above = [&](const std::vector<Reading>& readings, double x) {
    return std::ranges::count_if(readings, [&](const Reading& r) { return r.value > x; });
  };
  for (const double x : {60.0, 100.0, 140.0, 1000.0}) {
    const auto table =
        recorded.store->query(fmt::format("SELECT count(*) FROM readings WHERE value > {}", x), 1);
    REQUIRE(table);
    CHECK(std::get<std::int64_t>(table->rows[0][0]) ==
          above(recorded.fast, x) + above(recorded.slow, x));
  }
  const auto cut = recorded.store->query("SELECT t FROM readings", 10);
  REQUIRE(cut);
  CHECK(cut->cut);
  CHECK(cut->rows.size() == 10);
}

}  // namespace sosie
