#pragma once

#include <string>
#include <vector>

#include "app/measure.h"
#include "base/result.h"
#include "core/catalog.h"

namespace sosie::app {

// The parts of `sosie bench`. Each appends its lines.

/// The forest alone, on the plant's own values.
Result<void> bench_forest(const std::string& scenario, const Catalog& catalog,
                          std::vector<Measured>& lines);

/// JSON text → decoder → door → lane (state, frames, all detectors) → journal, on threads of their
/// own, each charged with its own CPU time.
Result<void> bench_road(const std::string& scenario, const Catalog& catalog,
                        std::vector<Measured>& lines);

/// A first and a later start of the scenario with its pages, in a folder that is removed after.
Result<void> bench_start(const std::string& scenario, const Catalog& catalog,
                         std::vector<Measured>& lines);

}  // namespace sosie::app
