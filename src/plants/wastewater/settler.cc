#include "plants/wastewater/settler.h"

#include <cmath>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double clear_cell_m3 = 3000;
constexpr double sludge_zone_m3 = 1200;
constexpr double waste_wide_open_m3_h = 104;  // BSM1's highest, 1844.6 m3/d * 1.355
constexpr double usual_bound_per_tss = 0.98;  // mg/g: 3200 mg/m3 of metals in 3270 g/m3 of sludge

double stored_g(const ActivatedSludge& sludge) {
  double solids = 0;
  for (std::size_t layer = 1; layer <= bsm1::layers; ++layer) solids += sludge.solids_g_m3(layer);
  return solids * sludge.works().layer_m3();
}

}  // namespace

Settler::Settler(double scale) : scale_(scale), bound_g_(6.6e6 * usual_bound_per_tss * scale) {
  for (Water* cell : {&upper_, &lower_, &bottom_}) {
    (*cell)[co2] = 1.0;
    (*cell)[po4] = 3.9;
    (*cell)[salt] = 450;
    (*cell)[metal_free] = 28;
    (*cell)[temperature] = 15;
  }
  const ActivatedSludge usual(scale);
  effluent_ = upper_;
  underflow_ = bottom_;
  usual.show_effluent(effluent_);
  usual.show_underflow(underflow_);
  underflow_[metal_bound] = usual_bound_per_tss * tss(underflow_);
}

double Settler::power_kw() const {
  return 0.008 * return_m3_h_ + 0.05 * waste_m3_h_ + 1.5 * scale_;
}

void Settler::pump(const Disturbance& d, const Setpoints& set, double in_m3_h, const Rota& rota) {
  return_m3_h_ = d.return_pump_failed || d.return_pump_halted
                     ? 0
                     : set.return_share * usual_return_m3_h * scale_ * rota.level();
  return_pump_state_ = rota.is_changing() ? 0 : 1;
  if (d.return_pump_failed) return_pump_state_ = 2;
  const double wanted =
      d.waste_valve_open ? waste_wide_open_m3_h : set.waste_share * usual_waste_m3_h;
  waste_m3_h_ = std::min(wanted * scale_, in_m3_h);
  svi_ml_g_ += lag_coefficient(3) * (normal_svi_ml_g + d.bulking_ml_g - svi_ml_g_);
}

void Settler::carry_bound(const Stream& in, const ActivatedSludge& sludge) {
  const double in_feed = tss(in.water);
  effluent_[metal_bound] = in_feed > 0 ? in.water[metal_bound] * tss(effluent_) / in_feed : 0;
  underflow_[metal_bound] = bound_g_ * tss(underflow_) / std::max(stored_g(sludge), 1.0);
  bound_g_ +=
      step_h * (in.flow_m3_h * in.water[metal_bound] - effluent_m3_h_ * effluent_[metal_bound] -
                (return_m3_h_ + waste_m3_h_) * underflow_[metal_bound]);
}

void Settler::step(const Stream& in, const ActivatedSludge& sludge, double air_temperature_c) {
  const double below_m3_h = return_m3_h_ + waste_m3_h_;
  effluent_m3_h_ = std::max(in.flow_m3_h - below_m3_h, 0.0);
  const Water dissolved = with_solids(in.water, 0);
  flush(lower_, {effluent_m3_h_, dissolved}, clear_cell_m3 * scale_);
  flush(upper_, {effluent_m3_h_, lower_}, clear_cell_m3 * scale_);
  flush(bottom_, {below_m3_h, dissolved}, sludge_zone_m3 * scale_);
  upper_[temperature] += step_h * 0.01 * (air_temperature_c - upper_[temperature]);
  effluent_ = upper_;
  underflow_ = bottom_;
  sludge.show_effluent(effluent_);
  sludge.show_underflow(underflow_);
  carry_bound(in, sludge);
  blanket_m_ = sludge.blanket_m();
}

}  // namespace sosie::wastewater
