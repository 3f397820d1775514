#include "plants/wastewater/loops.h"

#include <algorithm>
#include <cmath>

namespace sosie::bsm1 {

PiLoop::Answer PiLoop::answer(double seen, double integral) const {
  const double error = setpoint - std::clamp(seen, 0.0, sensor_high);
  const double wanted = gain * error + integral + offset;
  const double asked = std::clamp(wanted, 0.0, high);
  return {asked, gain / reset_d * error + (asked - wanted) / track_d};
}

Result<void> PiLoop::check(const char* name) const {
  if (!(setpoint >= 0 && setpoint <= sensor_high)) {
    return Error{Errc::invalid, fmt::format("{} loop: setpoint {}; expected 0 to {}, its sensor's "
                                            "range",
                                            name, setpoint, sensor_high)};
  }
  if (!(reset_d > 0 && track_d > 0 && high > 0 && std::isfinite(gain) && std::isfinite(offset))) {
    return Error{Errc::invalid,
                 fmt::format("{} loop: Ti {} d, Tt {} d, limit {}; expected more than 0", name,
                             reset_d, track_d, high)};
  }
  return {};
}

Result<void> Loops::check() const {
  TRY(oxygen.check("oxygen"));
  return nitrate.check("nitrate");
}

void Loops::derive(const LoopState& y, double oxygen_5, double nitrate_2, LoopState& change) const {
  y.oxygen_seen.derive(oxygen_5, oxygen_sensor_t90_d, change.oxygen_seen);
  y.nitrate_seen.derive(nitrate_2, nitrate_sensor_t90_d, change.nitrate_seen);
  const PiLoop::Answer air = oxygen.answer(y.oxygen_seen.out(), y.oxygen_integral);
  const PiLoop::Answer pump = nitrate.answer(y.nitrate_seen.out(), y.nitrate_integral);
  y.kla_per_d.derive(air.asked, aeration_t90_d, change.kla_per_d);
  change.internal_m3_d = (recycle_scale * pump.asked - y.internal_m3_d) / recycle_lag_d;
  change.oxygen_integral = air.integral_per_d;
  change.nitrate_integral = pump.integral_per_d;
}

LoopState Loops::resting(double oxygen_5, double nitrate_2, double kla_per_d,
                         double internal_m3_d) const {
  LoopState state;
  state.oxygen_seen.settle_at(oxygen_5);
  state.nitrate_seen.settle_at(nitrate_2);
  state.kla_per_d.settle_at(kla_per_d);
  state.internal_m3_d = internal_m3_d;
  state.oxygen_integral = kla_per_d - oxygen.offset - oxygen.gain * (oxygen.setpoint - oxygen_5);
  state.nitrate_integral = internal_m3_d / recycle_scale - nitrate.offset -
                           nitrate.gain * (nitrate.setpoint - nitrate_2);
  return state;
}

}  // namespace sosie::bsm1
