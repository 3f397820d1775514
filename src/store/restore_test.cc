#include "store/restore.h"

#include <array>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "store/fixture_test.h"

namespace sosie {
namespace {

using std::chrono::seconds;

std::unique_ptr<Store> open_at(const std::string& path, SeriesTable& table) {
  StoreOptions options;
  options.path = path;
  auto store = open_store(options, table);
  declare_series(table, 1);
  return store;
}

void append_seconds(Store& store, int from, int to) {
  std::vector<Reading> readings;
  for (int i = from; i < to; ++i) {
    readings.push_back({.at = monday + seconds(i), .value = 1.0 * i, .series = {0}});
  }
  const Commit commit{.readings = readings};
  REQUIRE(store.append({&commit, 1}));
}

std::size_t count(const std::string& path) {
  SeriesTable table;
  const auto store = open_at(path, table);
  return store->readings({0}, Timestamp::min(), Timestamp::max(), SIZE_MAX)->size();
}

/// A store of 30 readings at "a.db", and a backup of its first 20 at "b.db".
void make_both(const testing::TempDir& folder) {
  SeriesTable table;
  const auto store = open_at(folder.file("a.db"), table);
  append_seconds(*store, 0, 20);
  REQUIRE(store->backup(folder.file("b.db")));
  append_seconds(*store, 20, 30);
}

TEST_CASE("restore: the backup takes the store's place, which is kept aside, whole") {
  const testing::TempDir folder;
  make_both(folder);
  const auto aside = restore_store(folder.file("b.db"), folder.file("a.db"), monday);
  CAPTURE((aside ? std::string() : aside.error().what));
  REQUIRE(aside);
  CHECK(*aside == folder.file("a.db.before-restore-20261123T000000Z"));
  CHECK(count(folder.file("a.db")) == 20);
  CHECK(count(*aside) == 30);
  CHECK(count(folder.file("b.db")) == 20);
  CHECK_FALSE(std::filesystem::exists(folder.file("a.db.restoring")));
}

TEST_CASE("restore: what only its log has is kept aside too") {
  const testing::TempDir folder;
  make_both(folder);
  // As after kill -9: a log beside the file, with a commit that is nowhere else.
  SeriesTable table;
  auto store = open_at(folder.file("a.db"), table);
  append_seconds(*store, 30, 35);
  for (const char* end : {"", "-wal"}) {
    std::filesystem::copy_file(folder.file("a.db") + end, folder.file("c.db") + end);
  }
  store.reset();
  const auto aside = restore_store(folder.file("b.db"), folder.file("c.db"), monday);
  REQUIRE(aside);
  CHECK(count(*aside) == 35);
  CHECK(count(folder.file("c.db")) == 20);
}

TEST_CASE("restore: into a place where nothing is") {
  const testing::TempDir folder;
  make_both(folder);
  const auto aside = restore_store(folder.file("b.db"), folder.file("var/new/sosie.db"), monday);
  REQUIRE(aside);
  CHECK(aside->empty());
  CHECK(count(folder.file("var/new/sosie.db")) == 20);
}

TEST_CASE("restore: a store in use, or a backup that is none, changes nothing") {
  const testing::TempDir folder;
  make_both(folder);
  const auto path = folder.file("a.db");
  const auto said = [&](const std::string& backup) {
    const auto done = restore_store(backup, path, monday);
    return done ? std::string("done") : done.error().what;
  };
  {
    SeriesTable table;
    const auto store = open_at(path, table);
    CHECK(said(folder.file("b.db")).find("another Sosie") != std::string::npos);
  }
  std::filesystem::copy_file(folder.file("b.db"), folder.file("cut.db"));
  std::filesystem::resize_file(folder.file("cut.db"),
                               std::filesystem::file_size(folder.file("cut.db")) / 2);
  CHECK(said(folder.file("none.db")).find("no such file") != std::string::npos);
  CHECK(said(folder.write("text.db", "hello, this is no database at all")).find("text.db") !=
        std::string::npos);
  CHECK(said(folder.write("empty.db", "")).find("an empty file") != std::string::npos);
  CHECK(said(folder.file("cut.db")).find("cut") != std::string::npos);
  CHECK(said(path).find("the store itself") != std::string::npos);
  CHECK(count(path) == 30);
}

}  // namespace
}  // namespace sosie
