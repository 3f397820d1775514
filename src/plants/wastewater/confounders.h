#pragma once

#include <string_view>
#include <vector>

#include "plants/wastewater/influent.h"
#include "plants/wastewater/process.h"

namespace sosie::wastewater {

/// What is natural, no fault, and moves sensors now, by the catalogue's names: N1 rain (its runoff
/// too), N2 storm, N3 weekend or public holiday, N4 school holidays, N5 cold water (under 12 degC:
/// nitrification is slow), N6 melt water, N7 a calibration or cleaning, N8 machines that change
/// over, N9 the filter's wash, N10 the centrifuge's shift.
/// N11, the analysers' steps, is always there, and N12, clocks that change, is in the local time:
/// they are not told. `has_service`: somebody is at a sensor.
std::vector<std::string_view> confounders_at(const LocalTime& time, const Process& process,
                                             bool has_service);

}  // namespace sosie::wastewater
