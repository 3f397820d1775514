#include "store/store.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <thread>

#include <doctest/doctest.h>

#include "base/random.h"
#include "store/database.h"
#include "store/fixture_test.h"

namespace sosie {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp always_from = Timestamp::min();
const Timestamp always_to = Timestamp::max();

SeriesInfo info(const std::string& entity, const std::string& attribute) {
  SeriesInfo made;
  made.entity = entity;
  made.attribute = attribute;
  return made;
}

Reading reading(std::uint32_t series, Timestamp at, double value) {
  return {.at = at, .value = value, .series = {series}};
}

/// What a store must hold, told as simply as it can be.
class Model {
 public:
  void append(std::span<const Reading> readings) {
    for (const auto& r : readings) series_[r.series.index][r.at] = r;
  }

  std::vector<Reading> readings(std::uint32_t series, Timestamp from, Timestamp to) {
    std::vector<Reading> all;
    for (const auto& [at, r] : series_[series]) {
      if (at >= from && at < to) all.push_back(r);
    }
    return all;
  }

  std::vector<Bucket> rollups(std::uint32_t series, Duration width, Timestamp from, Timestamp to) {
    std::map<Timestamp, Bucket> buckets;
    for (const auto& [at, r] : series_[series]) {
      const Timestamp start = floor_to(at, width);
      if (start < from || start >= to) continue;
      Bucket& b = buckets[start];
      b.start = start;
      if (r.quality == Quality::bad) {
        ++b.bad;
        continue;
      }
      if (b.count++ == 0) b.first = b.min = b.max = r.value;
      b.min = std::min(b.min, r.value);
      b.max = std::max(b.max, r.value);
      b.last = r.value;
      b.sum += r.value;
    }
    std::vector<Bucket> all;
    for (const auto& [start, b] : buckets) all.push_back(b);
    return all;
  }

 private:
  std::map<std::uint32_t, std::map<Timestamp, Reading>> series_;
};

void check_same(const std::vector<Bucket>& actual, const std::vector<Bucket>& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    Bucket a = actual[i];
    CHECK(std::abs(a.sum - expected[i].sum) <= 1e-9);
    a.sum = expected[i].sum;
    CHECK(a == expected[i]);
  }
}

void check_same(const Store& store, Model& model, std::uint32_t series) {
  CAPTURE(series);
  const auto stored = store.readings({series}, always_from, always_to, SIZE_MAX);
  REQUIRE(stored);
  CHECK(*stored == model.readings(series, always_from, always_to));
  for (const auto resolution : {Resolution::minute, Resolution::hour, Resolution::day}) {
    const auto buckets = store.rollups({series}, resolution, always_from, always_to);
    REQUIRE(buckets);
    check_same(*buckets, model.rollups(series, width_of(resolution), always_from, always_to));
  }
}

/// Batches as the world sends them: mostly in order, some late, some twice, some corrected.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  std::vector<Reading> batch() {
    std::vector<Reading> readings;
    const auto n = random_.below(random_.below(6) == 0 ? 3000 : 60);
    for (std::uint64_t i = 0; i < n; ++i) readings.push_back(next());
    return readings;
  }

 private:
  Reading next() {
    const auto choice = random_.below(100);
    if (!sent_.empty() && choice < 4) return sent_[random_.below(sent_.size())];  // redelivered
    Reading r;
    r.series.index = static_cast<std::uint32_t>(random_.below(3));
    now_ += seconds(1 + random_.below(4));
    r.at = now_;
    if (choice < 10) r.at -= seconds(random_.below(20));
    if (choice < 6) r.at -= seconds(random_.below(60'000));
    if (random_.below(3000) == 0) now_ += hours(random_.below(40));
    r.value = std::round(random_.normal() * 1000) / 100;
    if (random_.below(40) == 0) r.quality = Quality::bad;
    if (random_.below(40) == 0) r.reason = QualityReason::late;
    sent_.push_back(r);
    return r;
  }

  Random random_;
  Timestamp now_ = monday;
  std::vector<Reading> sent_;
};

}  // namespace

TEST_CASE("store: whatever order readings come in, they are kept as if they had come in order") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    StoreFixture fixture;
    fixture.options.chunk_points = seed % 3 == 0 ? 512 : 16 * seed;
    fixture.reopen();
    World world(seed);
    Model model;
    for (int i = 0; i < 40; ++i) {
      const auto batch = world.batch();
      fixture.append(batch);
      model.append(batch);
      if (i % 10 == 9) fixture.reopen();
      if (i % 8 != 7) continue;
      for (std::uint32_t s = 0; s < 3; ++s) check_same(*fixture.store, model, s);
    }
  }
}

