#pragma once

#include <array>

#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// Disinfection: a contact tank with hypochlorite, over whose weir the water goes, then UV lamps.
///
///     A dh/dt = Q_in - Q      Q = Q_mean ((h - 2.3) / 0.5)^1.5
///     Cl2 = (dose - D0) exp(-kb tau)     D0 = 0.01 COD_sol + 5 NO2, kb = 0.8/h * 1.08^(T-20)
///     UVT = 100 * 10^-(0.0045 COD_sol + 0.010 TSS)      UVI = I0 lamps ageing (UVT/66)^2 (1 -
///     fouling)
class Disinfection {
 public:
  explicit Disinfection(double scale) : scale_(scale) {}

  /// How worn lamps and their sleeves are; 0: new, clean; 1: to be replaced, cleaned.
  struct Lamps {
    double age = 0.5;
    double fouling = 0.5;
  };
  void step(const Stream& in, double nitrite_g_m3, const Lamps& lamps,
            const Disturbance& disturbance, const Feedback& feedback,
            const Followed& followed = {});

  Stream out() const { return {out_m3_h_, tank_}; }
  double residual_chlorine() const { return chlorine_g_m3_; }
  double dose_l_h() const { return reported_l_h_; }
  double transmittance_pct() const;
  double uv_w_m2() const { return uv_w_m2_; }
  double power_kw() const { return lamps_kw_; }
  const Water& tank() const { return tank_; }
  int dosing_pump_state() const { return dosing_pump_state_; }
  double level_m() const { return level_m_; }
  Amount holds() const;

 private:
  double scale_;
  Water tank_;
  double level_m_ = 2.8;
  double out_m3_h_ = 0;
  double trim_g_m3_ = 0;  ///< the residual's part of the dose
  double reported_l_h_ = 12;
  double chlorine_g_m3_ = 0.35;
  double uv_w_m2_ = 95;
  double lamps_kw_ = 38;
  int dosing_pump_state_ = 1;
};

/// The outfall: all that leaves, treated or not, mixed in the last chamber; and the feeder's meter.
class Outfall {
 public:
  explicit Outfall(double scale) : scale_(scale) {}

  void step(const Stream& treated, const Stream& bypassed, double air_temperature_c);
  const Water& water() const { return chamber_; }
  double flow_m3_h() const { return flow_m3_h_; }
  Amount holds() const;

 private:
  double scale_;
  Water chamber_;
  double flow_m3_h_ = 0;
};

/// The energy of the last 24 hours, in 288 pieces of five minutes.
class EnergyMeter {
 public:
  /// As if `power_kw` had been drawn for a day.
  explicit EnergyMeter(double power_kw) : day_kw_(power_kw) { pieces_kw_.fill(power_kw); }

  void step(double power_kw);
  double kwh_per_day() const { return day_kw_ * 24; }

 private:
  static constexpr int steps_a_piece = 60;
  std::array<double, 288> pieces_kw_{};
  std::size_t next_ = 0;
  int steps_ = 0;
  double filling_kw_ = 0;
  double day_kw_;  ///< the mean of the pieces
};

}  // namespace sosie::wastewater
