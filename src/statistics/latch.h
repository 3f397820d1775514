#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace sosie {

/// Makes episodes of a statistic that trembles at its limit, for each column of an asset. A *level*
/// is the statistic divided by its limit. An episode begins when the level has been at 1 or above
/// and never below `release` for `on_delay`, and ends when it has been below `release` for
/// `off_delay` (the deadband and delays of ISA-18.2).
class Latches {
 public:
  struct Rule {
    double release = 0.8;
    Duration on_delay{};
    Duration off_delay{};
  };
  enum class Step : std::uint8_t {
    none,  ///< nothing new to tell
    began,
    grew,  ///< active, and half as high again as when last told
    ended,
  };

  explicit Latches(Rule rule) : rule_(rule) {}

  void resize(std::size_t columns) {
    rows_.resize(columns);
    states_.resize(columns, State::quiet);
  }
  const Rule& rule() const { return rule_; }

  /// REQUIRES: `at` does not go back; `level` >= 0 (NaN counts as quiet).
  Step step(std::size_t column, Timestamp at, double level) {
    if (is_quiet(column) && !(level >= 1)) return Step::none;  // nearly always
    return change(column, at, level, rule_.on_delay);
  }

  /// As above where each column has an on-delay of its own.
  Step step(std::size_t column, Timestamp at, double level, Duration on_delay) {
    if (is_quiet(column) && !(level >= 1)) return Step::none;
    return change(column, at, level, on_delay);
  }

  /// Columns that are rising or active: while there are none, nothing can end.
  std::size_t busy() const { return busy_; }
  /// Neither rising nor active: a step below 1 changes nothing.
  bool is_quiet(std::size_t column) const { return states_[column] == State::quiet; }
  bool is_active(std::size_t column) const { return states_[column] == State::active; }
  /// When the level first was at 1 or above in this episode, or in the one that just ended.
  Timestamp since(std::size_t column) const { return rows_[column].since; }
  /// When the level last was not below `release` in it: a little after it came down for good.
  Timestamp last_over(std::size_t column) const { return rows_[column].last_over; }
  /// The highest level of this episode.
  double peak(std::size_t column) const { return rows_[column].peak; }

 private:
  enum class State : std::uint8_t { quiet, rising, active };
  struct Row {
    Timestamp since;
    Timestamp last_over;  ///< the last time the level was not below `release`
    double peak = 0;
    double told = 0;
  };

  Step change(std::size_t column, Timestamp at, double level, Duration on_delay);

  Rule rule_;
  std::vector<Row> rows_;
  std::vector<State> states_;  ///< apart, as all of them are asked in each frame
  std::size_t busy_ = 0;
};

/// How abnormal a level is, 0..1: half at its limit, three quarters at twice the limit.
inline double score_of(double level) {
  return level > 0 ? 1 - std::exp2(-level) : 0;
}

}  // namespace sosie
