#include "store/store.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>

#include "base/log.h"
#include "base/text.h"
#include "store/alarm_rows.h"
#include "store/document_rows.h"
#include "store/feed.h"
#include "store/file_lock.h"
#include "store/finding_rows.h"
#include "store/history.h"
#include "store/journal.h"
#include "store/label_rows.h"
#include "store/notes.h"
#include "store/quality.h"
#include "store/query.h"
#include "store/readers.h"
#include "store/scan.h"
#include "store/schema.h"
#include "store/series_cursor.h"
#include "store/series_rows.h"
#include "store/sql_tables.h"

namespace sosie {
namespace {

/// Chunks that one call of `retain` removes at most: some milliseconds.
constexpr std::size_t retain_step = 512;

/// Between looks for states of documents that are too old.
constexpr Duration earlier_rhythm = std::chrono::minutes(1);

TimeSpan bounded(Timestamp from, Timestamp to) {
  return {std::clamp(from, earliest, latest), std::clamp(to, earliest, latest)};
}

std::int64_t size_of(const std::string& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  return none ? 0 : static_cast<std::int64_t>(size);
}

void note_time(Timestamp first, Timestamp last, StoreStats& stats) {
  stats.oldest = std::min(stats.oldest.value_or(first), first);
  stats.newest = std::max(stats.newest.value_or(last), last);
}

}  // namespace

struct Store::Parts {
  Parts(StoreOptions given, SeriesTable& table)
      : options(std::move(given)), series(table), readers(options.path) {}

  const StoreOptions options;
  SeriesTable& series;
  std::optional<FileLock> lock;  ///< none when only reading
  Tails tails;
  mutable Readers readers;

  std::mutex write_mutex;  ///< the writing connection, and all below but the counters
  std::unique_ptr<Database> database;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Feed> feed;
  std::uint32_t stored_series = 0;
  std::set<std::uint32_t> changed_series;
  std::uint32_t next_to_retain = 0;
  Timestamp next_look_at_earlier = Timestamp::min();

  std::atomic<std::uint64_t> commits = 0;
  std::atomic<std::uint64_t> readings = 0;

  Result<void> open();
  Result<void> open_file();
  Result<void> open_feed();
  Result<void> write(std::span<const Commit> commits, std::uint32_t series_count);
  Result<void> write_said(const Commit& commit) const;
  Result<bool> retain_some(Timestamp now, std::uint32_t& next);
  Result<bool> retain_earlier_states(Timestamp now);

