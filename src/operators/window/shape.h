#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "operators/window/aggregate.h"
#include "operators/window/course.h"

namespace sosie::window {

/// How time is cut, and what is made of each piece.
struct Shape {
  enum class Kind : std::uint8_t { sliding, tumbling, session };
  Kind kind = Kind::sliding;
  Micros length = 0;      ///< of sliding and tumbling
  Micros every = 0;       ///< sliding: results are at multiples of it; 0: at each reading
  Micros gap = 0;         ///< session: it ends when nothing comes for so long
  Micros longest = 0;     ///< session: or when it has lasted so long
  Micros lateness = 0;    ///< what comes later than this behind its key's youngest counts nowhere
  bool is_single = true;  ///< a key has one series: two readings of one time are the same one
  Micros wait = 0;        ///< a window is told of so long after its end, by event time
  /// Panes: a value that is said twice counts once, and one that is said anew takes its place.
  bool knows_copies = true;
  std::vector<Aggregate> aggregates;
};

/// Where results go. Threads: the caller's.
class Results {
 public:
  virtual ~Results() = default;
  /// The `aggregate`-th of a window that is dated `at`; again for what is amended.
  virtual void put(std::uint32_t key, std::size_t aggregate, Micros at, double value) = 0;
};

enum class Taken : std::uint8_t { in_time, late, too_late, copy };

/// Windows of many keys (series, groups, zones), which are numbers from 0 on.
///
/// Event time is the youngest reading's of all keys. Threads: one.
class Windows {
 public:
  virtual ~Windows() = default;
  virtual std::uint32_t add_key() = 0;
  /// Tells of what has ended by this.
  virtual Taken take_of(const Speaker& speaker, std::uint32_t key, const Point& point,
                        Results& out) = 0;
  /// The same where each key has one series.
  Taken take(std::uint32_t key, const Point& point, Results& out) {
    return take_of({}, key, point, out);
  }
  /// Tells again of what late readings have changed; how many results of the batch stand in the
  /// place of one that was told before.
  virtual std::uint64_t settle(Results& out) = 0;
  /// It is certainly `now`.
  virtual void advance(Micros now, Results& out) = 0;
};

/// The whole number of `step`s that lie before or at `at`.
constexpr Micros floor_of(Micros at, Micros step) {
  const Micros whole = at / step;
  return whole * step > at ? whole - 1 : whole;
}

}  // namespace sosie::window
