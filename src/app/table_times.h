#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sosie::app {

/// The middle step in time; 0 of none.
Duration period_of(const std::vector<Timestamp>& times);

/// Whether times are of a calendar, and not counted from somewhere.
bool has_days(const std::vector<Timestamp>& times);

/// The share of the day that is over; -1: not known.
double share_of_day(std::optional<Timestamp> at);

/// What is wrong with the order of times, and how often rows come. Memory: 8 bytes a row.
class TimeCheck {
 public:
  void see(std::optional<Timestamp> at);
  /// What was seen so far are the rows of learning.
  void end_learning() { learned_steps_ = steps_.size(); }

  void tell(std::vector<std::string>& notes) const;

 private:
  Duration middle_step(std::size_t from, std::size_t to) const;
  /// Says where rows come more or less often; the longest of their usual steps.
  Duration tell_rates(std::vector<std::string>& notes) const;

  std::optional<Timestamp> before_;
  std::size_t back_ = 0;
  std::size_t twice_ = 0;
  std::vector<Duration> steps_;  ///< forwards
  std::size_t learned_steps_ = 0;
};

}  // namespace sosie::app