  /// A read transaction and tails, of one moment.
  template <class Copy>
  struct View {
    Readers::Lease reader;
    Copy tails;
  };
  template <class Take>
  auto view_by(const Take& take) const -> Result<View<decltype(take(std::uint64_t{}))>>;
  Result<View<Tails::Copy>> view(std::span<const SeriesId> ids) const {
    return view_by([&](std::uint64_t version) { return tails.copy(ids, version); });
  }
  Result<View<Tails::CopyOfAll>> view_of_all() const {
    return view_by([&](std::uint64_t version) { return tails.copy_all(version); });
  }
  Result<void> note_chunks(Database& reader, StoreStats& stats) const;
};

Result<void> Store::Parts::open_file() {
  if (options.read_only) {
    database = TRY(open_for_reading(options.path));
    return {};
  }
  auto taken = TRY(FileLock::take(options.path + ".lock"));
  lock.emplace(std::move(taken));
  database = TRY(open_for_writing(options.path));
  if (options.max_bytes <= 0) return {};
  const auto page = TRY(database->number("PRAGMA page_size"));
  const auto pages = std::max<std::int64_t>(1, options.max_bytes / page);
  return database->execute(fmt::format("PRAGMA max_page_count = {}", pages));
}

Result<void> Store::Parts::open_feed() {
  feed =
      std::make_unique<Feed>(options.feed_readers, options.feed_readings, options.feed_max_bytes);
  if (options.read_only) return {};
  auto change = TRY(Transaction::begin(*database, Transaction::Kind::write));
  TRY(feed->recover(*database));
  return change.commit();
}

Result<void> Store::Parts::open() {
  TRY(open_file());
  TRY(open_feed());
  const auto moment = TRY(Transaction::begin(*database, Transaction::Kind::read));
  TRY(load_series(*database, options.described, series, changed_series));
  stored_series = static_cast<std::uint32_t>(series.size());
  journal = std::make_unique<Journal>(*database, tails, options.chunk_points);
  return journal->recover(stored_series);
}

Result<void> Store::Parts::write_said(const Commit& commit) const {
  for (const auto& event : commit.findings) {
    TRY(save_finding(*database, event.finding));
    if (options.feed_readers.empty()) continue;
    TRY(log_finding(*database, event));
  }
  for (const auto& event : commit.alarms) {
    TRY(save_alarm_event(*database, event));
  }
  for (const auto& label : commit.labels) {
    TRY(save_label(*database, label));
  }
  for (const auto& refusal : commit.refusals) {
    TRY(save_refusal(*database, refusal, commit.at));
  }
  for (const auto& [key, bytes] : commit.remembered) {
    TRY(save_memory(*database, key, bytes));
  }
  return {};
}

Result<void> Store::Parts::write(std::span<const Commit> batch, std::uint32_t series_count) {
  auto transaction = TRY(Transaction::begin(*database, Transaction::Kind::write));
  for (const auto index : changed_series) {
    TRY(save_series(*database, series, {index}));
  }
  for (auto i = stored_series; i < series_count; ++i) {
    TRY(save_series(*database, series, {i}));
  }
  for (const auto& commit : batch) {
    if (options.keep_readings) {
      TRY(journal->take(commit.readings, series_count));
      feed->take(commit.readings);
    }
    TRY(write_said(commit));
  }
  TRY(save_documents(*database, batch));
  TRY(save_earlier(*database, batch));
  TRY(save_outbox(*database, batch));
  TRY(journal->write());
  TRY(feed->write(*database));
  return transaction.commit();
}

/// From series `next` on, which moves; false when all have been seen.
Result<bool> Store::Parts::retain_some(Timestamp now, std::uint32_t& next) {
  auto transaction = TRY(Transaction::begin(*database, Transaction::Kind::write));
  std::size_t budget = retain_step;
  for (; next < stored_series && budget > 0; ++next) {
    const auto name = series[{next}].name();
    const auto rule = std::ranges::find_if(
        options.retention, [&](const Retention& r) { return matches_wildcards(r.series, name); });
    if (rule == options.retention.end()) continue;
    TRY(journal->retain({next}, *rule, now, budget));
    if (budget == 0) break;  // this one may have more
  }
  TRY(transaction.commit());
  return next < stored_series;
}

Result<bool> Store::Parts::retain_earlier_states(Timestamp now) {
  if (!options.earlier || now < next_look_at_earlier) return false;
  // Where there is nothing to remove, nothing is locked: the next commit may be waited for.
  const bool is_due = TRY(has_earlier(*database, now - *options.earlier));
  if (!is_due) {
    next_look_at_earlier = now + earlier_rhythm;
    return false;
  }
  auto transaction = TRY(Transaction::begin(*database, Transaction::Kind::write));
  const bool has_more = TRY(retain_earlier(*database, now - *options.earlier, retain_step));
  TRY(transaction.commit());
  if (!has_more) next_look_at_earlier = now + earlier_rhythm;
  return has_more;
}

template <class Take>
auto Store::Parts::view_by(const Take& take) const
    -> Result<View<decltype(take(std::uint64_t{}))>> {
  for (;;) {
    auto reader = TRY(readers.begin());
    const auto newest = TRY((*reader).number("SELECT coalesce(max(id), 0) FROM _wal"));
    const auto version = options.read_only ? 0 : static_cast<std::uint64_t>(newest);
    auto copy = take(version);
    // Younger ones: a commit came between. An older file is of no use then, so look again.
    if (copy.version <= version || options.read_only) {
      return View<decltype(copy)>{std::move(reader), std::move(copy)};
    }
  }
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, SeriesTable& series) {
  for (const auto& rule : options.retention) {
    const auto no_shorter = [](const auto& longer, const auto& age) {
      return !longer || (age && *age <= *longer);
    };
    if (!no_shorter(rule.minute, rule.raw) || !no_shorter(rule.hour, rule.minute) ||
        !no_shorter(rule.day, rule.hour)) {
      return Error{Errc::invalid,
                   fmt::format("store: retention of '{}': a roll-up must be kept at least as long "
                               "as what it is made from",
                               rule.series)};
    }
  }
  auto parts = std::make_unique<Parts>(std::move(options), series);
  auto opened = parts->open();
  if (!opened) return std::move(opened).error().in("store");
  return std::unique_ptr<Store>(new Store(std::move(parts)));  // NOLINT: a private constructor
}

Result<void> Store::append(std::span<const Commit> commits) {
  Parts& p = *parts_;
  const std::scoped_lock lock(p.write_mutex);
  if (p.options.read_only) return Error{Errc::unsupported, "store: opened for reading only"};
  const auto series_count = static_cast<std::uint32_t>(p.series.size());
  auto written = p.write(commits, series_count);
  if (!written) {
    p.journal->failed();
    p.feed->failed();
    return written;
  }
  p.journal->committed();
  p.feed->committed();
  p.stored_series = series_count;
  p.changed_series.clear();
  p.commits.fetch_add(1, std::memory_order_relaxed);
  for (const auto& commit : commits) {
    p.readings.fetch_add(commit.readings.size(), std::memory_order_relaxed);
  }
  return {};
}

Result<bool> Store::retain(Timestamp now) {
  Parts& p = *parts_;
  const std::scoped_lock lock(p.write_mutex);
  if (p.options.read_only) return Error{Errc::unsupported, "store: opened for reading only"};
  const bool has_more = TRY(p.retain_earlier_states(now));
  if (p.options.retention.empty()) return has_more;
  std::uint32_t next = p.next_to_retain;
  auto more = p.retain_some(now, next);
  if (!more) {
    p.journal->failed();
    return more;
  }
  p.journal->committed();
  p.next_to_retain = *more ? next : 0;
  return *more || has_more;
}

Result<History> Store::history(SeriesId series, Timestamp from, Timestamp to,
                               std::size_t points) const {
  auto view = TRY(parts_->view(std::span(&series, 1)));
  return make_history(*view.reader, series, bounded(from, to), points,
                      std::move(view.tails.tails[0]));
}

Result<std::vector<QualitySpan>> Store::quality(SeriesId series, Timestamp from, Timestamp to,
                                                std::size_t points) const {
  auto view = TRY(parts_->view(std::span(&series, 1)));
  return make_quality(*view.reader, series, bounded(from, to), points,
                      std::move(view.tails.tails[0]));
}

Result<std::vector<Reading>> Store::readings(SeriesId series, Timestamp from, Timestamp to,
                                             std::size_t limit) const {
  auto view = TRY(parts_->view(std::span(&series, 1)));
  SeriesCursor cursor(*view.reader, series, bounded(from, to), std::move(view.tails.tails[0]));
  std::vector<Reading> all;
  std::vector<Reading> some;
  while (all.size() < limit) {
    const bool more = TRY(cursor.next(some));
    if (!more) break;
    some.resize(std::min(some.size(), limit - all.size()));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

Result<std::optional<Reading>> Store::last_reading(SeriesId series, Timestamp before) const {
  auto view = TRY(parts_->view(std::span(&series, 1)));
  const TimeSpan span = bounded(Timestamp::min(), before);
  const auto young = TRY(unclosed(*view.reader, series, span, std::move(view.tails.tails[0])));
  if (!young.empty()) return std::optional(young.back());
  if (span.to == span.from) return std::optional<Reading>();
  const ChunkTable<Reading> chunks(*view.reader, {Resolution::raw, series});
  const auto territory = TRY(chunks.territory(span.to - Duration(1)));
  const auto end = std::ranges::partition_point(territory.points,
                                                [&](const Reading& r) { return r.at < span.to; });
  if (end == territory.points.begin()) return std::optional<Reading>();
  return std::optional(*std::prev(end));
}

Result<std::vector<Bucket>> Store::rollups(SeriesId series, Resolution resolution, Timestamp from,
                                           Timestamp to) const {
  auto view = TRY(parts_->view(std::span(&series, 1)));
  return read_rollups(*view.reader, {resolution, series}, bounded(from, to),
                      std::move(view.tails.tails[0]));
}

Result<void> Store::scan(std::span<const SeriesId> series, Timestamp from, Timestamp to,
                         const TakeBatch& take) const {
  auto view = TRY(parts_->view(series));
  return scan_readings(*view.reader, series, bounded(from, to), std::move(view.tails.tails), take);
}

Result<FindingPage> Store::findings(const FindingQuery& query) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_findings(*reader, query);
}

Result<std::optional<Finding>> Store::finding(std::uint64_t id) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_finding(*reader, id);
}

Result<std::uint64_t> Store::next_finding_id() const {
  const auto reader = TRY(parts_->readers.begin());
  const auto last = TRY((*reader).number("SELECT coalesce(max(id), 0) FROM _finding"));
  return static_cast<std::uint64_t>(last) + 1;
}

Result<std::vector<Alarm>> Store::live_alarms() const {
  const auto reader = TRY(parts_->readers.begin());
  return find_live_alarms(*reader);
}

Result<std::optional<Alarm>> Store::alarm(std::uint64_t id) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_alarm(*reader, id);
}

