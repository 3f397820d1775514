#pragma once

#include <span>

#include "core/section.h"
#include "core/series.h"

namespace sosie {

/// An Error with its line for the first rule of `scenario` that names a series or a stage which is
/// none of `described`: in [compliance], [[alarm]] and the rules of [[detector]]. Such a rule would
/// hold for nothing, in silence. Patterns (* and ?) are not looked at.
Result<void> check_names(Section& scenario, std::span<const SeriesInfo> described);

}  // namespace sosie
