#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "operators/window/huge_blocks.h"
#include "operators/window/shape.h"

namespace sosie::window {

/// What is known of the values of a piece of time; of two such, what is known of both.
///
/// One cache line. Deviations are from the first value, so that small ones of large values keep
/// their digits.
struct alignas(64) Pane {
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();

  std::int64_t number = none;  ///< its place in time, in panes since the epoch
  std::uint32_t count = 0;
  std::uint32_t last_at = 0;  ///< of `last`: its place within the pane, as a share of 2^32
  double origin = 0;          ///< the first value
  double sum = 0;             ///< of deviations from it
  double squares = 0;         ///< of their squares
  double min = 0;
  double max = 0;
  double last = 0;

  void begin(std::int64_t at_number, double value) {
    *this = {at_number, 0, 0, value, 0, 0, value, value, value};
  }
  void add(double value, std::uint32_t at) {
    const double off = value - origin;
    ++count;
    sum += off;
    squares += off * off;
    min = value < min ? value : min;
    max = value > max ? value : max;
    if (at >= last_at) {
      last_at = at;
      last = value;
    }
  }
  /// `later` is the younger.
  void merge(const Pane& later);

  /// REQUIRES: count > 0, and `aggregate` is of parts.
  double measure(const Aggregate& aggregate) const;
};
static_assert(sizeof(Pane) == 64);

/// Rings of panes, one a key, in one piece of memory. Where copies are to be known, the readings of
/// panes that late ones may still amend are kept beside them.
class PaneStore {
 public:
  explicit PaneStore(const Shape& shape);

  std::uint32_t add_key();
  /// False: it is known already. REQUIRES: the pane is not older than what the shape's length and
  /// lateness need.
  bool add(std::uint32_t key, std::int64_t pane, const Point& point, const Speaker& speaker = {}) {
    Pane& it = panes_[(std::size_t{key} * kept_) + place_of(pane)];
    if (it.number > pane) return false;
    if (knows_copies_) {
      const auto said = courses_[key].say(point, speaker);
      if (said == Course::Said::again) return false;
      if (said == Course::Said::anew) return add_again(key, it);
    }
    if (it.number != pane) {
      it.begin(pane, point.value);
      if (knows_copies_) forget(key);
    }
    it.add(point.value, part_of(pane, point.at));
    return true;
  }
  /// Asks the memory for what `add` will need.
  void prefetch(std::uint32_t key, std::int64_t pane) const {
    __builtin_prefetch(&panes_[(std::size_t{key} * kept_) + place_of(pane)], 1);
  }
  /// Tells of the `panes` before number `end`: how many results; 0: nothing is in them.
  std::size_t tell(std::uint32_t key, std::int64_t end, std::int64_t panes, Results& out) const;
  bool holds(std::uint32_t key, std::int64_t pane) const {
    return panes_[(std::size_t{key} * kept_) + place_of(pane)].number == pane;
  }

 private:
  std::size_t place_of(std::int64_t pane) const {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(pane) % kept_);
  }

  std::uint32_t part_of(std::int64_t pane, Micros at) const {
    return static_cast<std::uint32_t>(static_cast<double>(at - (pane * every_)) * per_micro_);
  }
  bool add_again(std::uint32_t key, Pane& pane);
  void forget(std::uint32_t key);

  std::vector<Aggregate> aggregates_;
  Micros every_;
  Micros lateness_;
  double per_micro_;
  std::uint32_t kept_;
  bool knows_copies_;
  bool is_single_;
  std::vector<Course> courses_;  ///< by key, where copies are to be known
  std::vector<Pane, HugeAllocator<Pane>> panes_;
};

/// Keeps the readings themselves, so that it can say everything of them.
class PointStore {
 public:
  explicit PointStore(const Shape& shape);

  std::uint32_t add_key();
  /// False: it is known already.
  bool add(std::uint32_t key, std::int64_t pane, const Point& point, const Speaker& speaker);
  std::size_t tell(std::uint32_t key, std::int64_t end, std::int64_t panes, Results& out);
  bool holds(std::uint32_t key, std::int64_t pane) const;

 private:
  std::vector<Aggregate> aggregates_;
  Micros every_;
  bool is_single_;
  Micros kept_for_;
  std::vector<Course> keys_;
  Measurer measurer_;
};

}  // namespace sosie::window
