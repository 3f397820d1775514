#include "simulation/instrument.h"

#include <algorithm>
#include <cmath>

namespace sosie {

Instrument::Instrument(const Traits& traits, double truth, const Random& noise,
                       const Random& chance)
    : traits_(traits), lagged_(truth), shown_(truth), noise_(noise), chance_(chance) {}

PlantValue Instrument::measure(double truth, double dt_s, const Tamper& tamper) {
  const double share = traits_.response_s > 0 ? -std::expm1(-dt_s / traits_.response_s) : 1;
  lagged_ += share * (truth - lagged_);
  const double noise = traits_.noise_sd > 0 ? traits_.noise_sd * noise_.normal() : 0;
  double value = tamper.gain * lagged_ + tamper.offset + tamper.noise_factor * noise;
  if (tamper.spike_chance > 0 && chance_.uniform() < tamper.spike_chance) {
    value += chance_.uniform() < 0.5 ? -tamper.spike : tamper.spike;
  }
  value = std::clamp(value, traits_.low, traits_.high);
  if (!tamper.stuck) shown_ = std::round(value * traits_.per_unit) / traits_.per_unit;
  const bool dropped = tamper.drop_chance > 0 && chance_.uniform() < tamper.drop_chance;
  return {.value = shown_, .sent = !dropped, .quality = Quality::good};
}

}  // namespace sosie
