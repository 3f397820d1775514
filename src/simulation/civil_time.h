#pragma once

#include "base/time_text.h"

namespace sosie {

/// A place's time of day and year, as people and the sun keep it.
struct CivilTime {
  double hour = 0;         ///< 0 to 24
  double day_of_year = 0;  ///< 0 at new year
  int weekday = 0;         ///< 0: Sunday
  std::chrono::sys_days date{};

  bool is_weekend() const { return weekday == 0 || weekday == 6; }
};

/// Knows a zone's civil time. The offset is asked for once an hour, since it changes on whole
/// hours only.
///
/// Threads: one at a time.
class CivilClock {
 public:
  explicit CivilClock(Zone zone) : zone_(std::move(zone)) {}

  const Zone& zone() const { return zone_; }

  CivilTime at(Timestamp when) {
    using std::chrono::floor;
    if (when < from_ || when >= until_) {
      from_ = floor<std::chrono::hours>(when);
      until_ = from_ + std::chrono::hours(1);
      offset_ = zone_.offset(when);
    }
    const Timestamp there = when + offset_;
    const auto day = floor<std::chrono::days>(there);
    const std::chrono::year_month_day date(day);
    const std::chrono::sys_days new_year(date.year() / std::chrono::January / 1);
    const std::chrono::duration<double, std::ratio<3600>> hour = there - day;
    return {.hour = hour.count(),
            .day_of_year = static_cast<double>((day - new_year).count()) + hour.count() / 24,
            .weekday = static_cast<int>(std::chrono::weekday(day).c_encoding()),
            .date = day};
  }

 private:
  Zone zone_;
  std::chrono::seconds offset_{0};
  Timestamp from_;
  Timestamp until_;
};

}  // namespace sosie
