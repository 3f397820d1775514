#pragma once

#include <optional>
#include <stop_token>

#include "base/clock.h"

namespace sosie::file {

/// Keeps a recording's pace: waits until each row's time has come by the scenario's clock.
///
/// A ScaledClock *is* the recording's time. Where it stands before the first row it is taken there;
/// where it stands later (all of it was played before) rows come at once until they have caught up.
/// At speed 0 it is moved on by the rows. Any other clock only measures how much time has passed
/// since the first row.
/// A leap of more than `max_gap` is made at once, if the row after it agrees that time has leapt: a
/// single wrong time (a device's clock of 1970 or 2099) moves nothing.
///
/// Threads: the source's.
class Pace {
 public:
  Pace(Clock& clock, double speed, Duration max_gap);

  /// Whether `wait` would wait: then what was read so far should go out first.
  bool must_wait(Timestamp at, std::optional<Timestamp> next) const;

  /// `next`: the time of the row that follows.
  void wait(Timestamp at, std::optional<Timestamp> next, const std::stop_token& stop);

 private:
  bool is_plausible(Timestamp at, std::optional<Timestamp> next) const;
  void start(Timestamp first);
  Timestamp due(Timestamp at) const;

  Clock& clock_;
  ScaledClock* scaled_;  ///< clock_, if it is one
  double speed_;
  Duration max_gap_;
  std::optional<Timestamp> latest_;  ///< of the recording, as far as it is believed
  Timestamp first_;                  ///< what first_ is in the recording …
  Timestamp started_;                ///< … is this by the clock
};

}  // namespace sosie::file