TEST_CASE("store: opened anew after every append it is the same") {
  StoreFixture fixture;
  World world(77);
  Model model;
  for (int i = 0; i < 30; ++i) {
    const auto batch = world.batch();
    fixture.append(batch);
    model.append(batch);
    fixture.reopen();
    for (std::uint32_t s = 0; s < 3; ++s) {
      const auto stored = fixture.store->readings({s}, always_from, always_to, SIZE_MAX);
      REQUIRE(stored);
      CHECK(*stored == model.readings(s, always_from, always_to));
    }
  }
}

TEST_CASE("store: the size of batches leaves no trace") {
  StoreFixture whole;
  StoreFixture pieces;
  World world(5);
  std::vector<Reading> all;
  for (int i = 0; i < 30; ++i) {
    const auto batch = world.batch();
    all.insert(all.end(), batch.begin(), batch.end());
    pieces.append(batch);
  }
  whole.append(all);
  for (std::uint32_t s = 0; s < 3; ++s) {
    const auto a = whole.store->readings({s}, always_from, always_to, SIZE_MAX);
    const auto b = pieces.store->readings({s}, always_from, always_to, SIZE_MAX);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(*a == *b);
  }
}

TEST_CASE("store: how many series there are leaves no trace") {
  StoreFixture few(3);
  StoreFixture many(5000);
  World world(6);
  for (int i = 0; i < 30; ++i) {
    const auto batch = world.batch();
    few.append(batch);
    many.append(batch);
  }
  for (std::uint32_t s = 0; s < 3; ++s) {
    const auto a = few.store->readings({s}, always_from, always_to, SIZE_MAX);
    const auto b = many.store->readings({s}, always_from, always_to, SIZE_MAX);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(*a == *b);
  }
}

TEST_CASE("store: a redelivered reading changes nothing, another value replaces") {
  StoreFixture fixture;
  fixture.options.chunk_points = 16;
  fixture.reopen();
  std::vector<Reading> first;
  for (int i = 0; i < 40; ++i) first.push_back(reading(0, monday + seconds(i), i));
  fixture.append(first);
  const auto log_rows = "SELECT coalesce(sum(points), 0) FROM _wal";
  const auto before = fixture.store->query(log_rows, 1);
  REQUIRE(before);
  fixture.append(first);
  const auto after = fixture.store->query(log_rows, 1);
  REQUIRE(after);
  CHECK(before->rows[0][0] == after->rows[0][0]);
  CHECK(fixture.store->stats()->late == 0);

  fixture.append({reading(0, monday + seconds(3), -5), reading(0, monday + seconds(39), -6)});
  const auto stored = fixture.store->readings({0}, always_from, always_to, SIZE_MAX);
  REQUIRE(stored);
  CHECK(stored->size() == 40);
  CHECK((*stored)[3].value == -5);
  CHECK((*stored)[39].value == -6);
  CHECK(fixture.store->stats()->late == 1);
  const auto minute = fixture.store->rollups({0}, Resolution::minute, monday, monday + minutes(1));
  REQUIRE(minute);
  CHECK(minute->at(0).min == -6);
  CHECK(minute->at(0).sum == 40 * 39 / 2 - 3 - 5 - 39 - 6);
}

TEST_CASE("store: series keep their ids in every life, and what the scenario says today wins") {
  StoreFixture fixture(0);
  SeriesInfo b = info("B", "ph");
  b.asset = "plant";
  b.unit = "-";
  b.low = 4;
  SeriesInfo a = info("A", "value");
  a.location = "inlet";
  fixture.table->declare(b);
  fixture.table->declare(a);
  fixture.append({reading(1, monday, 1)});
  SeriesInfo today = info("B", "ph");
  today.unit = "pH";
  fixture.options.described = {today};
  fixture.reopen();
  CHECK(fixture.table->size() == 2);
  CHECK(fixture.table->find("B", "ph") == SeriesId{0});
  CHECK(fixture.table->find("A", "value") == SeriesId{1});
  CHECK((*fixture.table)[{0}].unit == "pH");
  CHECK((*fixture.table)[{0}].asset == "plant");
  CHECK((*fixture.table)[{0}].low == 4);
  CHECK((*fixture.table)[{1}].location == "inlet");
  fixture.append(Commit{});
  fixture.options.described.clear();
  fixture.reopen();
  CHECK((*fixture.table)[{0}].unit == "pH");
}

