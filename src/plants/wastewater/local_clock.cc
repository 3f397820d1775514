#include "plants/wastewater/local_clock.h"

#include "plants/wastewater/calendar.h"

namespace sosie::wastewater {

/// The zone's offset is asked for once an hour: it changes on whole hours only.
LocalTime LocalClock::at(Timestamp at) {
  using std::chrono::floor;
  if (at < offset_from_ || at >= offset_until_) {
    offset_from_ = floor<std::chrono::hours>(at);
    offset_until_ = offset_from_ + std::chrono::hours(1);
    offset_ = zone_.offset(at);
  }
  const Timestamp there = at + offset_;
  const auto day = floor<std::chrono::days>(there);
  const std::chrono::year_month_day date(day);
  const std::chrono::sys_days new_year(date.year() / std::chrono::January / 1);
  const std::chrono::duration<double, std::ratio<3600>> hour = there - day;
  LocalTime time;
  time.hour = hour.count();
  time.day_of_year = static_cast<double>((day - new_year).count()) + time.hour / 24;
  time.public_holiday = is_public_holiday(date);
  time.school_holiday = is_school_holiday(date);
  time.weekday = static_cast<int>(std::chrono::weekday(day).c_encoding());
  return time;
}

}  // namespace sosie::wastewater
