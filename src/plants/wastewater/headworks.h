#pragma once

#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/rota.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// Bar screen, inlet wet well with its lift pumps, grit and grease chamber.
///
///     head loss = k (Q / (1 - clog))^2        clog grows with the load, raking resets it
///                                             every half hour, and when the loss is high
///     dV/dt = Q_in - Q_pumped - Q_overflow    pumps by level; over the crest to the river
class Headworks {
 public:
  explicit Headworks(double scale) : scale_(scale) {}

  void step(const Stream& sewer, const Disturbance& disturbance, const Rota& pump);

  /// To primary clarification: 60 % of the oil has gone with the grease.
  Stream out() const;
  double overflow_m3_h() const { return overflow_m3_h_; }
  const Water& well() const { return well_; }  ///< what flows over, too
  Amount holds() const;

  double screen_loss_mbar() const { return screen_loss_mbar_; }
  double level_m() const { return level_m_; }
  int pump_state() const { return pump_state_; }     ///< P-101: 0 stands, 1 runs, 2 fault
  const Water& chamber() const { return chamber_; }  ///< the grease still in it
  double power_kw() const { return power_kw_; }

 private:
  void screen(double flow_m3_h, double clogging_speed);
  void lift(double flow_m3_h, const Disturbance& disturbance, const Rota& pump);

  double scale_;
  double clog_ = 0.1;
  double since_rake_h_ = 0;  ///< the timer's
  int open_screens_ = 1;
  double screen_loss_mbar_ = 8;
  double level_m_ = 2.4;
  double pumped_m3_h_ = 0;
  double overflow_m3_h_ = 0;
  int pump_state_ = 1;
  Water well_;
  Water chamber_;
  double power_kw_ = 0;
};

}  // namespace sosie::wastewater
