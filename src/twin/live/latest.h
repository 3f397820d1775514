#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/reading.h"

namespace sosie {

/// The newest reading of each series, by event time.
///
/// Threads: one writer (a series' lane); any number of readers, who never hold the writer up: each
/// cell is a sequence lock (Boehm: Can seqlocks get along with programming language memory models?,
/// 2012). Grows in blocks that never move.
class Latest {
 public:
  static constexpr std::size_t block_size = 1024;
  static constexpr std::size_t block_count = 4096;  ///< room for four million series

  Latest() = default;
  ~Latest() {
    for (const auto& block : blocks_) delete block.load(std::memory_order_relaxed);
  }
  Latest(const Latest&) = delete;
  Latest& operator=(const Latest&) = delete;

  enum class Put : std::uint8_t {
    younger,  ///< than what was known
    as_old,   ///< one of its instant was known, in whose place it is now
    late,     ///< a younger one is known, and stays
  };
  /// Takes `reading` unless a younger one of its series is known.
  /// REQUIRES: called by one thread at a time for a given series.
  Put put(const Reading& reading);

  std::optional<Reading> read(SeriesId series) const;

 private:
  /// at, value and (quality, reason) as three words, so that readers race on atomics only.
  struct Cell {
    std::atomic<std::uint32_t> version{0};  ///< odd while being written; 0: never written
    std::atomic<std::uint32_t> quality{0};
    std::atomic<std::int64_t> at{0};
    std::atomic<double> value{0};
  };
  static_assert(sizeof(Cell) == 24);
  using Block = std::array<Cell, block_size>;

  Block& block_for_writing(std::size_t index);

  std::array<std::atomic<Block*>, block_count> blocks_{};  ///< owned; created once, then fixed
};

}  // namespace sosie
