#pragma once

#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// Secondary clarification: a clear zone of two mixed cells over a store of sludge that thickens.
///
///     dM_i/dt = Q X_i,in - Q_e X_i,e - Q_u X_i,u           for every kind of particle i
///     X_u = X_max M / (M + M_0)       X_max = 11 800 g/m3 * (110 / SVI): what the sludge packs to
///     X_e = f_ns X_in (Q_e / Q_0)^0.5 (SVI / 110)^0.8 + blanket at the weir
///
/// It stands where BSM1 has Takacs's ten layers, and is tuned to give the same underflow, blanket
/// and effluent at BSM1's mean flow.
class Settler {
 public:
  explicit Settler(double scale);

  /// Sets this step's return and waste flows. Before the reactors' step, which take the return.
  void pump(const Disturbance& disturbance, const Setpoints& set);
  void step(const Stream& in, double air_temperature_c);

  Stream effluent() const { return {effluent_m3_h_, effluent_}; }
  Stream return_sludge() const { return {return_m3_h_, underflow_}; }
  Stream waste() const { return {waste_m3_h_, underflow_}; }

  double blanket_m() const;
  double sludge_volume_index() const { return svi_ml_g_; }
  int return_pump_state() const { return return_pump_state_; }
  double power_kw() const;

 private:
  void store(const Stream& in);

  double scale_;
  Water upper_;   ///< clear zone, the cell at the weir
  Water lower_;   ///< clear zone, the cell at the inlet
  Water sludge_;  ///< dissolved: the sludge zone's, g/m3; particles: the stored mass, kg
  Water effluent_;
  Water underflow_;
  double effluent_m3_h_ = 0;
  double return_m3_h_ = 0;
  double waste_m3_h_ = 0;
  double svi_ml_g_ = 110;
  int return_pump_state_ = 1;
};

}  // namespace sosie::wastewater