Result<std::uint64_t> Store::next_alarm_id() const {
  const auto reader = TRY(parts_->readers.begin());
  const auto last = TRY((*reader).number("SELECT coalesce(max(id), 0) FROM _alarm"));
  return static_cast<std::uint64_t>(last) + 1;
}

Result<std::vector<AlarmEvent>> Store::alarm_log(Timestamp from, Timestamp to,
                                                 std::size_t limit) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_alarm_log(*reader, from, to, limit);
}

Result<std::vector<Label>> Store::labels(Timestamp from, Timestamp to) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_labels(*reader, from, to);
}

Result<Quarantine> Store::quarantine(std::size_t limit) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_quarantine(*reader, limit);
}

Result<std::optional<std::string>> Store::recall(std::string_view key) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_memory(*reader, key);
}

Result<std::vector<LoggedAlarmEvent>> Store::alarm_events_after(std::uint64_t cursor,
                                                                std::size_t limit,
                                                                Steps whose) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_alarm_events_after(*reader, cursor, limit, whose);
}

Result<std::vector<LoggedFindingEvent>> Store::finding_events_after(std::uint64_t cursor,
                                                                    std::size_t limit) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_finding_events_after(*reader, cursor, limit);
}

Result<void> Store::documents(std::string_view kind, const TakeDocument& take) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_documents(*reader, kind, take);
}

