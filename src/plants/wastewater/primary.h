#pragma once

#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// The share of the particles that stays behind in `stay_min` minutes: Otterpohl and Freund 1992
/// with BSM2's f_corr = 0.65 and f_X = 0.85.
double removal_of_solids(double stay_min);

/// Primary clarification: a mixed tank and a split (Otterpohl and Freund 1992, as in BSM2), with
/// the sludge it makes.
///
///     eta = f_corr (2.88 - 0.118 / f_X) (1.45 + 6.15 ln t) %    t = V/Q in minutes, Q over 3 hours
///     dM/dt = eta X Q - Q_ps X_ps                              M: sludge on the floor
///
/// Q_ps is f_PS = 0.7 % of Q as in BSM2, in the pulses of a timer. The sludge is as thick as
/// BSM2's, of the last day, and thicker the more there is:
///
///     X_ps = mean((eta / f_PS + 1 - eta) X) (h / 0.6 m)^1/2
///
/// so that at rest the blanket is 0.6 m and X_ps is BSM2's.
class Primary {
 public:
  explicit Primary(double scale);

  void step(const Stream& in, double air_temperature_c);

  const Stream& inlet() const { return inlet_; }
  const Stream& effluent() const { return effluent_; }
  /// Drawn now: its particles are the sludge's, what is dissolved is the tank's.
  Stream sludge() const { return {sludge_m3_h_, sludge_}; }

  double blanket_m() const;
  double sludge_g_l() const;  ///< dry solids of the sludge that is, or would be, drawn
  int pump_state() const { return sludge_m3_h_ > 0 ? 1 : 0; }
  double power_kw() const;
  Amount holds() const;

 private:
  void settle(double flow_m3_h);
  void draw();

  double scale_;
  Stream inlet_;
  Stream effluent_;
  Water tank_;
  double smoothed_m3_h_;
  double removal_ = 0.47;
  double usual_sludge_g_l_ = 28;  ///< of the last day, at the usual blanket
  Water floor_;                   ///< particles only: kg, not g/m3
  Water sludge_;
  double sludge_m3_h_ = 0;
  double timer_h_ = 0;
  bool needed_ = true;
};

}  // namespace sosie::wastewater
