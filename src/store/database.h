#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/result.h"
#include "core/reading.h"

namespace sosie {

/// Bytes, where SQLite would else take a string_view for text.
struct Blob {
  std::string_view bytes;
};

/// SQLite's last complaint as an Error for people: what was being done, what to do about it.
Error database_error(sqlite3* handle, std::string_view doing);

/// A prepared statement on loan from its Database's cache; given back clean when it dies.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement() { reset(); }
  Statement(Statement&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)), rc_(other.rc_), next_(other.next_) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  /// Binds what comes next. Text and bytes are borrowed until the statement is reset.
  template <class... Args>
  Statement& bind(const Args&... args) {
    (bind_one(args), ...);
    return *this;
  }

  Result<bool> step();  ///< true: there is a row
  Result<void> run();   ///< steps to the end and resets
  void reset();

  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string_view bytes(int column) const;  ///< valid until the next step
  std::string text(int column) const { return std::string(bytes(column)); }
  Timestamp time(int column) const { return Timestamp(Duration(integer(column))); }
  std::optional<Timestamp> maybe_time(int column) const;
  std::optional<double> maybe_real(int column) const;
  sqlite3_stmt* handle() { return statement_; }

 private:
  void bind_one(std::integral auto x) {
    keep(sqlite3_bind_int64(statement_, ++next_, static_cast<std::int64_t>(x)));
  }
  void bind_one(std::floating_point auto x) { keep(sqlite3_bind_double(statement_, ++next_, x)); }
  void bind_one(std::string_view text);
  void bind_one(const Blob& blob);
  void bind_one(SeriesId series) { bind_one(series.index); }
  void bind_one(Timestamp at) { bind_one(at.time_since_epoch().count()); }
  template <class T>
  void bind_one(const std::optional<T>& x) {
    if (x) {
      bind_one(*x);
    } else {
      keep(sqlite3_bind_null(statement_, ++next_));
    }
  }
  void keep(int rc) {
    if (rc != SQLITE_OK) rc_ = rc;
  }

  sqlite3_stmt* statement_;
  int rc_ = SQLITE_OK;  ///< the first failure of a bind, told by the next step
  int next_ = 0;        ///< parameters bound so far
};

/// One connection. Threads: one at a time.
class Database {
 public:
  enum class Mode { create, read_only };

  static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Any number of statements without parameters.
  Result<void> execute(const std::string& sql);

  /// From the cache. REQUIRES: no other loan of the same text.
  Result<Statement> statement(std::string_view sql);

  /// The only value of the only row.
  Result<std::int64_t> number(std::string_view sql);

  sqlite3* handle() { return handle_; }

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
  std::map<std::string, sqlite3_stmt*, std::less<>> cache_;
};

/// Rolls back unless committed.
class Transaction {
 public:
  enum class Kind { read, write };
  static Result<Transaction> begin(Database& database, Kind kind);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;

  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace sosie
