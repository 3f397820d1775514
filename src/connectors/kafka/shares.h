#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/reading.h"
#include "core/series.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// From where a partition has to be read again so that its devices' recent past is known: what
/// travels with a committed offset.
struct Rewind {
  std::int64_t offset = 0;
  Timestamp since;  ///< what lies before is not told

  std::string text() const;  ///< "sosie/1 4711 1764000000000000"
  static std::optional<Rewind> from(std::string_view text);
};

/// A partition as this worker holds it.
class Share {
 public:
  explicit Share(std::string of) : name(std::move(of)) {}

  /// A batch that was handed over whole: its first offset, and the newest event time in it.
  void note(std::int64_t first, Timestamp newest, Duration looks_back);
  /// For what was handed over so far.
  Rewind rewind(Duration looks_back) const;
  /// It comes, and its past is read from `begin` on.
  void come(std::int64_t live, const Rewind& from);

  const std::string name;  ///< "topic/number"
  bool is_held = false;    ///< the rules were told that it is ours
  bool is_away = false;    ///< it was taken from us; the next assignment tells whether for good
  bool is_coming = false;  ///< its past is being read
  std::int64_t live = 0;   ///< the first offset that is new
  std::int64_t next = -1;  ///< everything before it was handed over
  Timestamp since;         ///< of the past that is read

 private:
  struct Mark {
    std::int64_t first = 0;
    Timestamp newest;
  };
  std::deque<Mark> marks_;
};

/// The partitions of a source, and which of them each series comes from.
///
/// Threads: one.
class Shares {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  std::uint32_t find(const Partition& partition);  ///< made where it is new
  Share& operator[](std::uint32_t i) { return shares_[i]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(shares_.size()); }

  /// Those of `readings` whose series were not known to belong to `share` go to `news`.
  void see(std::span<const Reading> readings, std::uint32_t share, std::vector<SeriesId>& news);
  /// Its series belong to none.
  void let_go(std::uint32_t share);
  /// The name of the series' share; empty: of none that is held.
  std::string name_of(SeriesId series) const;

  bool is_complete = false;  ///< it was told what of an earlier life of the program is not ours

 private:
  std::deque<Share> shares_;
  std::vector<std::uint32_t> homes_;  ///< by series
};

}  // namespace sosie::kafka
