#pragma once

#include <string>

#include "plants/wastewater/bsm1.h"

namespace sosie::bsm1 {

/// A plant's state as CSV: a row a reactor with its 13 components, a row a layer of the settler,
/// from the top, with its solubles and its TSS, and two with what the loops ask for:
///
///     place,SI,SS,XI,XS,XBH,XBA,XP,SO,SNO,SNH,SND,XND,SALK,TSS
///     reactor1,30,2.81,…,3286
///     layer1,30,0.89,,,,,,0.49,…,12.5
///     kLa5,131.65
///     Qa,16485.6
///
/// A state that is read has its loops at rest at these values (the two last rows may be lacking: 84
/// 1/d and 55 338 m3/d). Errors: not_found; invalid, with file, line, value and what was expected.
std::string state_text(const Bsm1& plant);
Result<PlantState> read_state(const std::string& path, const Bsm1::Config& config);
Result<PlantState> parse_state(std::string text, const std::string& name,
                               const Bsm1::Config& config);

}  // namespace sosie::bsm1
