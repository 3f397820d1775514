#include "plants/wastewater/local_clock.h"

#include "plants/wastewater/calendar.h"

namespace sosie::wastewater {

LocalTime LocalClock::at(Timestamp at) {
  const auto civil = clock_.at(at);
  LocalTime time;
  time.hour = civil.hour;
  time.day_of_year = civil.day_of_year;
  time.public_holiday = is_public_holiday(civil.date);
  time.school_holiday = is_school_holiday(civil.date);
  time.weekday = civil.weekday;
  return time;
}

}  // namespace sosie::wastewater
