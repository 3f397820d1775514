#pragma once

#include "diagnosis/episode.h"

namespace sosie::diagnosis {

/// "24.5 mg/L", as people write it.
Words with_unit(double value, const SeriesInfo& info);

/// What a sign says of its sensor, without the sensor's name, as the middle of a sentence. It is
/// said only where the printed numbers show it: a sign may have ended, and its sensor be back where
/// it usually is.
Words observation(const Sign& sign, const SeriesInfo& info, Duration lasts);

}  // namespace sosie::diagnosis
