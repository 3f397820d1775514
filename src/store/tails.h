#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "core/reading.h"

namespace sosie {

/// The readings of each series that are committed and in no chunk yet, in time order; all are
/// younger than the series' chunks.
///
/// Threads: the journal's thread alone changes them (and may look without a lock: `of`); any thread
/// may copy. Copy first, begin to read the file then: what is closed in between is seen twice, and
/// told apart by its time; the other way round it would not be seen at all.
class Tails {
 public:
  std::vector<Reading> copy(SeriesId series) const;
  std::vector<std::vector<Reading>> copy_all() const;

  // The journal's thread.
  const std::vector<Reading>& of(SeriesId series) const;

  /// A commit's changes, seen by others all at once. `change` is called with the tails.
  template <class F>
  void publish(F&& change) {
    const std::scoped_lock lock(mutex_);
    std::forward<F>(change)(tails_);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::vector<Reading>> tails_;  ///< by series; shorter than the table of series
};

/// Puts `more` (time order, no time twice) into `readings` (the same); the later word wins. What
/// said something new is left in `news`.
void merge_readings(std::vector<Reading>& readings, std::span<const Reading> more,
                    std::vector<Reading>& news);

/// Time order; of one instant the last that came is kept.
void sort_readings(std::vector<Reading>& readings);

}  // namespace sosie
