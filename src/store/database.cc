#include "store/database.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace sosie {

namespace {

/// SQLite itself says so only of a full disk, not of a quota or a limit. The write that failed has
/// set errno; sqlite3_system_errno is 0 here (3.40).
bool is_out_of_room(int code, int wrong) {
  const bool was_writing = code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE;
  return was_writing && (wrong == ENOSPC || wrong == EDQUOT || wrong == EFBIG);
}

Error no_room(std::string_view doing) {
  return {Errc::full,
          fmt::format("{}: the disk is full, or the file has reached its limit; make room, "
                      "nothing was lost and it is tried again",
                      doing)};
}

}  // namespace

Error database_error(sqlite3* handle, std::string_view doing) {
  const int wrong = errno;
  const int code = sqlite3_extended_errcode(handle);
  const std::string_view said = sqlite3_errmsg(handle);
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return no_room(doing);
    case SQLITE_IOERR:
      if (is_out_of_room(code, wrong)) return no_room(doing);
      return {Errc::unavailable,
              fmt::format("{}: the disk does not take or give what it should ({}, {})", doing, said,
                          code)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Errc::unavailable, fmt::format("{}: locked by another program", doing)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Errc::corrupt,
              fmt::format("{}: the file is damaged ({}); it is left as it is: put a backup in its "
                          "place, or move it away to begin anew",
                          doing, said)};
    case SQLITE_CANTOPEN:
      return {Errc::unavailable, fmt::format("{}: cannot be opened ({})", doing, said)};
    case SQLITE_READONLY:
      return {Errc::unavailable, fmt::format("{}: may not be written ({})", doing, said)};
    default:
      return {Errc::invalid, fmt::format("{}: {}", doing, said)};
  }
}

void Statement::bind_one(std::string_view text) {
  keep(sqlite3_bind_text64(statement_, ++next_, text.data() == nullptr ? "" : text.data(),
                           text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_one(const Blob& blob) {
  keep(sqlite3_bind_blob64(statement_, ++next_,
                           blob.bytes.data() == nullptr ? "" : blob.bytes.data(), blob.bytes.size(),
                           SQLITE_STATIC));
}

Result<bool> Statement::step() {
  const int rc = rc_ == SQLITE_OK ? sqlite3_step(statement_) : rc_;
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  return database_error(sqlite3_db_handle(statement_), "store");
}

Result<void> Statement::run() {
  for (bool row = true; row;) row = TRY(step());
  reset();
  return {};
}

void Statement::reset() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  rc_ = SQLITE_OK;
  next_ = 0;
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(size));
}

std::optional<Timestamp> Statement::maybe_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

std::optional<double> Statement::maybe_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode) {
  const int flags =
      mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  // Documents hold credentials of receivers: what we make is for its owner alone. SQLite gives the
  // files beside it the same rights. One that is there is not touched: closing it would end the
  // locks of this process.
  if (mode == Mode::create) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);
  }
  // Nobody asks how much memory SQLite takes, and to count it costs a lock each time.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* handle = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(handle));  // NOLINT: its constructor is private
  if (rc != SQLITE_OK) return database_error(handle, path);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5000);
  return database;
}

Database::~Database() {
  for (auto& [sql, statement] : cache_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return database_error(handle_, "store");
  }
  return {};
}

Result<Statement> Database::statement(std::string_view sql) {
  const auto known = cache_.find(sql);
  if (known != cache_.end()) return Statement(known->second);
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) != SQLITE_OK) {
    return database_error(handle_, "store");
  }
  cache_.emplace(sql, prepared);
  return Statement(prepared);
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto row = TRY(statement(sql));
  const bool found = TRY(row.step());
  if (!found) return Error{Errc::not_found, "store: no such row"};
  return row.integer(0);
}

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  auto begin = TRY(database.statement(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN"));
  TRY(begin.run());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // After some errors (a full disk) SQLite has rolled back by itself; then there is nothing to do.
  if (sqlite3_get_autocommit(database_->handle()) == 0) {
    sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Result<void> Transaction::commit() {
  auto end = TRY(database_->statement("COMMIT"));
  TRY(end.run());
  database_ = nullptr;
  return {};
}

}  // namespace sosie