Result<void> Store::earlier(const EarlierQuery& query, const TakeEarlier& take) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_earlier(*reader, {query.kind, query.prefix, query.instant},
                      [&](const EarlierRow& row) { return take(row.key, row.until, row.body); });
}

Result<std::optional<Timestamp>> Store::earlier_horizon() const {
  const auto reader = TRY(parts_->readers.begin());
  return find_earlier_horizon(*reader);
}

Result<std::vector<Outgoing>> Store::outbox(std::uint64_t after, std::size_t limit) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_outbox(*reader, after, limit);
}

Result<std::vector<Outgoing>> Store::outbox_of(std::string_view queue, std::uint64_t after,
                                               std::size_t limit) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_outbox_of(*reader, queue, after, limit);
}

Result<std::uint64_t> Store::outbox_size() const {
  const auto reader = TRY(parts_->readers.begin());
  const auto count = TRY((*reader).number("SELECT count(*) FROM _outbox"));
  return static_cast<std::uint64_t>(count);
}

Result<std::uint64_t> Store::cursor(std::string_view name) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_cursor(*reader, name);
}

Result<void> Store::set_cursor(std::string_view name, std::uint64_t number) {
  const Cursor one{std::string(name), number};
  return set_cursors(std::span(&one, 1));
}

Result<void> Store::set_cursors(std::span<const Cursor> cursors) {
  Parts& p = *parts_;
  const std::scoped_lock lock(p.write_mutex);
  if (p.options.read_only) return Error{Errc::unsupported, "store: opened for reading only"};
  auto transaction = TRY(Transaction::begin(*p.database, Transaction::Kind::write));
  for (const auto& [name, number] : cursors) {
    TRY(save_cursor(*p.database, name, number));
  }
  TRY(transaction.commit());
  for (const auto& [name, number] : cursors) p.feed->moved(name, number);
  return {};
}

