#pragma once

#include <memory>

#include "base/result.h"
#include "core/parallel_model.h"
#include "core/section.h"

namespace sosie::wastewater {

/// The station as a model beside a station (core/parallel_model.h). Keys: `sensors`, `zone` and
/// `population_equivalent` as the plant's; `departure`, how far its parameters may be from the
/// plant's own, as a share; `seed`, which draws them.
///
/// It is fed by the inlet's instruments (flow, temperature, solids, COD, ammonia, pH, conductivity,
/// oil, metals), by the doses of iron and chlorine, by the filter's wash, and slowly by the flows
/// of return and waste sludge. What three instruments measure is the middle one's. Without a
/// reading, at a range's end, or where an instrument stands still, the last one holds for 15
/// minutes, then the usual water of that hour and season comes in its place.
Result<std::unique_ptr<ParallelModel>> make_parallel(Section& section);

}  // namespace sosie::wastewater
