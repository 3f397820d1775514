#pragma once

#include <optional>

namespace sosie::wastewater {

/// What the running faults do to the process in this step. The default: nothing. Faults of sensors
/// are not here: they change what is said of the process, not the process (see Tamper).
struct Disturbance {
  // Into the sewer; travels downstream with the water.
  double organic_g_m3 = 0;  ///< readily biodegradable COD added
  double ammonia_factor = 1;
  double hydrocarbon_g_m3 = 0;
  double metal_factor = 1;
  double toxin = 0;
  double acid_mol_m3 = 0;  ///< negative: alkali
  double salt_us_cm = 0;
  double solids_factor = 1;
  double flow_factor = 1;

  // Equipment.
  double blower_share_301 = 1;  ///< of the blower's capacity that is there
  double blower_share_302 = 1;
  bool lift_pump_failed = false;
  bool return_pump_failed = false;
  bool return_pump_halted = false;  ///< stands still and says that it runs
  bool recycle_pump_failed = false;
  bool waste_valve_open = false;
  bool ferric_pump_failed = false;
  bool chlorine_pump_failed = false;
  double uv_share = 1;
  double screen_clogging = 1;  ///< speed, times normal
  double filter_clogging = 1;
  double bulking_ml_g = 0;     ///< where the sludge volume index is drawn to, above normal
  double digestion_share = 1;  ///< of the normal rate

  // Commands changed by an attacker: the process obeys, what is reported does not show it.
  double do_setpoint_g_m3 = 0;  ///< 0: the operator's
  double ferric_factor = 1;     ///< true dose over reported dose
  double chlorine_factor = 1;
};

/// What people have set: where the loops drive to, and what the pumps give.
struct Setpoints {
  double oxygen_g_m3 = 2;   ///< reactor 5
  double nitrate_g_m3 = 1;  ///< reactor 2
  double return_share = 1;  ///< of the usual flow of return sludge
  double waste_share = 1;   ///< of the usual flow of waste sludge
  double fe_per_p = 1.5;    ///< mol iron per mol of the phosphate that is measured
  double chlorine_g_m3 = 0.35;
};

/// What the control loops are told: by the sensors as they are at that moment, and by people.
struct Feedback {
  double do_reactor_5 = 2;
  double nitrate_reactor_2 = 1;
  double phosphate_tertiary = 4;
  double chlorine = 0.35;
  Setpoints set{};
};

/// What a plant beside this one is known to do, where this one is its model: done too, instead of
/// what the own loop or timer would. None: its own way.
struct Followed {
  std::optional<double> ferric_l_h;
  std::optional<double> chlorine_l_h;
  std::optional<bool> is_washed;  ///< the sand filter
};

}  // namespace sosie::wastewater
