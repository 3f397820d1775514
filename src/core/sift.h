#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/source.h"

namespace sosie {

/// Why this can never be a reading, by its value and time; empty: it can.
std::string_view why_impossible(const Reading& reading, Timestamp newest_credible);

/// Takes out of `readings` what can never be one, and says why, for the quarantine. A time after
/// `newest_credible` is none: one such reading would be the youngest of its store, and of every
/// page, until that day comes.
std::vector<Refusal> sift(std::vector<Reading>& readings, std::string_view source,
                          const SeriesTable& series, Timestamp newest_credible);

}  // namespace sosie
