#include "statistics/latch.h"

#include <algorithm>

namespace sosie {

Latches::Step Latches::change(std::size_t column, Timestamp at, double level, Duration on_delay) {
  Row& row = rows_[column];
  State& state = states_[column];
  const bool over = level >= rule_.release;
  if (state == State::quiet) {
    row = {.since = at, .last_over = at, .peak = level, .told = level};
    state = State::rising;
    ++busy_;
  }
  if (over) {
    row.last_over = at;
    row.peak = std::max(row.peak, level);
  }
  if (state == State::rising) {
    if (!over) {
      state = State::quiet;
      --busy_;
      return Step::none;
    }
    if (at - row.since < on_delay) return Step::none;
    state = State::active;
    row.told = row.peak;
    return Step::began;
  }
  if (!over && at - row.last_over >= rule_.off_delay) {
    state = State::quiet;
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
