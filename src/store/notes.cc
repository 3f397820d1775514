#include "store/notes.h"

#include <algorithm>

namespace sosie {
namespace {

constexpr std::int64_t kept_refusals = 10'000;
constexpr std::size_t kept_sample = 500;

}  // namespace

Result<void> save_refusal(Database& database, const Refusal& refusal, Timestamp at) {
  auto add = TRY(database.statement(
      "INSERT INTO _quarantine (at, source, reason, sample, place) VALUES (?, ?, ?, ?, ?)"));
  const auto sample = std::string_view(refusal.sample).substr(0, kept_sample);
  TRY(add.bind(at, refusal.source, refusal.reason, sample, refusal.where).run());
  auto count = TRY(database.statement(
      "INSERT INTO _refused VALUES (?, 1) ON CONFLICT (source) DO UPDATE SET total = total + 1"));
  TRY(count.bind(refusal.source).run());
  auto forget = TRY(database.statement("DELETE FROM _quarantine WHERE number <= ?"));
  return forget.bind(sqlite3_last_insert_rowid(database.handle()) - kept_refusals).run();
}

Result<Quarantine> find_quarantine(Database& database, std::size_t limit) {
  Quarantine quarantine;
  auto count = TRY(database.statement("SELECT source, total FROM _refused ORDER BY source"));
  while ([[maybe_unused]] const bool more = TRY(count.step())) {
    const auto total = static_cast<std::uint64_t>(count.integer(1));
    quarantine.by_source.emplace_back(count.text(0), total);
    quarantine.total += total;
  }
  auto row = TRY(database.statement(
      "SELECT at, source, reason, sample, place FROM _quarantine ORDER BY number DESC LIMIT ?"));
  row.bind(std::min<std::size_t>(limit, INT32_MAX));
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    quarantine.rows.push_back({row.time(0),
                               {.source = row.text(1),
                                .reason = row.text(2),
                                .sample = row.text(3),
                                .where = row.text(4)}});
  }
  return quarantine;
}

Result<void> save_memory(Database& database, std::string_view key, std::string_view bytes) {
  auto save = TRY(database.statement("INSERT OR REPLACE INTO _memory VALUES (?, ?)"));
  return save.bind(key, Blob{bytes}).run();
}

Result<std::optional<std::string>> find_memory(Database& database, std::string_view key) {
  auto row = TRY(database.statement("SELECT bytes FROM _memory WHERE key = ?"));
  const bool found = TRY(row.bind(key).step());
  return found ? std::optional(row.text(0)) : std::nullopt;
}

Result<void> save_cursor(Database& database, std::string_view name, std::uint64_t number) {
  auto save = TRY(database.statement("INSERT OR REPLACE INTO _cursor VALUES (?, ?)"));
  return save.bind(name, number).run();
}

Result<std::uint64_t> find_cursor(Database& database, std::string_view name) {
  auto row = TRY(database.statement("SELECT number FROM _cursor WHERE name = ?"));
  const bool found = TRY(row.bind(name).step());
  return found ? static_cast<std::uint64_t>(row.integer(0)) : std::uint64_t{0};
}

}  // namespace sosie
