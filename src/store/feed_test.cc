#include "store/feed.h"

#include <array>

#include <doctest/doctest.h>

#include "store/fixture_test.h"

namespace sosie {
namespace {

using std::chrono::seconds;

StoreOptions read_by(std::vector<std::string> readers, std::int64_t room) {
  StoreOptions options;
  options.feed_readers = std::move(readers);
  options.feed_max_bytes = room;
  return options;
}

class FeedFixture : public StoreFixture {
 public:
  explicit FeedFixture(std::vector<std::string> readers = {"a"}, std::int64_t room = 1'000'000)
      : StoreFixture(2, read_by(std::move(readers), room)) {}

  std::vector<double> values_after(std::uint64_t cursor) {
    const auto part = store->feed(cursor, store->feed_head(), 1'000'000);
    REQUIRE(part);
    std::vector<double> values;
    for (const auto& reading : part->readings) values.push_back(reading.value);
    return values;
  }
  std::int64_t rows() {
    auto database = Database::open(options.path, Database::Mode::read_only);
    REQUIRE(database);
    return *(*database)->number("SELECT count(*) FROM _feed");
  }
};

Reading fed(int second, double value, std::uint32_t series = 0) {
  return {monday + seconds(second), value, {series}};
}

TEST_CASE("feed: what was committed, in the order of commits, late readings too") {
  FeedFixture fixture;
  fixture.append({fed(0, 1), fed(0, 10, 1), fed(1, 2)});
  fixture.append({fed(9, 3)});
  fixture.append({fed(5, 4), fed(9, 5)});
  CHECK(fixture.store->feed_head() == 6);
  CHECK(fixture.values_after(0) == std::vector<double>{1, 2, 10, 3, 4, 5});
  CHECK(fixture.values_after(3) == std::vector<double>{3, 4, 5});
  const auto one = fixture.store->feed(3, 6, 1);
  REQUIRE(one);
  CHECK(one->end == 4);
  CHECK(one->readings.size() == 1);
  CHECK(fixture.store->feed(3, 3, 1)->end == 3);
  CHECK(**fixture.store->feed_newest(0, 6) == monday + seconds(9));
  CHECK(**fixture.store->feed_newest(0, 3) == monday + seconds(1));
  CHECK_FALSE(*fixture.store->feed_newest(6, 6));
  fixture.reopen();
  CHECK(fixture.store->feed_head() == 6);
  CHECK(fixture.values_after(0).size() == 6);
}

TEST_CASE("feed: kept until the slowest reader is past it; the count goes on") {
  FeedFixture fixture({"a", "b"});
  for (int i = 0; i < 10; ++i) fixture.append({fed(i, i)});
  REQUIRE(fixture.store->set_cursor("sink/a", 10));
  REQUIRE(fixture.store->set_cursor("sink/b", 4));
  fixture.append({fed(10, 10)});
  CHECK(fixture.rows() == 7);
  CHECK(fixture.values_after(4).front() == 4);
  const std::array<Store::Cursor, 2> both{{{"sink/a", 11}, {"sink/b", 11}}};
  REQUIRE(fixture.store->set_cursors(both));
  fixture.reopen();
  CHECK(fixture.rows() == 0);
  CHECK(fixture.store->feed_head() == 11);
  fixture.append({fed(11, 11)});
  CHECK(fixture.store->feed_head() == 12);
  CHECK(fixture.values_after(11) == std::vector<double>{11});
}

TEST_CASE("feed: a reader that is new begins with what comes; one that is gone holds nothing up") {
  FeedFixture fixture;
  fixture.append({fed(0, 0)});
  fixture.options.feed_readers = {"a", "new"};
  fixture.reopen();
  CHECK(*fixture.store->cursor("sink/a") == 0);
  CHECK(*fixture.store->cursor("sink/new") == 1);
  fixture.append({fed(1, 1)});
  fixture.options.feed_readers = {"new"};
  fixture.reopen();
  CHECK(*fixture.store->cursor("sink/a") == 0);
  CHECK(fixture.rows() == 1);
  fixture.options.feed_readers = {};
  fixture.reopen();
  CHECK(fixture.rows() == 0);
  fixture.append({fed(2, 2)});
  CHECK(fixture.rows() == 0);
  fixture.options.feed_readers = {"a"};
  fixture.reopen();
  CHECK(*fixture.store->cursor("sink/a") == fixture.store->feed_head());
}

TEST_CASE("feed: what is too much becomes a time to be read from the history") {
  FeedFixture fixture({"a"}, 2000);
  for (int i = 0; i < 300; ++i) fixture.append({fed(i, i)});
  const auto first = fixture.store->feed(0, fixture.store->feed_head(), 1000);
  REQUIRE(first);
  REQUIRE(first->folded);
  CHECK(first->readings.empty());
  CHECK(first->folded->from == monday);
  std::uint64_t cursor = 0;
  Timestamp until = monday;
  std::size_t whole = 0;
  while (cursor < fixture.store->feed_head()) {
    const auto part = fixture.store->feed(cursor, fixture.store->feed_head(), 1);
    REQUIRE(part);
    REQUIRE(part->end > cursor);
    cursor = part->end;
    if (part->folded) {
      CHECK(part->folded->from <= until + seconds(1));
      until = part->folded->to;
    } else {
      CHECK(part->readings.front().at <= until + seconds(1));
      until = part->readings.back().at;
      ++whole;
    }
  }
  CHECK(until == monday + seconds(299));
  CHECK(whole < 100);
  CHECK(whole > 5);
  CHECK(fixture.rows() < 200);
}

TEST_CASE("feed: a transaction that fails leaves nothing in it") {
  FeedFixture fixture;
  fixture.append({fed(0, 0)});
  const Reading stray{monday, 1, {77}};
  const Commit commit{.readings = {&stray, 1}};
  CHECK_FALSE(fixture.store->append({&commit, 1}));
  fixture.append({fed(1, 1)});
  CHECK(fixture.values_after(0) == std::vector<double>{0, 1});
}

}  // namespace
}  // namespace sosie
