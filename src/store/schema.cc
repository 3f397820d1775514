#include "store/schema.h"

#include <array>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"

namespace sosie {
namespace {

namespace fs = std::filesystem;

/// Layout N to N + 1 is steps[N]; a new file goes through all of them, so there is one truth.
///
/// Times are microseconds since the epoch. `_chunk` is in order of writing, not of series: chunks
/// of all series that fill at about the same time lie together, which is what is written and
/// mostly read together.
constexpr std::array<std::string_view, layout_version> steps{
    R"sql(
CREATE TABLE _series (id INTEGER PRIMARY KEY, entity TEXT NOT NULL, attribute TEXT NOT NULL,
  asset TEXT NOT NULL, stage TEXT NOT NULL, stage_en TEXT NOT NULL, stage_fr TEXT NOT NULL,
  quantity_en TEXT NOT NULL, quantity_fr TEXT NOT NULL, location TEXT NOT NULL, unit TEXT NOT NULL,
  low REAL, high REAL, sensor_class TEXT NOT NULL, UNIQUE (entity, attribute));
CREATE TABLE _chunk (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, series INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, min REAL, max REAL,
  sum REAL, data BLOB NOT NULL);
CREATE UNIQUE INDEX _chunk_by_time ON _chunk (level, series, first, last, count);
CREATE TABLE _wal (id INTEGER PRIMARY KEY, points INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE _finding (id INTEGER PRIMARY KEY, asset TEXT NOT NULL, kind TEXT NOT NULL, second TEXT,
  score REAL NOT NULL, confidence REAL NOT NULL, forest_score REAL NOT NULL,
  onset INTEGER NOT NULL, detected INTEGER NOT NULL, closed INTEGER,
  sentence_en TEXT NOT NULL, sentence_fr TEXT NOT NULL);
CREATE INDEX _finding_by_onset ON _finding (onset);
CREATE TABLE _suspect (finding INTEGER NOT NULL, rank INTEGER NOT NULL, series INTEGER NOT NULL,
  share REAL NOT NULL, contribution REAL NOT NULL, value REAL, expected REAL, low REAL, high REAL,
  PRIMARY KEY (finding, rank)) WITHOUT ROWID;
CREATE INDEX _suspect_by_series ON _suspect (series);
CREATE TABLE _evidence (finding INTEGER NOT NULL, rank INTEGER NOT NULL, detector TEXT NOT NULL,
  kind TEXT NOT NULL, series INTEGER, score REAL NOT NULL, since INTEGER NOT NULL,
  active INTEGER NOT NULL, PRIMARY KEY (finding, rank)) WITHOUT ROWID;
CREATE TABLE _alarm (id INTEGER PRIMARY KEY, condition TEXT NOT NULL, asset TEXT NOT NULL,
  series INTEGER, finding INTEGER NOT NULL, priority TEXT NOT NULL, message_en TEXT NOT NULL,
  message_fr TEXT NOT NULL, raised INTEGER NOT NULL, cleared INTEGER, acknowledged INTEGER,
  acknowledged_by TEXT NOT NULL, comment TEXT NOT NULL, shelved_until INTEGER);
CREATE INDEX _alarm_live ON _alarm (id) WHERE cleared IS NULL OR acknowledged IS NULL;
CREATE TABLE _alarm_log (number INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL,
  at INTEGER NOT NULL, who TEXT NOT NULL, said TEXT NOT NULL,
  id INTEGER NOT NULL, condition TEXT NOT NULL, asset TEXT NOT NULL,
  series INTEGER, finding INTEGER NOT NULL, priority TEXT NOT NULL, message_en TEXT NOT NULL,
  message_fr TEXT NOT NULL, raised INTEGER NOT NULL, cleared INTEGER, acknowledged INTEGER,
  acknowledged_by TEXT NOT NULL, comment TEXT NOT NULL, shelved_until INTEGER);
CREATE INDEX _alarm_log_by_time ON _alarm_log (at);
CREATE TABLE _label (asset TEXT NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL,
  scenario TEXT NOT NULL, direct TEXT NOT NULL, consequences TEXT NOT NULL,
  start INTEGER NOT NULL, "end" INTEGER NOT NULL, over INTEGER NOT NULL, size REAL NOT NULL,
  text_en TEXT NOT NULL, text_fr TEXT NOT NULL, PRIMARY KEY (asset, id)) WITHOUT ROWID;
CREATE INDEX _label_by_start ON _label (start);
CREATE TABLE _quarantine (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
  source TEXT NOT NULL, reason TEXT NOT NULL, sample TEXT NOT NULL, place TEXT NOT NULL);
CREATE TABLE _refused (source TEXT PRIMARY KEY, total INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE _memory (key TEXT PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE _cursor (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
)sql",
    // Retention remembers what it removed; and the views for people.
    R"sql(
CREATE TABLE _horizon (series INTEGER PRIMARY KEY, until INTEGER NOT NULL);
CREATE VIEW series AS SELECT id,
  CASE attribute WHEN 'value' THEN entity ELSE entity || '.' || attribute END AS name,
  entity, attribute, asset, stage, quantity_en, quantity_fr, location, unit, low, high, sensor_class
  FROM _series;
CREATE VIEW findings AS SELECT id, asset, kind, second, score, confidence, forest_score,
  strftime('%Y-%m-%dT%H:%M:%fZ', onset / 1e6, 'unixepoch') AS onset,
  strftime('%Y-%m-%dT%H:%M:%fZ', detected / 1e6, 'unixepoch') AS detected,
  strftime('%Y-%m-%dT%H:%M:%fZ', closed / 1e6, 'unixepoch') AS closed,
  onset / 1000 AS onset_ms, detected / 1000 AS detected_ms, closed / 1000 AS closed_ms,
  sentence_en, sentence_fr FROM _finding;
CREATE VIEW suspects AS SELECT finding, rank, name AS series, share, contribution, value, expected,
  _suspect.low AS low, _suspect.high AS high FROM _suspect LEFT JOIN series ON series.id = series;
CREATE VIEW evidence AS SELECT finding, rank, detector, kind, name AS series, score,
  strftime('%Y-%m-%dT%H:%M:%fZ', since / 1e6, 'unixepoch') AS since, active
  FROM _evidence LEFT JOIN series ON series.id = series;
CREATE VIEW alarms AS SELECT _alarm.id AS id, condition, _alarm.asset AS asset, name AS series,
  nullif(finding, 0) AS finding, priority, cleared IS NULL AS active,
  acknowledged IS NOT NULL AS is_acknowledged,
  strftime('%Y-%m-%dT%H:%M:%fZ', raised / 1e6, 'unixepoch') AS raised,
  strftime('%Y-%m-%dT%H:%M:%fZ', cleared / 1e6, 'unixepoch') AS cleared,
  strftime('%Y-%m-%dT%H:%M:%fZ', acknowledged / 1e6, 'unixepoch') AS acknowledged,
  acknowledged_by, comment, raised / 1000 AS raised_ms, message_en, message_fr
  FROM _alarm LEFT JOIN series ON series.id = series;
CREATE VIEW alarm_log AS SELECT number,
  strftime('%Y-%m-%dT%H:%M:%fZ', at / 1e6, 'unixepoch') AS at, at / 1000 AS at_ms, what, who,
  said AS comment, id AS alarm, condition, priority, message_en, message_fr FROM _alarm_log;
CREATE VIEW labels AS SELECT asset, id, kind, scenario, direct, consequences,
  strftime('%Y-%m-%dT%H:%M:%fZ', start / 1e6, 'unixepoch') AS start,
  strftime('%Y-%m-%dT%H:%M:%fZ', "end" / 1e6, 'unixepoch') AS "end",
  start / 1000 AS start_ms, "end" / 1000 AS end_ms, over, size, text_en, text_fr FROM _label;
CREATE VIEW quarantine AS SELECT number,
  strftime('%Y-%m-%dT%H:%M:%fZ', at / 1e6, 'unixepoch') AS at, at / 1000 AS at_ms, source, reason,
  sample, place FROM _quarantine;
)sql",
    // State that is no series, and what must go out.
    R"sql(
CREATE TABLE _document (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL,
  body BLOB NOT NULL, UNIQUE (kind, key));
CREATE TABLE _outbox (number INTEGER PRIMARY KEY, queue TEXT NOT NULL, payload BLOB NOT NULL);
CREATE VIEW documents AS SELECT id AS number, kind, key, CAST(body AS TEXT) AS body FROM _document;
CREATE VIEW outbox AS SELECT number, queue, length(payload) AS bytes FROM _outbox;
)sql",
    // What documents were before they changed.
    R"sql(
CREATE TABLE _earlier (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL,
  until INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX _earlier_by_key ON _earlier (kind, key);
CREATE INDEX _outbox_by_queue ON _outbox (queue, number);
CREATE VIEW earlier AS SELECT id AS number, kind, key,
  strftime('%Y-%m-%dT%H:%M:%fZ', until / 1e6, 'unixepoch') AS until, CAST(body AS TEXT) AS body
  FROM _earlier;
)sql",
    // Readings in the order of commits, for sinks.
    R"sql(
CREATE TABLE _feed (id INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
  data BLOB NOT NULL);
CREATE INDEX _alarm_of_series ON _alarm (raised, cleared, series) WHERE series IS NOT NULL;
)sql",
    // Which episode of a rule it is; 0: none.
    R"sql(
ALTER TABLE _finding ADD COLUMN episode INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _finding ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE _finding ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE _finding ADD COLUMN amended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _finding ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _alarm ADD COLUMN episode INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _alarm_log ADD COLUMN episode INTEGER NOT NULL DEFAULT 0;
CREATE INDEX _finding_open ON _finding (id) WHERE closed IS NULL;
CREATE TABLE _finding_log (number INTEGER PRIMARY KEY AUTOINCREMENT, finding INTEGER NOT NULL,
  what TEXT NOT NULL);
CREATE VIEW episodes AS SELECT format('%016x', episode) AS episode, rule, subject, id AS finding,
  strftime('%Y-%m-%dT%H:%M:%fZ', onset / 1e6, 'unixepoch') AS onset,
  strftime('%Y-%m-%dT%H:%M:%fZ', detected / 1e6, 'unixepoch') AS detected,
  strftime('%Y-%m-%dT%H:%M:%fZ', closed / 1e6, 'unixepoch') AS closed,
  onset / 1000 AS onset_ms, amended, withdrawn FROM _finding WHERE episode <> 0;
)sql",
    // What went to another process: few, and asked for with each step that goes out.
    R"sql(
CREATE INDEX _alarm_given_up ON _alarm_log (id, number) WHERE what = 'given_up';
CREATE INDEX _finding_given_up ON _finding_log (finding, number) WHERE what = 'given_up';
)sql",
};

