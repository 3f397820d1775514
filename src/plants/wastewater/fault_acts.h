#pragma once

#include "plants/wastewater/fault_types.h"

/// What each fault does in one step: the `apply` of its row.
namespace sosie::wastewater::acts {

void stuck(const Strike& s);
void dropout(const Strike& s);
void spikes(const Strike& s);
void out_of_range(const Strike& s);
void noise_burst(const Strike& s);
void clock_error(const Strike& s);
void unit_error(const Strike& s);
void bias(const Strike& s);
void gain(const Strike& s);
void fouling(const Strike& s);
void bad_calibration(const Strike& s);
void loop_drift(const Strike& s);
void organic_load(const Strike& s);
void ammonia_peak(const Strike& s);
void toxic_shock(const Strike& s);
void hydrocarbon_spill(const Strike& s);
void heavy_metals(const Strike& s);
void acid_spill(const Strike& s);
void alkaline_spill(const Strike& s);
void saline_water(const Strike& s);
void blower_trip(const Strike& s);
void blower_lost(const Strike& s);
void return_pump_trip(const Strike& s);
void recycle_pump_trip(const Strike& s);
void lift_pump_trip(const Strike& s);
void waste_valve_open(const Strike& s);
void bulking(const Strike& s);
void hydraulic_washout(const Strike& s);
void ferric_dosing_failure(const Strike& s);
void chlorine_dosing_failure(const Strike& s);
void uv_bank_failure(const Strike& s);
void screen_clogging(const Strike& s);
void filter_clogging(const Strike& s);
void digester_upset(const Strike& s);
void replay(const Strike& s);
void false_data(const Strike& s);
void loop_injection(const Strike& s);
void setpoint_change(const Strike& s);
void ferric_manipulation(const Strike& s);
void chlorine_manipulation(const Strike& s);
void command_spoofing(const Strike& s);
void denial_of_data(const Strike& s);
void stealthy_injection(const Strike& s);
void identity_swap(const Strike& s);

}  // namespace sosie::wastewater::acts
