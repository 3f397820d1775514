#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/handover.h"
#include "core/reading.h"
#include "core/series.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// From where a partition has to be read again so that its devices' recent past is known, and which
/// of its episodes count: what travels with a committed offset.
///
/// Each time it comes to somebody its term is one more. The group takes the new one only of whom
/// the partition is, so an owner that was replaced without having heard of it never has it.
struct Rewind {
  std::int64_t offset = 0;
  Timestamp since;         ///< what lies before is not told
  std::uint64_t term = 0;  ///< of who committed it
  std::uint64_t told = 0;  ///< the term since which everything that counts has been told again

  std::string text() const;  ///< "sosie/2 4711 1764000000000000 18 18"
  static std::optional<Rewind> from(std::string_view text);
};

/// Whether it changes whose devices are: it comes, is here, or goes.
bool is_move(const Handover& handover);

/// A partition as this worker holds it.
class Share {
 public:
  explicit Share(std::string of) : name(std::move(of)) {}

  /// A batch that was handed over whole: its first offset, and the newest event time in it.
  void note(std::int64_t first, Timestamp newest, Duration looks_back);
  /// For what was handed over so far, once all of its past was.
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
  std::uint64_t term = 0;  ///< that we hold it in
  std::uint64_t told = 0;  ///< when it came
  std::uint64_t came = 0;  ///< its Handover, by Shares::moves

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
  std::uint32_t named(const std::string& name);    ///< the same
  Share& operator[](std::uint32_t i) { return shares_[i]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(shares_.size()); }

  /// Those of `readings` whose series were not known to belong to `share` go to `news`.
  void see(std::span<const Reading> readings, std::uint32_t share, std::vector<SeriesId>& news);
  /// Its series belong to none.
  void let_go(std::uint32_t share);
  /// The series' share; nullptr: it is of none that is held.
  const Share* of(SeriesId series) const;

  std::uint64_t moves = 0;   ///< Handovers that are told (is_move)
  bool is_complete = false;  ///< it was told what of an earlier life of the program is not ours

 private:
  std::deque<Share> shares_;
  std::vector<std::uint32_t> homes_;  ///< by series
};

}  // namespace sosie::kafka
