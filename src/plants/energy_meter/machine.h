#pragma once

#include "base/random.h"
#include "simulation/civil_time.h"

namespace sosie::energy_meter {

/// A machine of the laboratory: it waits for someone to start it, then runs a cycle in which it
/// heats in bursts (an oven, an autoclave, a compressor).
///
/// It switches at instants of its own, drawn when it last switched; so a long step equals many
/// short ones. Its bytes are its state.
class Machine {
 public:
  struct Traits {
    double power_kw = 0;
    double starts_per_hour = 0;  ///< on a working day; at night and on Sundays `night_share` of it
    double night_share = 0;
    double cycle_min_low = 0;
    double cycle_min_high = 0;
    double burst_s = 0;  ///< mean time that it draws its power within a cycle
    double pause_s = 0;  ///< mean time between; 0: it draws it all along
    double idle_kw = 0;  ///< within a cycle, between bursts
  };

  Machine(const Traits& traits, Timestamp at, const Random& random);

  /// Lives up to `to`; returns the energy that it drew on the way, in kWs.
  double advance(Timestamp to, CivilClock& clock);

  bool is_running() const { return running_; }

 private:
  double power_kw() const;
  void switch_over(CivilClock& clock);
  void start(Timestamp at);

  Traits traits_;
  Random random_;
  Timestamp now_;
  Timestamp next_;        ///< switch
  Timestamp cycle_ends_;  ///< while it runs
  bool running_ = false;
  bool bursting_ = false;
};

}  // namespace sosie::energy_meter
