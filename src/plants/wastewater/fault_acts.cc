#include "plants/wastewater/fault_acts.h"

#include <algorithm>
#include <cmath>

namespace sosie::wastewater::acts {
namespace {

void tamper(const Strike& s, auto&& change) {
  for (std::size_t i = 0; i < s.fault.sensors; ++i) {
    const std::size_t index = s.fault.sensor.at(i);
    Tamper& t = s.tampers[index];
    t.any = true;
    change(t, s.rows[index], i);
  }
}
double span_of(const SensorRow& row) {
  return row.high - row.low;
}

}  // namespace

// ---- sensors

void stuck(const Strike& s) {
  tamper(s, [](Tamper& t, const SensorRow&, std::size_t) { t.stuck = true; });
}
void dropout(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t) { t.drop_chance = s.fault.size / 100; });
}
void spikes(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow& row, std::size_t) {
    t.spike_chance = s.fault.size * step_h;
    t.spike = std::max(15 * row.noise_sd, 0.05 * span_of(row));
  });
}
/// 3.6 or 21 mA on a loop of 4 to 20 mA (NAMUR NE 43).
void out_of_range(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow& row, std::size_t) {
    t.fixed = true;
    t.value = s.fault.side < 0 ? row.low - 0.025 * span_of(row) : row.high + 0.0625 * span_of(row);
  });
}
void noise_burst(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t) { t.noise_factor = s.fault.size; });
}
void clock_error(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t) {
    t.off_ms = static_cast<std::int32_t>(std::lround(s.fault.side * s.fault.size * 1000));
  });
}
/// m3/d for m3/h, g/L for mg/L.
void unit_error(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow& row, std::size_t) {
    t.gain = t.noise_factor = row.info.unit == "m3/h" ? 24 : 1e-3;
  });
}
void bias(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow& row, std::size_t) {
    t.bias = s.fault.side * s.fault.size / 100 * span_of(row) * std::min(s.age_h / s.lasts_h, 1.0);
  });
}
void gain(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t) { t.gain = s.fault.size; });
}
void fouling(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t) {
    t.gain = 1 - s.fault.size / 100 * -std::expm1(-3 * s.age_h / s.lasts_h);
    t.slowness = 1 + 3 * s.age_h / s.lasts_h;
    t.noise_factor = 0.5;
  });
}

void bad_calibration(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow& row, std::size_t) {
    t.bias = s.fault.side * s.fault.size / 100 * span_of(row);
  });
}
void loop_drift(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t) {
    t.bias = s.fault.side * s.fault.size * std::min(s.age_h / s.lasts_h, 1.0);
  });
}

void organic_load(const Strike& s) {
  s.process.organic_g_m3 += s.fault.size * s.envelope();
}
void ammonia_peak(const Strike& s) {
  s.process.ammonia_factor *= 1 + (s.fault.size - 1) * s.envelope();
}
void toxic_shock(const Strike& s) {
  s.process.toxin += s.fault.size * s.envelope();
}
void hydrocarbon_spill(const Strike& s) {
  s.process.hydrocarbon_g_m3 += s.fault.size * s.envelope();
  s.process.toxin += 0.01 * s.fault.size * s.envelope();
}
void heavy_metals(const Strike& s) {
  s.process.metal_factor *= 1 + (s.fault.size - 1) * s.envelope();
  s.process.toxin += 0.4 * (s.fault.size - 1) * s.envelope();
}
void acid_spill(const Strike& s) {
  s.process.acid_mol_m3 += s.fault.size * s.envelope();
}
void alkaline_spill(const Strike& s) {
  s.process.acid_mol_m3 -= s.fault.size * s.envelope();
}
void saline_water(const Strike& s) {
  s.process.salt_us_cm += s.fault.size * s.envelope();
  s.process.solids_factor *= 1 + 0.5 * s.envelope();
}

void blower_trip(const Strike& s) {
  s.process.blower_share_301 = s.process.blower_share_302 = 0;
}
void blower_lost(const Strike& s) {
  s.process.blower_share_302 = 0;
}
void return_pump_trip(const Strike& s) {
  s.process.return_pump_failed = true;
}
void recycle_pump_trip(const Strike& s) {
  s.process.recycle_pump_failed = true;
}
void lift_pump_trip(const Strike& s) {
  s.process.lift_pump_failed = true;
}
void waste_valve_open(const Strike& s) {
  s.process.waste_valve_open = true;
}
void bulking(const Strike& s) {
  s.process.bulking_ml_g += s.fault.size;
}
void hydraulic_washout(const Strike& s) {
  s.process.flow_factor *= 1 + (s.fault.size - 1) * s.envelope();
}
void ferric_dosing_failure(const Strike& s) {
  s.process.ferric_pump_failed = true;
}
void chlorine_dosing_failure(const Strike& s) {
  s.process.chlorine_pump_failed = true;
}
void uv_bank_failure(const Strike& s) {
  s.process.uv_share *= 1 - s.fault.size / 100;
}
void screen_clogging(const Strike& s) {
  s.process.screen_clogging *= s.fault.size;
}
void filter_clogging(const Strike& s) {
  s.process.filter_clogging *= s.fault.size;
}
void digester_upset(const Strike& s) {
  s.process.digestion_share *= 1 - s.fault.size / 100;
}

void replay(const Strike& s) {
  tamper(s, [](Tamper& t, const SensorRow&, std::size_t) { t.replayed = true; });
}
void false_data(const Strike& s) {
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t i) {
    t.injected = true;
    t.value = s.fault.level.at(i);
  });
}
void loop_injection(const Strike& s) {
  tamper(s,
         [&](Tamper& t, const SensorRow&, std::size_t) { t.bias = s.fault.side * s.fault.size; });
}
void setpoint_change(const Strike& s) {
  s.process.do_setpoint_g_m3 = s.fault.size;
}
void ferric_manipulation(const Strike& s) {
  s.process.ferric_factor = s.fault.size;
}
void chlorine_manipulation(const Strike& s) {
  s.process.chlorine_factor = s.fault.size;
}

/// Stopped and started every five minutes, while its status says that it runs.
void command_spoofing(const Strike& s) {
  constexpr double cycle_h = 10.0 / 60;
  s.process.return_pump_halted = std::fmod(s.age_h, cycle_h) < cycle_h / 2;
}
void denial_of_data(const Strike& s) {
  tamper(s, [](Tamper& t, const SensorRow&, std::size_t) { t.drop_chance = 1; });
}
/// All by one factor that grows slowly: among themselves they agree.
void stealthy_injection(const Strike& s) {
  constexpr double reached = 0.12;
  const double part = std::min(2 * s.age_h / s.lasts_h, 1.0);
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t) {
    t.gain = 1 + s.fault.side * reached * part;
  });
}
/// Its two sensors under each other's name.
void identity_swap(const Strike& s) {
  if (s.fault.sensors < 2) return;
  tamper(s, [&](Tamper& t, const SensorRow&, std::size_t i) {
    t.swapped = true;
    t.with = s.fault.sensor.at(1 - i);
  });
}

}  // namespace sosie::wastewater::acts
