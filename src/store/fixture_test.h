#pragma once

// What this room's tests share.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "store/store.h"
#include "testing/server.h"

namespace sosie {

const inline Timestamp monday = Timestamp(std::chrono::seconds(1'795'392'000));  // 2026-11-23

inline std::unique_ptr<Store> open_store(const StoreOptions& options, SeriesTable& table) {
  auto opened = Store::open(options, table);
  CAPTURE((opened ? std::string() : opened.error().what));
  REQUIRE(opened);
  return std::move(*opened);
}

/// Series "S0", "S1", … of attribute "value".
inline void declare_series(SeriesTable& table, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    SeriesInfo info;
    info.entity = "S" + std::to_string(i);
    info.attribute = "value";
    table.declare(info);
  }
}

/// A store in a folder of its own that can be opened again and again.
class StoreFixture {
 public:
  explicit StoreFixture(std::size_t series = 3, StoreOptions with = {})
      : options(std::move(with)), series_(series) {
    options.path = folder.file("a.db");
    reopen();
  }

  void reopen() {
    store.reset();
    table = std::make_unique<SeriesTable>();
    store = open_store(options, *table);
    declare_series(*table, series_);
  }

  void append(const Commit& commit) const {
    const auto appended = store->append({&commit, 1});
    CAPTURE((appended ? std::string() : appended.error().what));
    REQUIRE(appended);
  }
  void append(const std::vector<Reading>& readings) const { append(Commit{.readings = readings}); }

  testing::TempDir folder;
  StoreOptions options;
  std::unique_ptr<SeriesTable> table;
  std::unique_ptr<Store> store;

 private:
  std::size_t series_;
};

}  // namespace sosie
