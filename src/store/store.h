#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/series.h"
#include "store/options.h"
#include "store/records.h"
#include "store/rollup.h"

namespace sosie {

/// The journal: everything Sosie has seen and said, in one SQLite file. docs/store.md has its
/// layout.
///
/// Time spans are half-open, [from, to). (series, event time) is the key of a reading: the same one
/// again changes nothing, another value for the same instant replaces the first. Late and
/// out-of-order readings go where they belong and amend the roll-ups.
///
/// Threads: `append` and `retain` from one thread, the journal's. All else from any thread, and
/// none of it waits for an append: a query sees what was committed, and only that.
///
/// Errors: `full` (no room) and `unavailable` (locked): try again later; `corrupt` (damaged:
/// restore a backup), `unsupported` (a newer Sosie's file), `invalid` (the query is wrong).
class Store {
 public:
  /// Opens the file, or makes it. `series` (empty) is filled with the file's series in the order
  /// they were first stored, so a series has the same id in every life of the program; it must
  /// outlive the store. An older file is migrated, after a copy to `path.bak-v<N>`.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, SeriesTable& series);
  ~Store();

  // The journal's thread.

  /// One transaction; on disk (fsync) when it returns. An Error: nothing of it was kept, and the
  /// same can be appended again. New rows of the series table are stored with it.
  Result<void> append(std::span<const Commit> commits);

  /// Removes a little of what has become too old by `now`; true: there is more, call again.
  Result<bool> retain(Timestamp now);

  // Readings. Any thread.

  /// A chart of at most `points` (2 at least) points: the readings themselves if there are no more
  /// of them, else even buckets made of the coarsest roll-up that is fine enough, or of readings
  /// where none is. Buckets are whole, so the first may begin a little before `from`. Bad readings
  /// are left out.
  Result<History> history(SeriesId series, Timestamp from, Timestamp to, std::size_t points) const;

  /// When its readings were not good, for a strip of `points` under such a chart.
  Result<std::vector<QualitySpan>> quality(SeriesId series, Timestamp from, Timestamp to,
                                           std::size_t points) const;

  /// The first `limit` readings, in time order.
  Result<std::vector<Reading>> readings(SeriesId series, Timestamp from, Timestamp to,
                                        std::size_t limit) const;

  /// The newest reading with event time before `before`.
  Result<std::optional<Reading>> last_reading(SeriesId series, Timestamp before) const;

  /// The buckets that start in [from, to), none empty. REQUIRES: `resolution` is not raw.
  Result<std::vector<Bucket>> rollups(SeriesId series, Resolution resolution, Timestamp from,
                                      Timestamp to) const;

  /// All readings of these series in time order (then in the order of `series`), batch by batch;
  /// readings of one instant are never parted. `take` returns false to end it.
  using TakeBatch = std::function<bool(std::span<const Reading>)>;
  Result<void> scan(std::span<const SeriesId> series, Timestamp from, Timestamp to,
                    const TakeBatch& take) const;

  // What was said of them. Any thread.

  Result<FindingPage> findings(const FindingQuery& query) const;
  Result<std::optional<Finding>> finding(std::uint64_t id) const;
  Result<std::uint64_t> next_finding_id() const;

  /// Alarms that are active, or cleared and not acknowledged; most urgent, then newest first.
  Result<std::vector<Alarm>> live_alarms() const;
  Result<std::optional<Alarm>> alarm(std::uint64_t id) const;
  Result<std::uint64_t> next_alarm_id() const;
  /// The log's steps in [from, to), newest first.
  Result<std::vector<AlarmEvent>> alarm_log(Timestamp from, Timestamp to, std::size_t limit) const;

  /// Labels that overlap [from, to), in order of start.
  Result<std::vector<Label>> labels(Timestamp from, Timestamp to) const;
  Result<Quarantine> quarantine(std::size_t limit) const;

  /// What was last committed for `key`.
  Result<std::optional<std::string>> recall(std::string_view key) const;

  // Documents and the outbox. Any thread.

  /// All documents of a kind, in the order in which they were made. `take` gets key and body, valid
  /// for the call; false ends it.
  using TakeDocument = std::function<bool(std::string_view key, std::string_view body)>;
  Result<void> documents(std::string_view kind, const TakeDocument& take) const;

  /// What was true of documents whose keys begin with `prefix` (not empty) and ended after
  /// `instant`: key by key, of each the newest first. `take` gets key and body, valid for the call;
  /// false ends it.
  struct EarlierQuery {
    std::string_view kind;
    std::string_view prefix;
    Timestamp instant;
  };
  using TakeEarlier =
      std::function<bool(std::string_view key, Timestamp until, std::string_view body)>;
  Result<void> earlier(const EarlierQuery& query, const TakeEarlier& take) const;

  /// Of what ended before this, retention has removed some; none: it is all there.
  Result<std::optional<Timestamp>> earlier_horizon() const;

  /// The first `limit` messages in the outbox whose number is above `after`, in order.
  Result<std::vector<Outgoing>> outbox(std::uint64_t after, std::size_t limit) const;
  /// The same of one queue.
  Result<std::vector<Outgoing>> outbox_of(std::string_view queue, std::uint64_t after,
                                          std::size_t limit) const;
  Result<std::uint64_t> outbox_size() const;

  // Durable cursors over the alarm log and the feed, for those who pass them on. Any thread.

  /// The first `limit` steps whose number is above `cursor`, in order.
  Result<std::vector<LoggedAlarmEvent>> alarm_events_after(std::uint64_t cursor, std::size_t limit,
                                                           Steps whose = Steps::all) const;
  /// The same for findings of ours, which are logged only while there is somebody to pass them on.
  Result<std::vector<LoggedFindingEvent>> finding_events_after(std::uint64_t cursor,
                                                               std::size_t limit) const;
  /// 0 if it was never set.
  Result<std::uint64_t> cursor(std::string_view name) const;
  /// May wait for an append that is under way.
  Result<void> set_cursor(std::string_view name, std::uint64_t number);
  /// All of them, in one transaction.
  struct Cursor {
    std::string name;
    std::uint64_t number = 0;
  };
  Result<void> set_cursors(std::span<const Cursor> cursors);

  // The feed: readings in the order of their commits, where StoreOptions names who reads it. The
  // cursor of reader R is "sink/R", that over the alarm log "sink/R/alarms"; a new one begins with
  // what comes next. Any thread.

  /// The readings ever fed: head - cursor are still to be passed on.
  std::uint64_t feed_head() const;
  /// What lies in (after, until]: whole commits, until there are `enough` readings. Nothing: its
  /// end is `after`.
  Result<FeedPart> feed(std::uint64_t after, std::uint64_t until, std::size_t enough) const;
  /// The latest event time in (after, until].
  Result<std::optional<Timestamp>> feed_newest(std::uint64_t after, std::uint64_t until) const;
  /// When alarms stood on a series, as far as it touches [from, to).
  Result<std::vector<AlarmSpan>> alarm_spans(Timestamp from, Timestamp to) const;

  // For people. Any thread.

  /// One SELECT over the tables of docs/store.md (readings, rollup_1m, findings …).
  Result<Table> query(std::string_view sql, std::size_t limit) const;

  /// A copy that can be opened like the file itself, while appending goes on. Refuses to overwrite.
  Result<void> backup(const std::string& path) const;

  /// A look into the index for each series.
  Result<StoreStats> stats() const;
  /// What the file and its write-ahead log take on disk; costs next to nothing.
  std::int64_t bytes() const;

 private:
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sosie
