#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading.h"
#include "store/database.h"
#include "store/records.h"
#include "store/wal.h"

namespace sosie {

/// The readings in the order of their commits, for those who pass them on, each with a durable
/// cursor: a row of _feed a transaction, deleted when the slowest reader is past it. Its id is the
/// number of readings ever fed, up to and including its own; so what a reader lacks is the
/// difference to its cursor. Without readers nothing is written.
///
/// The rows take at most `max_bytes`. Beyond that the oldest are folded into one that says only
/// when they were measured: who comes to it reads that time again from the history.
///
/// Threads: one at a time (the store's writing lock), but for `head`.
class Feed {
 public:
  Feed(std::vector<std::string> readers, bool has_readings, std::int64_t max_bytes)
      : readers_(std::move(readers)), has_readings_(has_readings), max_bytes_(max_bytes) {}

  /// After opening, inside a write transaction: a new reader begins with what is committed from
  /// now on, and one that is no more is forgotten.
  Result<void> recover(Database& database);

  // Inside one write transaction: take as often as needed, then write.
  void take(std::span<const Reading> readings);
  Result<void> write(Database& database);
  // After it: one of the two.
  void committed();
  void failed();

  /// A cursor has been moved.
  void moved(std::string_view name, std::uint64_t number);

  /// The number of readings ever fed. Any thread.
  std::uint64_t head() const { return head_.load(std::memory_order_acquire); }

 private:
  Result<void> forget_others(Database& database) const;
  std::vector<Reading> by_series() const;
  Result<void> add_row(Database& database);
  Result<void> remove_read(Database& database);
  Result<void> fold(Database& database);

  const std::vector<std::string> readers_;
  const bool has_readings_;  ///< somebody takes them
  const std::int64_t max_bytes_;
  std::map<std::string, std::uint64_t, std::less<>> cursors_;
  WalCodec codec_;
  std::atomic<std::uint64_t> head_ = 0;
  std::int64_t bytes_ = 0;
  std::uint64_t removed_ = 0;  ///< no row before it is left
  bool has_folded_ = false;

  // The transaction under way.
  std::vector<Reading> taken_;
  std::uint64_t staged_head_ = 0;
  std::int64_t staged_bytes_ = 0;
  std::uint64_t staged_removed_ = 0;
};

/// What lies in (after, until]: whole rows, until there are `enough` readings; or one that was
/// folded.
Result<FeedPart> find_feed(Database& database, std::uint64_t after, std::uint64_t until,
                           std::size_t enough);

/// The latest event time in (after, until].
Result<std::optional<Timestamp>> find_feed_newest(Database& database, std::uint64_t after,
                                                  std::uint64_t until);

}  // namespace sosie