/// quick_check reads the whole file: 0.1 s here. A larger one is checked as it is read: every chunk
/// and every batch carries a checksum.
constexpr std::int64_t small_file = 32 << 20;

Result<void> check_every_page(Database& database) {
  auto check = TRY(database.statement("PRAGMA quick_check(1)"));
  const bool row = TRY(check.step());
  if (row && check.bytes(0) == "ok") return {};
  return Error{Errc::corrupt,
               fmt::format("the file is damaged ({}); it is left as it is: put a backup in its "
                           "place, or move it away to begin anew",
                           row ? check.text(0) : "no answer")};
}

Result<void> check_is_whole(Database& database, const std::string& path) {
  // A copy that was cut short. With a log beside it pages may be there and not yet here.
  std::error_code none;
  const auto size = static_cast<std::int64_t>(fs::file_size(path, none));
  const bool has_log = fs::exists(path + "-wal", none) && fs::file_size(path + "-wal", none) > 0;
  const auto pages = TRY(database.number("PRAGMA page_count"));
  const auto page = TRY(database.number("PRAGMA page_size"));
  if (!has_log && size < pages * page) {
    return Error{Errc::corrupt,
                 fmt::format("the file is cut: {} bytes of {}; put a backup in its place, or move "
                             "it away to begin anew",
                             size, pages * page)};
  }
  return size > small_file ? Result<void>() : check_every_page(database);
}

