#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"

namespace sosie::app {

/// The middle step in time; 0 of none.
Duration period_of(const std::vector<Timestamp>& times);

/// Whether times are of a calendar, and not counted from somewhere.
bool has_days(const std::vector<Timestamp>& times);

/// The share of the day that is over; -1: not known.
double share_of_day(std::optional<Timestamp> at);

/// What is wrong with the order of times.
class TimeCheck {
 public:
  void see(std::optional<Timestamp> at) {
    if (!at) return;
    if (before_ && *at < *before_) ++back_;
    if (before_ && *at == *before_) ++twice_;
    if (before_ && period_ > Duration{} && *at - *before_ > 3 * period_) ++gaps_;
    before_ = at;
  }
  void set_period(Duration period) { period_ = period; }

  void tell(std::vector<std::string>& notes) const {
    if (back_ > 0) {
      notes.push_back(
          fmt::format("{} rows go back in time; they are judged in their order", back_));
    }
    if (twice_ > 0) notes.push_back(fmt::format("{} rows have the time of the row before", twice_));
    if (gaps_ > 0) {
      notes.push_back(
          fmt::format("{} gaps of more than three times the usual step in time", gaps_));
    }
  }

 private:
  std::optional<Timestamp> before_;
  Duration period_{};
  std::size_t back_ = 0;
  std::size_t twice_ = 0;
  std::size_t gaps_ = 0;
};

}  // namespace sosie::app
