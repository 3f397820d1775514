#include "store/query.h"

#include <memory>

#include "base/text.h"

namespace sosie {
namespace {

// NOLINTNEXTLINE(readability-function-size): SQLite's signature
int only_reading(void*, int action, const char*, const char*, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

Error refused(sqlite3* handle) {
  if ((sqlite3_extended_errcode(handle) & 0xFF) == SQLITE_AUTH) {
    return {Errc::invalid, "query: only SELECT is allowed here"};
  }
  return database_error(handle, "query");
}

Result<Prepared> prepare(sqlite3* handle, std::string_view sql) {
  sqlite3_set_authorizer(handle, only_reading, nullptr);
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int rc = sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &raw, &rest);
  Prepared prepared(raw);
  if (rc != SQLITE_OK) return refused(handle);
  if (!prepared) return Error{Errc::invalid, "query: there is no statement in it"};
  const auto more = trim(sql.substr(static_cast<std::size_t>(rest - sql.data())));
  if (!more.empty()) return Error{Errc::invalid, "query: one statement at a time"};
  return prepared;
}

Cell cell_of(sqlite3_stmt* row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(row, column);
    case SQLITE_NULL:
      return std::monostate{};
    default: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
      return size == 0 ? std::string() : std::string(bytes, size);
    }
  }
}

}  // namespace

Result<Table> run_query(Database& database, std::string_view sql, std::size_t limit) {
  sqlite3* handle = database.handle();
  const auto statement = TRY(prepare(handle, sql));
  Table table;
  const int columns = sqlite3_column_count(statement.get());
  for (int i = 0; i < columns; ++i) {
    table.columns.emplace_back(sqlite3_column_name(statement.get(), i));
  }
  int rc = sqlite3_step(statement.get());
  for (; rc == SQLITE_ROW; rc = sqlite3_step(statement.get())) {
    if (table.rows.size() == limit) {
      table.cut = true;
      return table;
    }
    auto& row = table.rows.emplace_back();
    for (int i = 0; i < columns; ++i) row.push_back(cell_of(statement.get(), i));
  }
  if (rc != SQLITE_DONE) return refused(handle);
  return table;
}

}  // namespace sosie