TEST_CASE("store: a reading of a series nobody declared is an error, and keeps nothing") {
  StoreFixture fixture;
  const std::vector<Reading> batch{reading(0, monday, 1), reading(9, monday, 1)};
  const Commit commit{.readings = batch};
  const auto appended = fixture.store->append({&commit, 1});
  REQUIRE_FALSE(appended);
  CHECK(appended.error().what.find("series 9") != std::string::npos);
  CHECK(fixture.store->readings({0}, always_from, always_to, 10)->empty());
}

TEST_CASE("store: without readings, what was said and remembered is kept all the same") {
  StoreOptions options;
  options.keep_readings = false;
  options.feed_readers = {"sink"};
  StoreFixture fixture(3, options);
  const std::vector readings{Reading{monday, 1, SeriesId{0}}};
  const std::vector<std::pair<std::string, std::string>> remembered{{"place", "7"}};
  fixture.append(Commit{.readings = readings, .remembered = remembered});
  fixture.reopen();
  CHECK(fixture.store->readings({0}, Timestamp::min(), Timestamp::max(), 10)->empty());
  CHECK(fixture.store->feed_head() == 0);
  CHECK(fixture.store->recall("place").value() == "7");
}

TEST_CASE("store: of very many series the tails are short; the log is written anew in rows") {
  constexpr std::uint32_t series = 20'000;
  StoreFixture fixture(series, {.path = {}, .chunk_points = 4096});
  std::vector<Reading> batch;
  for (std::uint32_t i = 0; i < series; ++i) {
    for (int at = 0; at < 4; ++at)
      batch.push_back(reading(i, monday + seconds(at), static_cast<double>(i) + at));
  }
  fixture.append(batch);
  batch.clear();
  for (int at = 4; at < 500; ++at) batch.push_back(reading(7, monday + seconds(at), at));
  fixture.append(batch);
  const auto chunk = fixture.store->query("SELECT count(*) AS n FROM readings", 10);
  REQUIRE(chunk);
  fixture.reopen();
  const auto database = Database::open(fixture.options.path, Database::Mode::read_only);
  REQUIRE(database);
  CHECK(*(*database)->number("SELECT count FROM _chunk WHERE level = 0") == (8 << 20) / series);
  CHECK(*(*database)->number("SELECT count(*) FROM _wal") > 1);
  CHECK(*(*database)->number("SELECT max(points) FROM _wal") < 70'000);
  CHECK(fixture.store->readings({7}, always_from, always_to, SIZE_MAX)->size() == 500);
  CHECK(fixture.store->readings({19'999}, always_from, always_to, SIZE_MAX)->back().value ==
        20'002);
  CHECK(fixture.store->stats()->oldest == monday);
  CHECK(fixture.store->stats()->newest == monday + seconds(499));
}

TEST_CASE("store: times at the ends of what can be told do no harm") {
  StoreFixture fixture;
  fixture.options.chunk_points = 16;
  fixture.reopen();
  std::vector<Reading> batch{reading(0, Timestamp::min(), 1), reading(0, Timestamp::max(), 2)};
  for (int i = 0; i < 40; ++i) batch.push_back(reading(0, Timestamp(hours(-24 * 365 * i)), i));
  batch.push_back(reading(0, Timestamp(hours(24 * 365 * 200)), 7));
  fixture.append(batch);
  CHECK(fixture.store->stats()->expired == 2);
  CHECK(fixture.store->readings({0}, always_from, always_to, SIZE_MAX)->size() == 41);
  CHECK(fixture.store->history({0}, always_from, always_to, 100)->t.size() == 41);
  CHECK(fixture.store->rollups({0}, Resolution::day, always_from, always_to)->size() == 41);
}

TEST_CASE("store: limits and the newest before an instant") {
  StoreFixture fixture;
  fixture.options.chunk_points = 16;
  fixture.reopen();
  std::vector<Reading> batch;
  for (int i = 0; i < 50; ++i) batch.push_back(reading(0, monday + seconds(10 * i), i));
  fixture.append(batch);
  struct Case {
    int before_s;
    std::optional<double> value;
  };
  for (const auto& c : {Case{0, {}},
                        {1, 0},
                        {10, 0},
                        {11, 1},
                        {160, 15},
                        {161, 16},
                        {475, 47},
                        {490, 48},
                        {9999, 49}}) {
    CAPTURE(c.before_s);
    const auto last = fixture.store->last_reading({0}, monday + seconds(c.before_s));
    REQUIRE(last);
    CHECK(last->has_value() == c.value.has_value());
    if (c.value) CHECK((*last)->value == *c.value);
  }
  CHECK_FALSE(fixture.store->last_reading({1}, always_to)->has_value());
  CHECK(fixture.store->readings({0}, monday, always_to, 20)->size() == 20);
  CHECK(fixture.store->readings({0}, monday + seconds(100), monday + seconds(200), 99)->size() ==
        10);
  const auto stats = fixture.store->stats();
  REQUIRE(stats);
  CHECK(stats->oldest == monday);
  CHECK(stats->newest == monday + seconds(490));
  CHECK(stats->readings == 50);
  CHECK(stats->bytes > 4096);
}

TEST_CASE("scan: all series in the order of time, no instant parted, ends when told") {
  StoreFixture fixture;
  fixture.options.chunk_points = 32;
  fixture.reopen();
  World world(9);
  Model model;
  for (int i = 0; i < 40; ++i) {
    const auto batch = world.batch();
    fixture.append(batch);
    model.append(batch);
  }
  const std::vector<SeriesId> ids{{2}, {0}, {1}};
  const Timestamp from = monday + hours(1);
  const Timestamp to = monday + hours(9000);
  std::vector<Reading> expected;
  for (const auto id : ids) {
    const auto some = model.readings(id.index, from, to);
    expected.insert(expected.end(), some.begin(), some.end());
  }
  std::ranges::stable_sort(expected, {}, &Reading::at);
  std::vector<Reading> scanned;
  int batches = 0;
  const auto done = fixture.store->scan(ids, from, to, [&](std::span<const Reading> batch) {
    if (!scanned.empty()) CHECK(scanned.back().at < batch.front().at);
    scanned.insert(scanned.end(), batch.begin(), batch.end());
    ++batches;
    return true;
  });
  REQUIRE(done);
  CHECK(scanned == expected);
  CHECK(batches > 1);
  int calls = 0;
  REQUIRE(fixture.store->scan(ids, from, to, [&](auto) { return ++calls < 2; }));
  CHECK(calls == 2);
}

TEST_CASE("retention: whole old days go, level by level, and do not come back") {
  StoreFixture fixture;
  fixture.options.chunk_points = 100;
  fixture.options.retention = {
      {.series = "S1", .raw = {}, .minute = {}, .hour = {}, .day = {}},
      {.series = "S*", .raw = hours(48), .minute = hours(96), .hour = {}, .day = {}}};
  fixture.reopen();
  std::vector<Reading> batch;
  for (int i = 0; i < 10 * 24 * 60; ++i) {
    for (std::uint32_t s = 0; s < 2; ++s) batch.push_back(reading(s, monday + minutes(i), i % 100));
  }
  fixture.append(batch);
  Model model;
  model.append(batch);
  const Timestamp now = monday + hours(240);
  int steps = 1;
  for (;; ++steps) {
    const auto more = fixture.store->retain(now);
    REQUIRE(more);
    if (!*more) break;
    REQUIRE(steps < 100);
  }
  const auto raw = fixture.store->readings({0}, always_from, always_to, SIZE_MAX);
  REQUIRE(raw);
  CHECK(raw->front().at <= monday + hours(192));
  CHECK(raw->front().at >= monday + hours(192) - minutes(100));
  const auto minutes_left = fixture.store->rollups({0}, Resolution::minute, always_from, always_to);
  CHECK(minutes_left->front().start <= monday + hours(144));
  CHECK(minutes_left->front().start >= monday + hours(144) - minutes(128));
  check_same(*fixture.store->rollups({0}, Resolution::hour, always_from, always_to),
             model.rollups(0, hours(1), always_from, always_to));
  check_same(*fixture.store, model, 1);

  // A reading from the time that went is not taken; one from after it is, and all still add up.
  for (int life = 0; life < 2; ++life) {
    fixture.append({reading(0, monday + hours(30), 5)});
    CHECK(fixture.store->stats()->expired == 1);
    fixture.reopen();
  }
  const Reading late = reading(0, monday + hours(193) + seconds(7), 1234);
  fixture.append({late});
  model.append({&late, 1});
  check_same(*fixture.store->rollups({0}, Resolution::day, always_from, always_to),
             model.rollups(0, hours(24), always_from, always_to));

  // A chart over the time of which only roll-ups are left is made from these.
  const auto chart = fixture.store->history({0}, monday, now, 2000);
  REQUIRE(chart);
  CHECK(chart->resolution == Resolution::hour);
  CHECK(chart->t.size() == 240);
}

TEST_CASE("retention: a roll-up kept shorter than its source is an error") {
  StoreFixture fixture;
  SeriesTable table;
  StoreOptions options;
  options.path = fixture.folder.file("b.db");
  options.retention = {{.raw = hours(100), .minute = hours(50)}};
  const auto opened = Store::open(options, table);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().what.find("at least as long") != std::string::npos);
}

TEST_CASE("backup: a copy while appending goes on, that opens as the file itself") {
  StoreFixture fixture;
  World world(11);
  Model model;
  for (int i = 0; i < 20; ++i) {
    const auto batch = world.batch();
    fixture.append(batch);
    model.append(batch);
  }
  const auto copy = fixture.folder.file("copy.db");
  REQUIRE(fixture.store->backup(copy));
  fixture.append({reading(0, monday + hours(9999), 1)});
  CHECK_FALSE(fixture.store->backup(copy));
  SeriesTable table;
  const auto opened = Store::open({.path = copy}, table);
  REQUIRE(opened);
  for (std::uint32_t s = 0; s < 3; ++s) check_same(**opened, model, s);
}

TEST_CASE("read only: beside the one that writes, and changes nothing") {
  StoreFixture fixture;
  fixture.append({reading(0, monday, 1), reading(1, monday, 2)});
  StoreOptions options = fixture.options;
  options.read_only = true;
  SeriesTable table;
  const auto opened = Store::open(options, table);
  REQUIRE(opened);
  CHECK(table.size() == 3);
  CHECK((*opened)->readings({1}, always_from, always_to, 10)->at(0).value == 2);
  CHECK_FALSE((*opened)->append({}));
  CHECK_FALSE((*opened)->set_cursor("x", 1));
  SeriesTable other;
  options.path = fixture.folder.file("nothing.db");
  CHECK_FALSE(Store::open(options, other));
}

TEST_CASE("threads: who reads while others append sees whole commits, and waits for none") {
  StoreFixture fixture;
  fixture.options.chunk_points = 32;
  fixture.reopen();
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> looked = 0;
  const auto look = [&](std::uint32_t series) {
    // Commit n holds the seconds 10 n .. 10 n + 9 of each series, so whole commits leave no gap.
    const auto readings = fixture.store->readings({series}, always_from, always_to, SIZE_MAX);
    bool good = readings && readings->size() % 10 == 0;
    for (std::size_t i = 0; good && i < readings->size(); ++i) {
      good = (*readings)[i].at == monday + seconds(i);
    }
    std::uint64_t rolled_up = 0;
    const auto buckets =
        fixture.store->rollups({series}, Resolution::minute, always_from, always_to);
    if (buckets) {
      for (const auto& b : *buckets) rolled_up += b.count;
    }
    good = good && buckets && rolled_up >= readings->size() && rolled_up % 10 == 0;
    const auto counted = fixture.store->query(
        fmt::format("SELECT count(*) FROM readings WHERE series = 'S{}'", series), 1);
    good = good && counted && std::get<std::int64_t>(counted->rows[0][0]) % 10 == 0;
    if (!good) ++wrong;
    ++looked;
  };
  {
    std::vector<std::jthread> readers;
    for (std::uint32_t s = 0; s < 2; ++s) {
      readers.emplace_back([&, s] {
        do {
          look(s);
        } while (!done);
      });
    }
    std::vector<Reading> batch;
    for (int n = 0; n < 60; ++n) {
      batch.clear();
      for (int i = 0; i < 10; ++i) {
        for (std::uint32_t s = 0; s < 3; ++s) {
          batch.push_back(reading(s, monday + seconds(10 * n + i), n));
        }
      }
      fixture.append(batch);
    }
    done = true;
  }
  CHECK(wrong == 0);
  CHECK(looked >= 2);
}

}  // namespace sosie