/// The layout of the file, 0 if it is new.
Result<std::int64_t> layout_of(Database& database) {
  const auto version = TRY(database.number("PRAGMA user_version"));
  const auto id = TRY(database.number("PRAGMA application_id"));
  const auto tables = TRY(database.number("SELECT count(*) FROM sqlite_schema"));
  if (id != application_id && (id != 0 || version != 0 || tables != 0)) {
    return Error{Errc::unsupported, "an SQLite file of another program; give [store] another file"};
  }
  if (version > layout_version) {
    return Error{
        Errc::unsupported,
        fmt::format("written by a newer Sosie (layout {}, this one knows {}); use that one",
                    version, layout_version)};
  }
  return version;
}

Result<void> migrate(Database& database, std::int64_t from) {
  auto change = TRY(Transaction::begin(database, Transaction::Kind::write));
  for (std::int64_t version = from; version < layout_version; ++version) {
    TRY(database.execute(std::string(steps.at(static_cast<std::size_t>(version)))));
  }
  TRY(database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                   application_id, layout_version)));
  return change.commit();
}

Result<void> prepare_for_writing(Database& database, const std::string& path) {
  const auto version = TRY(layout_of(database));
  if (version != 0) {
    TRY(check_is_whole(database, path));
  }
  // FULL: in WAL mode NORMAL may lose the last commits with the power, and they were acknowledged.
  TRY(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -2048;"
      "PRAGMA journal_size_limit = 8388608; PRAGMA temp_store = MEMORY"));
  if (version == layout_version) return {};
  if (version != 0) {
    const auto copy = fmt::format("{}.bak-v{}", path, version);
    std::error_code none;
    fs::remove(copy, none);  // of an attempt that failed: the file is still of that version
    TRY(copy_database(database, copy));
    log::info("store", "{}: layout {} becomes {}; a copy of what it was is in {}", path, version,
              layout_version, copy);
  }
  return migrate(database, version);
}

