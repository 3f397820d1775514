#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "operators/window/aggregate.h"

namespace sosie::window {

/// Whose a value is.
struct Speaker {
  std::uint32_t series = 0;
  bool may_repeat = true;  ///< its series has said something at this time or after it
};

/// The values of a key in order of time, and whose each is: so what is said twice, or anew, is
/// known, in groups too. Of one time, the order in which they came.
///
/// Memory: 16 bytes a value, 20 where they are several series'. Threads: one.
class Course {
 public:
  enum class Said : std::uint8_t { first, anew, again };

  /// `is_single`: all are one series', so two of one time are the same one.
  explicit Course(bool is_single) : is_single_(is_single) {}

  /// Puts it where it belongs; in place of what the same series said of the same time.
  Said say(const Point& point, const Speaker& speaker);

  /// Whether it is there, and then what it says now; `first`: it is not.
  Said correct(const Point& point, const Speaker& speaker);

  /// Takes over what is not older than what is here.
  void append(const Course& later);

  /// Forgets what is older, but for the last of it: that holds until the next value comes.
  void forget_before(Micros at);

  std::span<const Point> points() const { return std::span(points_).subspan(begin_); }

 private:
  std::size_t find(const Point& point, const Speaker& speaker) const;

  bool is_single_;
  std::size_t begin_ = 0;  ///< of what is still needed
  std::vector<Point> points_;
  std::vector<std::uint32_t> whose_;  ///< of each; empty where they are all of one series
};

}  // namespace sosie::window
