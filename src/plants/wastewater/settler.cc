#include "plants/wastewater/settler.h"

#include <cmath>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double area_m2 = 2032;
constexpr double depth_m = 4;
constexpr double clear_cell_m3 = 3000;
constexpr double sludge_zone_m3 = 1200;
constexpr double waste_wide_open_m3_h = 104;  // BSM1's highest, 1844.6 m3/d * 1.355

constexpr double packed_g_m3 = 11800;
constexpr double half_packed_kg = 3440;
constexpr double blanket_kg_m3 = 4;
constexpr double not_settleable = 0.0038;
constexpr double oxygen_lost_per_h = 6;  // the sludge goes on breathing

}  // namespace

Settler::Settler(double scale) : scale_(scale) {
  for (Water* cell : {&upper_, &lower_, &sludge_}) {
    (*cell)[si] = 30;
    (*cell)[ss] = 0.8;
    (*cell)[sno] = 13.5;
    (*cell)[snh] = 0.7;
    (*cell)[snd] = 0.66;
    (*cell)[alk] = 3.8;
    (*cell)[co2] = 1.0;
    (*cell)[po4] = 3.9;
    (*cell)[salt] = 450;
    (*cell)[metal_free] = 28;
    (*cell)[temperature] = 15;
  }
  sludge_[xi] = 1423 * scale;
  sludge_[xs] = 55 * scale;
  sludge_[xbh] = 3175 * scale;
  sludge_[xba] = 190 * scale;
  sludge_[xp] = 560 * scale;
  sludge_[xnd] = 4.1 * scale;
  sludge_[metal_bound] = 4 * scale;
}

double Settler::blanket_m() const {
  return std::min(tss(sludge_) / (area_m2 * scale_ * blanket_kg_m3), depth_m);
}
double Settler::power_kw() const {
  return 0.008 * return_m3_h_ + 0.05 * waste_m3_h_ + 1.5 * scale_;
}

void Settler::pump(const Disturbance& d, const Setpoints& set) {
  return_m3_h_ = d.return_pump_failed || d.return_pump_halted
                     ? 0
                     : set.return_share * usual_return_m3_h * scale_;
  return_pump_state_ = d.return_pump_failed ? 2 : 1;
  waste_m3_h_ =
      (d.waste_valve_open ? waste_wide_open_m3_h : set.waste_share * usual_waste_m3_h) * scale_;
  svi_ml_g_ += lag_coefficient(3) * (normal_svi_ml_g + d.bulking_ml_g - svi_ml_g_);
}

/// The particles: what comes in, less what floats over the weir, less what is drawn below.
void Settler::store(const Stream& in) {
  const double flow_ratio = effluent_m3_h_ / (mean_influent_m3_h * scale_);
  const double escaping =
      not_settleable * std::sqrt(flow_ratio) * std::pow(svi_ml_g_ / normal_svi_ml_g, 0.8) +
      0.6 * ramp(blanket_m(), 2.2, depth_m);
  effluent_ = with_solids(upper_, 0);
  for (std::size_t i = Water::first_solid; i < parts; ++i) {
    effluent_.c[i] = escaping * in.water.c[i];
    sludge_.c[i] +=
        step_h / 1000 * (in.flow_m3_h * in.water.c[i] - effluent_m3_h_ * effluent_.c[i]);
  }
  underflow_ = sludge_;
  const double stored_kg = tss(sludge_);
  const double packed = packed_g_m3 * normal_svi_ml_g / svi_ml_g_;
  const double g_m3_per_kg = packed / (stored_kg + half_packed_kg * scale_);
  const double drawn_m3 = (return_m3_h_ + waste_m3_h_) * step_h;
  for (std::size_t i = Water::first_solid; i < parts; ++i) {
    underflow_.c[i] = sludge_.c[i] * g_m3_per_kg;
    sludge_.c[i] -= underflow_.c[i] * drawn_m3 / 1000;
  }
}

void Settler::step(const Stream& in, double air_temperature_c) {
  const double below_m3_h = return_m3_h_ + waste_m3_h_;
  effluent_m3_h_ = std::max(in.flow_m3_h - below_m3_h, 0.0);
  const Water dissolved = with_solids(in.water, 0);
  flush(lower_, {effluent_m3_h_, dissolved}, clear_cell_m3 * scale_);
  flush(upper_, {effluent_m3_h_, lower_}, clear_cell_m3 * scale_);

  const Water stored = sludge_;  // the flush is for what is dissolved; masses are kept by store()
  flush(sludge_, {below_m3_h, dissolved}, sludge_zone_m3 * scale_);
  std::copy(stored.c.begin() + Water::first_solid, stored.c.end(),
            sludge_.c.begin() + Water::first_solid);

  const double oxygen_left = 1 / (1 + step_h * oxygen_lost_per_h);
  for (Water* cell : {&upper_, &lower_, &sludge_}) (*cell)[so] *= oxygen_left;
  upper_[temperature] += step_h * 0.01 * (air_temperature_c - upper_[temperature]);
  store(in);
}

}  // namespace sosie::wastewater