Result<void> sync_to_disk(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool ok = file >= 0 && fsync(file) == 0;
  if (file >= 0) close(file);
  if (!ok) return Error{Errc::unavailable, fmt::format("{}: cannot be written to disk", path)};
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> open_for_writing(const std::string& path) {
  auto database = TRY(Database::open(path, Database::Mode::create));
  auto prepared = prepare_for_writing(*database, path);
  if (!prepared) return std::move(prepared).error().in(path);
  return database;
}

Result<std::unique_ptr<Database>> open_for_reading(const std::string& path) {
  auto database = TRY(Database::open(path, Database::Mode::read_only));
  auto version = layout_of(*database);
  if (!version) return std::move(version).error().in(path);
  if (*version != layout_version) {
    return Error{
        Errc::unsupported,
        fmt::format("{}: {}", path,
                    *version == 0 ? "an empty file"
                                  : "of an older Sosie; `sosie run` brings it up to date")};
  }
  TRY(database->execute("PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY"));
  return database;
}

Result<std::unique_ptr<Database>> open_backup(const std::string& path) {
  auto database = TRY(Database::open(path, Database::Mode::read_only));
  auto version = layout_of(*database);
  if (!version) return std::move(version).error().in(path);
  if (*version == 0) return Error{Errc::invalid, path + ": an empty file"};
  auto checked = check_is_whole(*database, path);
  if (checked) checked = check_every_page(*database);
  if (!checked) return std::move(checked).error().in(path);
  return database;
}

Result<void> copy_database(Database& from, const std::string& path) {
  std::error_code wrong;
  if (fs::exists(path, wrong)) {
    return Error{Errc::invalid, fmt::format("{}: there is a file already; choose another", path)};
  }
  const std::string unfinished = path + ".part";
  fs::remove(unfinished, wrong);
  const int file = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) close(file);  // an empty one is taken, with its rights
  auto copy = TRY(from.statement("VACUUM INTO ?"));
  auto copied = copy.bind(std::string_view(unfinished)).run();
  if (copied) copied = sync_to_disk(unfinished);
  if (copied) {
    fs::rename(unfinished, path, wrong);
    if (!wrong) return {};
    copied = Error{Errc::unavailable, wrong.message()};
  }
  fs::remove(unfinished, wrong);
  return std::move(copied).error().in(path);
}

}  // namespace sosie
