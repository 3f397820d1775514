#include "statistics/latch.h"

#include <algorithm>

namespace sosie {

Latches::Step Latches::change(Row& row, Timestamp at, double level, Duration on_delay) {
  const bool over = level >= rule_.release;
  if (row.state == State::quiet) {
    row = {.since = at, .last_over = at, .peak = level, .told = level, .state = State::rising};
    ++busy_;
  }
  if (over) {
    row.last_over = at;
    row.peak = std::max(row.peak, level);
  }
  if (row.state == State::rising) {
    if (!over) {
      row.state = State::quiet;
      --busy_;
      return Step::none;
    }
    if (at - row.since < on_delay) return Step::none;
    row.state = State::active;
    row.told = row.peak;
    return Step::began;
  }
  if (!over && at - row.last_over >= rule_.off_delay) {
    row.state = State::quiet;
    --busy_;
    return Step::ended;
  }
  if (row.peak > 1.5 * row.told) {
    row.told = row.peak;
    return Step::grew;
  }
  return Step::none;
}

}  // namespace sosie
