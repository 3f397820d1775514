#pragma once

#include "base/random.h"
#include "simulation/plant.h"

namespace sosie {

/// What the running faults do to one instrument in one step. The default: nothing.
struct Tamper {
  double gain = 1;
  double offset = 0;  ///< in the sensor's unit
  double noise_factor = 1;
  double drop_chance = 0;   ///< that a value is not sent
  double spike_chance = 0;  ///< of a spike in this step
  double spike = 0;         ///< its size, in the sensor's unit
  bool stuck = false;       ///< says what it said before
};

/// A sensor of a small plant: it follows the truth with a lag, trembles, has a range and a
/// resolution.
///
///     dx/dt = (truth - x) / response        value = round(gain x + offset + noise)
///
/// Solved exactly for a truth that holds during the step. Its bytes are its state.
class Instrument {
 public:
  struct Traits {
    double response_s = 0;  ///< time constant; 0: at once
    double noise_sd = 0;
    double per_unit = 100;  ///< the resolution's inverse: 10 shows tenths
    double low = 0;
    double high = 0;
  };

  Instrument(const Traits& traits, double truth, const Random& noise, const Random& chance);

  /// One step of `dt_s` seconds. The noise does not depend on what tampers with it.
  PlantValue measure(double truth, double dt_s, const Tamper& tamper);

 private:
  Traits traits_;
  double lagged_;
  double shown_;
  Random noise_;
  Random chance_;  ///< of faults
};

}  // namespace sosie
