#include "plants/wastewater/calendar.h"

#include <doctest/doctest.h>

namespace sosie::wastewater {
namespace {

using std::chrono::year_month_day;

TEST_CASE("calendar: holidays that stand and those that follow Easter") {
  constexpr auto at = [](int y, unsigned m, unsigned d) {
    return year_month_day(std::chrono::year(y), std::chrono::month(m), std::chrono::day(d));
  };
  // Easter: 2024-03-31, 2025-04-20, 2026-04-05, 2038-04-25 (the latest that there is).
  for (const auto& date :
       {at(2026, 1, 1), at(2026, 7, 14), at(2026, 12, 25), at(2024, 4, 1), at(2025, 4, 21),
        at(2026, 4, 6), at(2026, 5, 14), at(2026, 5, 25), at(2038, 4, 26), at(2025, 5, 29)}) {
    CAPTURE(static_cast<int>(date.year()));
    CAPTURE(static_cast<unsigned>(date.month()));
    CHECK(is_public_holiday(date));
  }
  for (const auto& date : {at(2026, 4, 5), at(2026, 5, 15), at(2026, 2, 2), at(2025, 4, 6)}) {
    CHECK_FALSE(is_public_holiday(date));
  }
  CHECK(is_school_holiday(at(2026, 8, 1)));
  CHECK(is_school_holiday(at(2026, 1, 3)));
  CHECK_FALSE(is_school_holiday(at(2026, 1, 4)));
  CHECK_FALSE(is_school_holiday(at(2026, 7, 7)));
}

}  // namespace
}  // namespace sosie::wastewater
