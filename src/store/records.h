#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/alarm.h"
#include "core/finding.h"
#include "core/reading.h"
#include "core/source.h"
#include "simulation/label.h"
#include "store/rollup.h"

namespace sosie {

/// What becomes of a document: a piece of state that is no series, known by its kind ("entity",
/// "subscription" …) and key. The store does not look into it.
struct DocumentChange {
  std::string kind;
  std::string key;
  std::optional<std::string> body;  ///< none: it is deleted
  bool operator==(const DocumentChange&) const = default;
};

/// What was true of a document until it changed. The store does not look into it.
struct EarlierState {
  std::string kind;
  std::string key;  ///< not a document's own: so that what is asked for together begins alike
  Timestamp until;  ///< when it changed; grows, or nearly so
  std::string body;
  bool operator==(const EarlierState&) const = default;
};

/// A message that must go out, and stays in the outbox until it has arrived.
struct Outgoing {
  std::uint64_t number = 0;  ///< its sender's, growing; above 0
  std::string queue;         ///< those of one queue arrive in order of their numbers
  std::string payload;
  bool operator==(const Outgoing&) const = default;
};

/// What goes to disk together. Spans are borrowed until `append` returns.
struct Commit {
  std::span<const Reading> readings{};
  std::span<const FindingEvent> findings{};
  std::span<const AlarmEvent> alarms{};
  std::span<const Label> labels{};
  std::span<const Refusal> refusals{};
  std::span<const std::pair<std::string, std::string>> remembered{};  ///< key, bytes
  std::span<const DocumentChange> documents{};
  std::span<const EarlierState> earlier{};
  std::span<const Outgoing> outgoing{};
  std::span<const std::uint64_t> arrived{};  ///< numbers that may leave the outbox
  Timestamp at{};  ///< when it was put together: the time refusals are kept under
};

/// A chart of one series: at most as many buckets as were asked for, in time order, none empty.
/// All columns have the same length.
struct History {
  Resolution resolution = Resolution::raw;  ///< what it was computed from
  std::vector<Timestamp> t;                 ///< of a reading, or where a bucket starts
  std::vector<double> mean;
  std::vector<double> min;
  std::vector<double> max;
  std::vector<std::uint32_t> count;  ///< all 1: these are the readings themselves
};

/// Readings that were not good, from the first of them until the next that says otherwise.
struct QualitySpan {
  Timestamp from;
  Timestamp to;
  Quality quality = Quality::bad;
  QualityReason reason = QualityReason::none;  ///< none: not known any more
};

/// Newest first. [from, to): those that were open in any part of it.
struct FindingQuery {
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  bool only_open = false;
  std::optional<Kind> kind{};
  std::optional<SeriesId> series{};  ///< among its suspects
  std::size_t limit = 100;
};

struct FindingPage {
  std::vector<Finding> findings;
  std::size_t total = 0;  ///< as if there were no limit
};

/// Readings in the order of their commits, for those who pass them on.
struct FeedPart {
  std::uint64_t end = 0;  ///< the cursor that is right once all of it has been passed on
  std::vector<Reading> readings;
  struct Span {
    Timestamp from;
    Timestamp to;  ///< not included
  };
  std::optional<Span> folded;  ///< there was too much: read that time from the history instead
};

/// Which steps of the alarm log are asked for: all, or without those of alarms that were given up
/// to another process since (AlarmEvent::What::given_up), or the same but with the giving up.
enum class Steps : std::uint8_t { all, of_ours, of_ours_and_given_up };

/// A step of the alarm log and its place in it: 1, 2, 3 …
struct LoggedAlarmEvent {
  std::uint64_t number = 0;
  AlarmEvent event;
};

/// While an alarm stood on a series.
struct AlarmSpan {
  SeriesId series;
  Timestamp from;
  Timestamp to = Timestamp::max();  ///< not included
};

struct QuarantineRow {
  Timestamp at;
  Refusal refusal;
};

struct Quarantine {
  std::uint64_t total = 0;  ///< ever refused; the rows of the last 10,000 are kept
  std::vector<std::pair<std::string, std::uint64_t>> by_source;
  std::vector<QuarantineRow> rows;  ///< newest first
};

struct StoreStats {
  std::string file;
  std::int64_t bytes = 0;  ///< of the file and its write-ahead log
  std::optional<Timestamp> oldest;
  std::optional<Timestamp> newest;
  std::uint64_t commits = 0;   ///< since this store was opened
  std::uint64_t readings = 0;  ///< appended since then, redelivered ones included
  std::uint64_t late = 0;      ///< of these, into chunks that were already closed
  std::uint64_t expired = 0;   ///< of these, older than what retention has removed: not kept
};

/// An event of the findings' log.
struct LoggedFindingEvent {
  std::uint64_t number = 0;
  FindingEvent event;  ///< what happened then, with the finding as it is now
};

/// The answer to a query of people's own.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  bool cut = false;  ///< there were more rows than the limit
};

}  // namespace sosie
