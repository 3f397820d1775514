#include "store/sql_tables.h"

#include <algorithm>
#include <array>
#include <memory>

#include "base/time_text.h"
#include "store/history.h"
#include "store/series_cursor.h"
#include "store/sql_conditions.h"

// SQLite's interface for virtual tables (sqlite.org/vtab.html): a table with no rows of its own,
// and cursors that it asks for them. All four are eponymous: there from the beginning, made by no
// one.

namespace sosie {
namespace {

template <class Point>
constexpr const char* declaration =
    "CREATE TABLE x(series TEXT, t, time TEXT, value REAL, quality TEXT, reason TEXT)";
template <>
constexpr const char* declaration<Bucket> =
    "CREATE TABLE x(series TEXT, t, time TEXT, mean REAL, min REAL, max REAL, count INTEGER, "
    "first REAL, last REAL, sum REAL, bad INTEGER)";

struct TableOf : sqlite3_vtab {
  const SqlTables* tables = nullptr;
  Resolution level = Resolution::raw;
};

/// What a module is told of the table it is for.
struct TableKind {
  const SqlTables* tables;
  Resolution level;
};

int fail(sqlite3_vtab& table, const Error& error) {
  sqlite3_free(table.zErrMsg);
  table.zErrMsg = sqlite3_mprintf("%s", error.what.c_str());
  return SQLITE_ERROR;
}

void result_text(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Whole milliseconds as an integer, others with their fraction.
void result_t(sqlite3_context* context, Timestamp at) {
  const auto us = at.time_since_epoch().count();
  if (us % 1000 == 0) {
    sqlite3_result_int64(context, us / 1000);
  } else {
    sqlite3_result_double(context, static_cast<double>(us) / 1000);
  }
}

void result_column(sqlite3_context* context, const Reading& reading, int column) {
  if (column == value_column) return sqlite3_result_double(context, reading.value);
  result_text(context,
              column == value_column + 1 ? to_text(reading.quality) : to_text(reading.reason));
}

void result_column(sqlite3_context* context, const Bucket& bucket, int column) {
  const int field = column - value_column;
  if (field == 3) return sqlite3_result_int64(context, bucket.count);
  if (field == 7) return sqlite3_result_int64(context, bucket.bad);
  if (bucket.count == 0) return sqlite3_result_null(context);
  const std::array<double, 7> values{bucket.mean(), bucket.min,  bucket.max, 0,
                                     bucket.first,  bucket.last, bucket.sum};
  sqlite3_result_double(context, values.at(static_cast<std::size_t>(field)));
}

/// Goes through the series one after the other, and through each in time order.
template <class Point>
class Cursor : public sqlite3_vtab_cursor {
 public:
  explicit Cursor(TableOf& table) : sqlite3_vtab_cursor{}, table_(&table) {}

  int filter(std::string_view plan, std::span<sqlite3_value*> values) {
    auto conditions = read_conditions(table_->tables->series, plan, values);
    if (!conditions) return fail(*table_, conditions.error());
    conditions_ = *conditions;
    series_ = conditions_.series ? conditions_.series->index : 0;
    end_ = conditions_.series ? series_ + 1
                              : static_cast<std::uint32_t>(table_->tables->series.size());
    if (conditions_.nothing) end_ = series_;
    points_.clear();
    at_ = 0;
    is_open_ = false;
    return to_next_row();
  }

  int next() {
    ++row_;
    ++at_;
    return to_next_row();
  }

  bool at_end() const { return series_ >= end_; }
  std::int64_t row() const { return row_; }

  void column(sqlite3_context* context, int column) const {
    const Point& point = points_[at_];
    if (column == series_column) return result_text(context, name_);
    if (column == t_column) return result_t(context, time_of(point));
    if (column == time_column) return result_text(context, to_iso8601(time_of(point)));
    result_column(context, point, column);
  }

 private:
  int to_next_row() {
    while (at_ >= points_.size() && !at_end()) {
      at_ = 0;
      points_.clear();
      auto more = fetch();
      if (!more) return fail(*table_, more.error());
      if (*more) continue;
      ++series_;
      is_open_ = false;
    }
    return SQLITE_OK;
  }

  std::vector<Reading> tail() const {
    const auto tail = table_->tables->tails.of({series_});
    return {tail.begin(), tail.end()};
  }

  /// More points of the series into points_; false when there are no more.
  Result<bool> fetch() {
    Database& database = table_->tables->database;
    const bool begins = !is_open_;
    is_open_ = true;
    if (begins) name_ = table_->tables->series[{series_}].name();
    if constexpr (std::is_same_v<Point, Reading>) {
      if (begins) {
        readings_ = std::make_unique<SeriesCursor>(database, SeriesId{series_}, conditions_.span,
                                                   tail(), conditions_.bounds);
      }
      return readings_->next(points_);
    } else {
      if (!begins) return false;
      points_ = TRY(read_rollups(database, {table_->level, {series_}}, conditions_.span, tail()));
      return !points_.empty();
    }
  }

  TableOf* table_;
  Conditions conditions_;
  std::uint32_t series_ = 0;
  std::uint32_t end_ = 0;
  bool is_open_ = false;  ///< series_ has been begun
  std::string name_;
  std::unique_ptr<SeriesCursor> readings_;
  std::vector<Point> points_;
  std::size_t at_ = 0;
  std::int64_t row_ = 0;
};

template <class Point>
Cursor<Point>& cursor_of(sqlite3_vtab_cursor* cursor) {
  return *static_cast<Cursor<Point>*>(cursor);
}

template <class Point>  // NOLINTNEXTLINE(readability-function-size): SQLite's signature
int connect(sqlite3* handle, void* kind, int, const char* const*, sqlite3_vtab** out, char**) {
  const int rc = sqlite3_declare_vtab(handle, declaration<Point>);
  if (rc != SQLITE_OK) return rc;
  const auto& of = *static_cast<TableKind*>(kind);
  auto table = std::make_unique<TableOf>();
  table->tables = of.tables;
  table->level = of.level;
  *out = table.release();  // SQLite's until disconnect
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  const std::unique_ptr<TableOf> mine(static_cast<TableOf*>(table));
  return SQLITE_OK;
}

/// One for readings and one for buckets: what SQLite calls, in its own order.
template <class Point>
const sqlite3_module& module_of() {
  static const sqlite3_module module = [] {
    sqlite3_module m{};
    m.xConnect = connect<Point>;
    m.xBestIndex = [](sqlite3_vtab* table, sqlite3_index_info* info) {
      return plan_conditions(info, static_cast<TableOf*>(table)->level);
    };
    m.xDisconnect = disconnect;
    m.xOpen = [](sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
      *out = std::make_unique<Cursor<Point>>(*static_cast<TableOf*>(table)).release();
      return SQLITE_OK;
    };
    m.xClose = [](sqlite3_vtab_cursor* cursor) {
      const std::unique_ptr<Cursor<Point>> mine(&cursor_of<Point>(cursor));
      return SQLITE_OK;
    };
    m.xFilter = [](sqlite3_vtab_cursor* cursor, int, const char* plan, int n,
                   sqlite3_value** values) {
      return cursor_of<Point>(cursor).filter(plan, {values, static_cast<std::size_t>(n)});
    };
    m.xNext = [](sqlite3_vtab_cursor* cursor) { return cursor_of<Point>(cursor).next(); };
    m.xEof = [](sqlite3_vtab_cursor* cursor) { return cursor_of<Point>(cursor).at_end() ? 1 : 0; };
    m.xColumn = [](sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
      cursor_of<Point>(cursor).column(context, column);
      return SQLITE_OK;
    };
    m.xRowid = [](sqlite3_vtab_cursor* cursor, sqlite3_int64* row) {
      *row = cursor_of<Point>(cursor).row();
      return SQLITE_OK;
    };
    return m;
  }();
  return module;
}

void forget_kind(void* kind) {
  const std::unique_ptr<TableKind> mine(static_cast<TableKind*>(kind));
}

}  // namespace

Result<void> add_sql_tables(const SqlTables& tables) {
  struct Named {
    const char* name;
    Resolution level;
  };
  constexpr std::array<Named, resolution_count> all{{{"readings", Resolution::raw},
                                                     {"rollup_1m", Resolution::minute},
                                                     {"rollup_1h", Resolution::hour},
                                                     {"rollup_1d", Resolution::day}}};
  for (const auto& [name, level] : all) {
    const auto& module = level == Resolution::raw ? module_of<Reading>() : module_of<Bucket>();
    auto kind = std::make_unique<TableKind>(TableKind{&tables, level});
    sqlite3* handle = tables.database.handle();
    // SQLite frees the kind, also when this fails.
    if (sqlite3_create_module_v2(handle, name, &module, kind.release(), forget_kind) != SQLITE_OK) {
      return database_error(handle, "store");
    }
    // Connects it, which an authorizer that allows only reading would not.
    TRY(tables.database.statement(fmt::format("SELECT * FROM {}", name)));
  }
  return {};
}

}  // namespace sosie
