#include "plants/wastewater/primary.h"

#include <cmath>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double tank_m3 = 1090;
constexpr double floor_m2 = 360;
constexpr double floor_kg_per_m3 = 30;
constexpr double f_corr = 0.65;    // BSM2's (primclarinit_bsm2.m)
constexpr double f_x = 0.85;       // share of the COD that is in particles
constexpr double smoothing_h = 3;  // t_m, 0.125 d
constexpr double heat_exchange_per_h = 0.02;

// The sludge pump: 20 minutes of every 30, while there is sludge.
constexpr double f_ps = 0.007;
constexpr double cycle_h = 0.5;
constexpr double running_h = 1.0 / 3;
constexpr double highest_sludge_m3_h = 36;
constexpr double usual_blanket_m = 0.6;
constexpr double thickening_h = 24;
constexpr double stop_below_m = 0.15;
constexpr double start_above_m = 0.25;

}  // namespace

double removal_of_solids(double stay_min) {
  const double of_cod_pct =
      f_corr * (2.88 * f_x - 0.118) * (1.45 + 6.15 * std::log(std::max(stay_min, 1.0)));
  return std::clamp(of_cod_pct / f_x / 100, 0.0, 1.0);
}

Primary::Primary(double scale) : scale_(scale), smoothed_m3_h_(mean_influent_m3_h * scale) {
  floor_[xi] = 1570 * scale;
  floor_[xs] = 6190 * scale;
  floor_[xbh] = 860 * scale;
  floor_[xnd] = 324 * scale;
  floor_[metal_bound] = 4.1 * scale;
}

double Primary::blanket_m() const {
  return tss(floor_) / (floor_m2 * scale_ * floor_kg_per_m3);
}
double Primary::sludge_g_l() const {
  return usual_sludge_g_l_ * std::sqrt(blanket_m() / usual_blanket_m);
}
double Primary::power_kw() const {
  return (7.4 + 0.075 * sludge_m3_h_ / scale_) * scale_;  // scraper, grease pumps; sludge pump
}
Amount Primary::holds() const {
  Amount all = amount(tank_, tank_m3 * scale_);
  all += {0, 1000 * cod(floor_), 1000 * total_n(floor_)};  // kg
  return all;
}

void Primary::settle(double flow_m3_h) {
  smoothed_m3_h_ += lag_coefficient(smoothing_h) * (flow_m3_h - smoothed_m3_h_);
  removal_ = removal_of_solids(60 * tank_m3 * scale_ / std::max(smoothed_m3_h_, 1.0));
  const double target_g_l = (removal_ / f_ps + 1 - removal_) * tss(tank_) / 1000;
  usual_sludge_g_l_ += lag_coefficient(thickening_h) * (target_g_l - usual_sludge_g_l_);
  // A blanket that has grown near the weir goes over it.
  const double kept = removal_ * (1 - ramp(blanket_m(), 2.0, 3.0));
  effluent_ = {inlet_.flow_m3_h - sludge_m3_h_, with_solids(tank_, 1 - kept)};
  // The water that is drawn with the sludge leaves its own particles on the floor.
  const double kg_per_step = (kept * effluent_.flow_m3_h + sludge_m3_h_) * step_h / 1000;
  for (std::size_t i = Water::first_solid; i < parts; ++i) floor_.c[i] += kg_per_step * tank_.c[i];
}

void Primary::draw() {
  timer_h_ += step_h;
  if (timer_h_ >= cycle_h) timer_h_ -= cycle_h;
  if (blanket_m() < stop_below_m) needed_ = false;
  if (blanket_m() > start_above_m) needed_ = true;
  const double in_pulses_m3_h = f_ps * cycle_h / running_h * inlet_.flow_m3_h;
  sludge_m3_h_ =
      needed_ && timer_h_ < running_h ? std::min(in_pulses_m3_h, highest_sludge_m3_h * scale_) : 0;

  sludge_ = tank_;
  const double on_floor_kg = tss(floor_);
  if (sludge_m3_h_ <= 0 || on_floor_kg <= 0) return;
  const double taken = std::min(sludge_g_l() * sludge_m3_h_ * step_h / on_floor_kg, 1.0);
  const double g_m3_per_kg = 1000 * taken / (sludge_m3_h_ * step_h);
  for (std::size_t i = Water::first_solid; i < parts; ++i) {
    sludge_.c[i] = floor_.c[i] * g_m3_per_kg;
    floor_.c[i] -= taken * floor_.c[i];
  }
}

void Primary::step(const Stream& in, double air_temperature_c) {
  inlet_ = in;
  flush(tank_, in, tank_m3 * scale_);
  share_metal(tank_);
  tank_[temperature] += step_h * heat_exchange_per_h * (air_temperature_c - tank_[temperature]);
  draw();
  settle(in.flow_m3_h);
}

}  // namespace sosie::wastewater
