#pragma once

#include <string>

#include "base/random.h"
#include "plants/room/thermal.h"
#include "simulation/sky.h"

namespace sosie::room {

/// What the running faults do to the room in one step. The default: nothing.
struct Disturbance {
  bool heater_on = false;   ///< whatever its thermostat says
  bool heater_off = false;  ///< the same
  double window_w_per_k = 0;
  bool vent_shut = false;
  double setpoint_c = 0;  ///< > 0: someone else set the thermostat
};

/// A winter garden used as an office: much glass to the south, a heater with a thermostat, people
/// on working days, a window that they tilt when it is hot, and an opener in the roof whose wax
/// pushes it open from 35 °C on (whole at 39.5 °C), so that the sun drives it to 40 °C at most.
///
/// Everything that is switched is switched between steps. Its bytes are its state.
class Building {
 public:
  struct Traits {
    Thermal::Body body;
    double panes_w_per_k = 75;
    double heater_w = 4500;
    double day_set_c = 21.5;
    double night_set_c = 20.8;
    double glass_m2 = 14;
    double glass_tilt_deg = 60;
    double glass_gain = 0.6;   ///< share of the sun's power that comes in
    double sun_on_air = 0.45;  ///< share of it that warms the air at once
    int desks = 4;
  };

  Building(const Traits& traits, double air_c, double wall_c, const Random& random);

  void step(const CivilTime& time, const Sky& sky, const Disturbance& disturbance, double dt_s);

  double air_c() const { return thermal_.air_c(); }
  double heating_w() const { return heating_ ? traits_.heater_w : 0; }
  int people() const { return people_; }

  /// What the thermostat is set to: state, like the rest, though it begins as a trait.
  double day_set_c() const { return traits_.day_set_c; }
  double night_set_c() const { return traits_.night_set_c; }
  void set_thermostat(double day_c, double night_c) {
    traits_.day_set_c = day_c;
    traits_.night_set_c = night_c;
  }

 private:
  void move_people(const CivilTime& time, double dt_s);
  void switch_heater(const CivilTime& time, const Disturbance& disturbance);
  double vent_w_per_k(const Disturbance& disturbance) const;

  Traits traits_;
  Thermal thermal_;
  Random random_;
  bool heating_ = false;
  bool window_tilted_ = false;
  int people_ = 0;
};

}  // namespace sosie::room
