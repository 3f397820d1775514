#pragma once

#include <cstdint>
#include <span>

#include "detectors/residual/fit.h"
#include "detectors/residual/held_out.h"
#include "detectors/residual/model.h"

namespace sosie::residual {

/// Sets all limits of `model` from what was held out: of columns with `is_judged[i] != 0`, and of
/// the asset as a whole.
///
/// Bands widen in rough weather, so it is what lies beyond a widened band that was never seen: the
/// rain of learning must not make the limits of calm days.
void set_limits(Model& model, const Trials& trials, std::span<const std::uint8_t> is_judged,
                const FitConfig& config);

/// Makes residuals smaller where the whole asset is in a state never seen, as looking does.
void widen(const Model& model, Trials& trials);

}  // namespace sosie::residual
