#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "store/chunk_table.h"
#include "store/options.h"
#include "store/records.h"
#include "store/tails.h"
#include "store/wal.h"

namespace sosie {

/// The road of readings into the file. What comes is put after (or into) its series' tail; a full
/// tail becomes a chunk; what came and is in no chunk goes into a row of _wal; late readings go
/// into the chunk they belong to; all that was closed or amended is rolled up. Nothing of it shows
/// in the tails before `committed`.
///
/// Threads: the journal's, but for the counters.
class Journal {
 public:
  /// `chunk_points`: at most; of very many series the tails would not fit into memory.
  Journal(Database& database, Tails& tails, std::size_t chunk_points)
      : database_(database), tails_(tails), most_chunk_points_(chunk_points) {}

  /// After opening: what was closed and removed, and the tails as the log has them.
  Result<void> recover(std::size_t series_count);

  // Inside one write transaction: take as often as needed, then write.
  Result<void> take(std::span<const Reading> readings, std::size_t series_count);
  Result<void> write();
  // After it: one of the two.
  void committed();
  void failed();

  /// Inside one write transaction, and one of the two after it: removes chunks of which all is
  /// older than `rule` wants at `now`, at most `budget` of them, which becomes less by as many.
  Result<void> retain(SeriesId series, const Retention& rule, Timestamp now, std::size_t& budget);

  // Any thread.
  std::uint64_t late() const { return late_.load(std::memory_order_relaxed); }
  std::uint64_t expired() const { return expired_.load(std::memory_order_relaxed); }

 private:
  /// What is known of a series on disk.
  struct Shore {
    Timestamp closed = Timestamp::min();  ///< of the last reading in a chunk
    Timestamp horizon = earliest;         ///< before it retention has removed readings
  };

  /// What the transaction under way makes of a series.
  struct Staged {
    SeriesId series;
    bool whole = false;  ///< `points` is the new tail; else what comes after the old one
    std::vector<Reading> points;
    std::vector<Reading> log;     ///< if whole: what the old tail does not know
    std::vector<Reading> late;    ///< for closed chunks, as they came
    std::vector<TimeSpan> dirty;  ///< closed readings that are new or changed
    Shore shore;
  };

  void group(std::span<const Reading> readings, std::size_t series_count);
  Staged& stage(SeriesId series);
  const Staged* staged_of(SeriesId series) const;
  std::size_t chunk_points() const;
  std::optional<Timestamp> newest_of(const Staged& staged) const;
  Result<void> take_run(Staged& staged, std::span<const Reading> run);
  void make_whole(Staged& staged);
  Result<void> close_full(Staged& staged);
  Result<void> write_late(Staged& staged);
  Result<void> write_log();
  Result<void> write_log_anew();
  Result<void> add_to_log(std::span<const std::span<const Reading>> runs);
  std::vector<std::span<const Reading>> new_runs() const;
  void copy_new_tail(SeriesId series, std::vector<Reading>& out) const;
  Result<void> recover_horizons();
  Result<void> recover_log();
  Result<void> raise_horizon(SeriesId series, Timestamp cut);
  Result<void> replay(std::span<const Reading> readings);

  Database& database_;
  Tails& tails_;
  const std::size_t most_chunk_points_;
  WalCodec wal_;
  std::vector<Shore> shores_;
  /// What _wal holds, and how much it may before it is written anew.
  struct Log {
    std::uint64_t version = 0;  ///< its newest id
    std::uint64_t readings = 0;
    std::uint64_t rows = 0;
    std::uint64_t limit = 0;
  };
  Log log_;

  // The transaction under way.
  std::vector<Staged> staged_;         ///< of the series that it touches
  std::vector<std::uint32_t> places_;  ///< by series: its place in staged_, from 1; 0: none
  Log staged_log_;
  std::uint64_t staged_late_ = 0;
  std::uint64_t staged_expired_ = 0;

  // Room for `take`, kept.
  std::vector<std::uint32_t> starts_;
  std::vector<Reading> grouped_;
  std::vector<Reading> fresh_;

  std::atomic<std::uint64_t> late_ = 0;
  std::atomic<std::uint64_t> expired_ = 0;
};

}  // namespace sosie
