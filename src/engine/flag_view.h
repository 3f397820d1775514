#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "evaluation/flags.h"

namespace sosie {

/// A recording's own flag beside a series that it is about.
struct FlagView {
  SeriesId series;
  SeriesId flag;
  FlagReport report;
  std::vector<Reading> flags;
};

/// Of one series; none: the recording has no flag for it. Reads all that is stored of the two.
Result<std::optional<FlagView>> flag_view(Engine& engine, SeriesId series);

/// Of every series that has one.
Result<std::vector<FlagView>> flag_views(Engine& engine);

}  // namespace sosie
