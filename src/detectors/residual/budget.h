#pragma once

#include "detectors/residual/fit.h"
#include "detectors/residual/held_out.h"
#include "detectors/residual/model.h"

namespace sosie::residual {

/// Makes all limits smaller or larger together, so that ordinary life begins as many episodes as
/// `config.allowed_per_day` allows. `trials`: of what was held out, widened.
void keep_to_budget(Model& model, const Trials& trials, const FitConfig& config);

}  // namespace sosie::residual
