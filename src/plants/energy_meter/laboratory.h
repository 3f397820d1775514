#pragma once

#include <array>

#include "plants/energy_meter/machine.h"
#include "simulation/sky.h"

namespace sosie::energy_meter {

/// What the running faults do to the load in one step. The default: nothing.
struct Disturbance {
  double left_on_kw = 0;    ///< a machine that nobody switched off
  double leak_kw = 0;       ///< a base load that has grown
  bool no_cooling = false;  ///< the air conditioning is off
};

/// A laboratory's load:
///
///     P = P_base + people p + u_heat max(0, 16 - T_out) + u_cool max(0, T_out - 22) + sum of
///     machines
///
/// with air conditioning and heat only half as strong while nobody is there. People come and go by
/// the hour of a working day. Its bytes are its state.
class Laboratory {
 public:
  static constexpr std::size_t machine_count = 8;

  Laboratory(double scale, Timestamp at, const Sky::Place& place, const Random& random);

  /// Lives up to `to`; returns the mean power on the way, in kW.
  double advance(Timestamp to, CivilClock& clock, const Disturbance& disturbance);

  void order(Sky::Order order) { sky_.order(order); }
  const Sky& sky() const { return sky_; }
  double people() const { return people_; }

 private:
  void move_people(const CivilTime& time, double dt_s);

  double scale_;
  Sky sky_;
  Random random_;
  std::array<Machine, machine_count> machines_;
  Timestamp now_;
  double people_ = 0;
};

}  // namespace sosie::energy_meter
