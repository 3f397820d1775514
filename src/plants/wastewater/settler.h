#pragma once

#include "plants/wastewater/activated_sludge.h"
#include "plants/wastewater/biology.h"
#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// Secondary clarification: Takács's ten layers, which are the sludge's (`activated_sludge.h`), and
/// beside them, in two clear cells and one of sludge, what ASM1 does not know. What is bound to
/// particles goes where they go:
///
///     dB/dt = Q_in B_in - Q_e X_e B_in/X_in - Q_u X_u B/M      M: the solids that are there
class Settler {
 public:
  explicit Settler(double scale);

  /// Sets this step's return and waste flows. Before the reactors' step, which take the return.
  /// No more is wasted than comes in, `in_m3_h`: the tanks do not empty.
  void pump(const Disturbance& disturbance, const Setpoints& set, double in_m3_h, const Rota& rota);
  /// After the reactors' step, which moved `sludge`.
  void step(const Stream& in, const ActivatedSludge& sludge, double air_temperature_c);

  Stream effluent() const { return {effluent_m3_h_, effluent_}; }
  Stream return_sludge() const { return {return_m3_h_, underflow_}; }
  Stream waste() const { return {waste_m3_h_, underflow_}; }

  Biology::Draw draw() const { return {return_sludge(), waste_m3_h_, svi_ml_g_}; }

  double blanket_m() const { return blanket_m_; }
  double sludge_volume_index() const { return svi_ml_g_; }
  int return_pump_state() const { return return_pump_state_; }
  double power_kw() const;

 private:
  void carry_bound(const Stream& in, const ActivatedSludge& sludge);

  double scale_;
  Water upper_;     ///< clear zone, the cell at the weir: what ASM1 does not know
  Water lower_;     ///< clear zone, the cell at the inlet
  Water bottom_;    ///< the sludge zone
  double bound_g_;  ///< metals on the stored particles
  Water effluent_;
  Water underflow_;
  double blanket_m_ = 0.43;
  double effluent_m3_h_ = 0;
  double return_m3_h_ = 0;
  double waste_m3_h_ = 0;
  double svi_ml_g_ = 110;
  int return_pump_state_ = 1;
};

}  // namespace sosie::wastewater
