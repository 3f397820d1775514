#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/reading.h"
#include "store/tail.h"

namespace sosie {

/// The readings of each series that are committed and in no chunk yet, in time order; all are
/// younger than the series' chunks.
///
/// Tails and file are of one moment when the version of the tails is the newest id in _wal.
///
/// Threads: the journal's thread alone changes them (and may look without a lock: `of`); any thread
/// may copy.
class Tails {
 public:
  struct Copy {
    std::uint64_t version = 0;
    std::vector<std::vector<Reading>> tails;
  };
  /// The tails of all series.
  struct CopyOfAll {
    std::uint64_t version = 0;
    std::vector<std::size_t> ends;  ///< by series, in `readings`
    std::vector<Reading> readings;

    std::span<const Reading> of(SeriesId series) const;
  };
  struct Bounds {
    Timestamp oldest;
    Timestamp newest;
  };

  /// The tails of `series`, in that order. Waits until they are of `version` or later, which they
  /// are as soon as the journal's thread comes back from the commit that made it.
  Copy copy(std::span<const SeriesId> series, std::uint64_t version) const;
  CopyOfAll copy_all(std::uint64_t version) const;

  /// Of all that is in tails now. None: nothing is.
  std::optional<Bounds> bounds() const;

  // The journal's thread.
  const Tail& of(SeriesId series) const;
  std::uint64_t version() const { return version_; }

  /// A commit's changes, seen by others all at once. `change` is called with the tails.
  template <class F>
  void publish(std::uint64_t version, F&& change) {
    const std::scoped_lock lock(mutex_);
    std::forward<F>(change)(tails_);
    version_ = version;
    published_.notify_all();
  }

 private:
  std::unique_lock<std::mutex> lock_at(std::uint64_t version) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable published_;
  std::vector<Tail> tails_;  ///< by series; shorter than the table of series
  std::uint64_t version_ = 0;
};

/// Puts `more` (time order, no time twice) into `readings` (the same); the later word wins. What
/// said something new is left in `news`.
void merge_readings(std::vector<Reading>& readings, std::span<const Reading> more,
                    std::vector<Reading>& news);

/// Time order; of one instant the last that came is kept.
void sort_readings(std::vector<Reading>& readings);

}  // namespace sosie