std::uint64_t Store::feed_head() const {
  return parts_->feed->head();
}

Result<FeedPart> Store::feed(std::uint64_t after, std::uint64_t until, std::size_t enough) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_feed(*reader, after, until, enough);
}

Result<std::optional<Timestamp>> Store::feed_newest(std::uint64_t after,
                                                    std::uint64_t until) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_feed_newest(*reader, after, until);
}

Result<std::vector<AlarmSpan>> Store::alarm_spans(Timestamp from, Timestamp to) const {
  const auto reader = TRY(parts_->readers.begin());
  return find_alarm_spans(*reader, from, to);
}

Result<Table> Store::query(std::string_view sql, std::size_t limit) const {
  auto view = TRY(parts_->view_of_all());
  view.reader.keep_from_others();  // it gets tables of this moment
  const SqlTables tables{*view.reader, parts_->series, std::move(view.tails)};
  TRY(add_sql_tables(tables));
  return run_query(*view.reader, sql, limit);
}

Result<void> Store::backup(const std::string& path) const {
  const auto database = TRY(parts_->readers.connect());
  return copy_database(*database, path);
}

/// Series by series, by the index; where there are hardly more chunks than series, one walk over
/// all chunks is quicker.
Result<void> Store::Parts::note_chunks(Database& reader, StoreStats& stats) const {
  const auto most = TRY(reader.number("SELECT coalesce(max(id), 0) FROM _chunk"));
  if (most == 0) return {};
  if (static_cast<std::size_t>(most) < series.size()) {
    auto all = TRY(reader.statement("SELECT min(first), max(last) FROM _chunk WHERE level = 0"));
    const bool row = TRY(all.step());
    if (row && !all.is_null(0)) note_time(all.time(0), all.time(1), stats);
    return {};
  }
  for (std::uint32_t i = 0; i < series.size(); ++i) {
    const ChunkTable<Reading> chunks(reader, {Resolution::raw, {i}});
    const auto first = TRY(chunks.first());
    const auto last = TRY(chunks.last());
    if (first && last) note_time(*first, *last, stats);
  }
  return {};
}

std::int64_t Store::bytes() const {
  const auto& path = parts_->options.path;
  return size_of(path) + size_of(path + "-wal");
}

Result<StoreStats> Store::stats() const {
  const Parts& p = *parts_;
  StoreStats stats;
  // First: what a commit closes meanwhile is then seen twice rather than not at all.
  if (const auto young = p.tails.bounds()) note_time(young->oldest, young->newest, stats);
  const auto reader = TRY(p.readers.begin());
  TRY(p.note_chunks(*reader, stats));
  stats.file = p.options.path;
  stats.bytes = bytes();
  stats.commits = p.commits.load(std::memory_order_relaxed);
  stats.readings = p.readings.load(std::memory_order_relaxed);
  stats.late = p.journal->late();
  stats.expired = p.journal->expired();
  return stats;
}

}  // namespace sosie
