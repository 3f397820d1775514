#include "plants/wastewater/calendar.h"

#include <algorithm>
#include <array>

namespace sosie::wastewater {

using std::chrono::days;
using std::chrono::month_day;
using std::chrono::sys_days;
using std::chrono::year_month_day;

namespace {

/// Easter Sunday of the Gregorian calendar ("A New York correspondent", Nature, 20 April 1876).
sys_days easter(std::chrono::year in) {
  const int y = static_cast<int>(in);
  const int a = y % 19;
  const int b = y / 100;
  const int c = y % 100;
  const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int at = h + l - 7 * m + 114;
  return sys_days(in / (at / 31) / (at % 31 + 1));
}

}  // namespace

bool is_public_holiday(year_month_day date) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): the months' names
  constexpr std::array<month_day, 8> fixed{January / 1, May / 1,      May / 8,       July / 14,
                                           August / 15, November / 1, November / 11, December / 25};
  if (std::ranges::find(fixed, date.month() / date.day()) != fixed.end()) return true;
  const auto since = sys_days(date) - easter(date.year());
  return since == days(1) || since == days(39) || since == days(50);
}

bool is_school_holiday(year_month_day date) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): the months' names
  const auto day = date.month() / date.day();
  return (day >= July / 8 && day <= August / 31) || day >= December / 20 || day <= January / 3;
}

}  // namespace sosie::wastewater
