#pragma once

#include <chrono>

namespace sosie::wastewater {

/// Public holidays in France, on which people live as on Sundays: eight fixed days, and Easter
/// Monday, Ascension and Whit Monday (Code du travail, L3133-1).
bool is_public_holiday(std::chrono::year_month_day date);

/// Part of the town is away: 8 July to 31 August, 20 December to 3 January.
bool is_school_holiday(std::chrono::year_month_day date);

}  // namespace sosie::wastewater
