#include "plants/wastewater/outlet.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double contact_m2 = 121;
constexpr double ln_1_08 = 0.07696104113612832;
constexpr double weir_m = 2.3;            // of the weir
constexpr double mean_over_weir_m = 0.5;  // over it at the mean flow
constexpr double dose_g_m3 = 1.5;
constexpr double hypochlorite_g_l = 125;
constexpr double trim_gain_per_h = 1.5;
constexpr double highest_trim = 1.0;
constexpr double lamps_at_mean_kw = 38;
constexpr double uv_at_66_pct = 105;  // of new lamps in clean sleeves
constexpr double lost_by_age = 0.15;
constexpr double lost_by_fouling = 0.05;
constexpr double outlet_chamber_m3 = 200;

}  // namespace

Amount Disinfection::holds() const {
  return amount(tank_, level_m_ * contact_m2 * scale_);
}
double Disinfection::transmittance_pct() const {
  return 100 * std::exp(-std::numbers::ln10 * (0.0045 * soluble_cod(tank_) + 0.010 * tss(tank_)));
}

void Disinfection::step(const Stream& in, double nitrite_g_m3, const Lamps& lamps,
                        const Disturbance& d, const Feedback& feedback, const Followed& followed) {
  const double volume_m3 = level_m_ * contact_m2 * scale_;
  flush(tank_, in, volume_m3);
  const double over_m = std::max(level_m_ - weir_m, 0.0);
  out_m3_h_ = mean_effluent_m3_h * scale_ * over_m / mean_over_weir_m *
              std::sqrt(over_m / mean_over_weir_m);
  level_m_ += step_h * (in.flow_m3_h - out_m3_h_) / (contact_m2 * scale_);
  lose_co2(tank_, step_h * 0.8);

  // The dose is paced by the flow; the residual's reading trims it slowly.
  const double lacking_g_m3 = feedback.set.chlorine_g_m3 - feedback.chlorine;
  trim_g_m3_ = std::clamp(trim_g_m3_ + step_h * trim_gain_per_h * lacking_g_m3, -0.5 * dose_g_m3,
                          highest_trim);
  double asked_g_m3 = dose_g_m3 + trim_g_m3_;
  if (followed.chlorine_l_h) {
    asked_g_m3 = *followed.chlorine_l_h * hypochlorite_g_l / std::max(in.flow_m3_h, 1.0);
  }
  reported_l_h_ = d.chlorine_pump_failed ? 0 : asked_g_m3 * in.flow_m3_h / hypochlorite_g_l;
  dosing_pump_state_ = d.chlorine_pump_failed ? 2 : 1;
  const double dosed = d.chlorine_pump_failed ? 0 : asked_g_m3 * d.chlorine_factor;

  const double stay_h = volume_m3 / std::max(in.flow_m3_h, 1.0);
  const double decay_per_h = 0.8 * std::exp(ln_1_08 * (tank_[temperature] - 20));
  const double demand = 0.01 * soluble_cod(tank_) + 5 * nitrite_g_m3;
  const double left = std::max(dosed - demand, 0.0) * std::exp(-decay_per_h * stay_h);
  chlorine_g_m3_ += lag_coefficient(stay_h / 2) * (left - chlorine_g_m3_);

  const double load = std::clamp(in.flow_m3_h / (mean_effluent_m3_h * scale_), 0.4, 2.0);
  lamps_kw_ = lamps_at_mean_kw * scale_ * std::pow(load, 0.6) * d.uv_share;
  const double clear = transmittance_pct() / 66;
  uv_w_m2_ = uv_at_66_pct * (1 - lost_by_age * lamps.age) * (1 - lost_by_fouling * lamps.fouling) *
             clear * clear * d.uv_share;
}

void Outfall::step(const Stream& treated, const Stream& bypassed, double air_temperature_c) {
  Stream all = join(treated, bypassed);
  lose_co2(all.water, 0.1);
  flush(chamber_, all, outlet_chamber_m3 * scale_);
  share_metal(chamber_);
  chamber_[temperature] += step_h * 0.02 * (air_temperature_c - chamber_[temperature]);
  flow_m3_h_ = all.flow_m3_h;
}

Amount Outfall::holds() const {
  return amount(chamber_, outlet_chamber_m3 * scale_);
}

void EnergyMeter::step(double power_kw) {
  filling_kw_ += power_kw / steps_a_piece;
  if (++steps_ < steps_a_piece) return;
  pieces_kw_[next_] = filling_kw_;
  next_ = (next_ + 1) % pieces_kw_.size();
  day_kw_ = std::accumulate(pieces_kw_.begin(), pieces_kw_.end(), 0.0) /
            static_cast<double>(pieces_kw_.size());
  steps_ = 0;
  filling_kw_ = 0;
}

}  // namespace sosie::wastewater
