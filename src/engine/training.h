#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "core/catalog.h"
#include "core/section.h"
#include "core/series.h"
#include "engine/engine.h"
#include "store/store.h"

namespace sosie {

/// Trains the scenario's detectors on what is stored in [from, to), and keeps the result as the
/// next version in `folder`/models: the running program takes it up at its next start.
/// Errors: nothing is stored there; the folder cannot be written.
Result<ModelCard> train(Section& scenario, const Catalog& catalog, const std::string& folder,
                        const Store& store, const SeriesTable& series, Timestamp from,
                        Timestamp to);

}  // namespace sosie
