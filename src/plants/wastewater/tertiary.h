#pragma once

#include <optional>

#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// Tertiary treatment: iron(III) chloride precipitates phosphate, a sand filter takes what floats.
///
///     PO4_out = PO4_in exp(-1.37 Fe/P)       Fe/P: mol per mol; 3 mol alkalinity go with 1 mol Fe
///     dm/dt = Q (X_in - X_out)               m: what the filter holds, until it is washed
///     loss = k Q (1 + m / m_0)
///
/// The dose follows the phosphate analyser's reading and the flow; the filter is washed for 10
/// minutes when the loss is over 35 kPa, and daily by a timer, which does not mind: so no fault
/// leaves another rhythm behind. The wash water goes back to the head.
class Tertiary {
 public:
  explicit Tertiary(double scale) : scale_(scale) {}

  void step(const Stream& in, const Disturbance& disturbance, const Feedback& feedback,
            const Followed& followed = {});

  const Water& inlet() const { return inlet_; }  ///< after the weir
  Stream out() const { return {filtered_m3_h_, filtered_}; }
  Stream bypass() const { return {bypass_m3_h_, coagulated_}; }
  Stream wash_water() const { return {wash_m3_h_, wash_}; }

  double dose_l_h() const { return reported_l_h_; }
  double filter_flow_m3_h() const { return filtered_m3_h_ + wash_m3_h_; }
  const Water& coagulated() const { return coagulated_; }
  double total_p() const;
  double residual_iron() const { return iron_g_m3_; }
  double filter_loss_kpa() const { return loss_kpa_; }
  int dosing_pump_state() const { return dosing_pump_state_; }
  int wash_pump_state() const { return washing_h_ > 0 ? 1 : 0; }
  double power_kw() const;
  double iron_dose_g_m3() const { return iron_dose_g_m3_; }
  double oxygen_in_g() const { return oxygen_in_g_; }  ///< at the weir, in the last step
  Amount holds() const;

 private:
  void coagulate(const Stream& in, const Disturbance& disturbance, const Feedback& feedback,
                 const Followed& followed);
  void filter(double flow_m3_h, double clogging_speed);
  void wash(double flow_m3_h, std::optional<bool> is_washed);

  double scale_;
  Water inlet_;
  Water coagulated_;
  Water filtered_;
  Water wash_;
  Water held_;  ///< the filter's particles, kg
  double reported_l_h_ = 50;
  double iron_dose_g_m3_ = 10;
  double iron_g_m3_ = 0.4;
  double held_kg_ = 80;  ///< all of it, precipitate too
  double loss_kpa_ = 15;
  double timer_h_ = 8;
  double washing_h_ = 0;  ///< still to go
  double filtered_m3_h_ = 0;
  double bypass_m3_h_ = 0;
  double wash_m3_h_ = 0;
  int dosing_pump_state_ = 1;
  double oxygen_in_g_ = 0;
};

}  // namespace sosie::wastewater
