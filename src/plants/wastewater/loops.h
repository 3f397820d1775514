#pragma once

#include <array>

#include "base/result.h"

namespace sosie::bsm1 {

/// n equal lags in series, the response of BSM1's sensors and of its aeration: 1/(1 + sT)^n, with
/// T = T90 / q and q the 90 % quantile of Erlang's distribution (sensorinit.m).
///
///     class A   n = 2, T90 = 1 min       class B0  n = 8, T90 = 10 min      kLa  n = 2, T90 = 4
///     min
template <std::size_t Number>
struct Lags {
  static constexpr double t90_in_lags = Number == 2 ? 3.89 : 11.7724;
  static_assert(Number == 2 || Number == 8);

  std::array<double, Number> level{};

  double out() const { return level[Number - 1]; }
  void settle_at(double value) { level.fill(value); }

  /// Sets `change` to dy/dt, per day, under the input `in`.
  void derive(double in, double t90_d, Lags& change) const {
    const double per_lag = t90_in_lags / t90_d;
    change.level[0] = per_lag * (in - level[0]);
    for (std::size_t k = 1; k < Number; ++k) change.level[k] = per_lag * (level[k - 1] - level[k]);
  }
};

inline constexpr double minute_d = 1.0 / 1440;
inline constexpr double oxygen_sensor_t90_d = 1 * minute_d;    ///< class A
inline constexpr double nitrate_sensor_t90_d = 10 * minute_d;  ///< class B0
inline constexpr double aeration_t90_d = 4 * minute_d;

/// A proportional and integral loop that does not wind up:
///
///     u = K e + I + offset    e = setpoint - y    dI/dt = K/Ti e + (sat(u) - u)/Tt
struct PiLoop {
  double setpoint;
  double gain;
  double reset_d;  ///< Ti
  double track_d;  ///< Tt
  double offset;
  double high;         ///< of what it asks for; 0 is the least
  double sensor_high;  ///< of the sensor's range, which begins at 0

  struct Answer {
    double asked;  ///< within the limits
    double integral_per_d;
  };
  Answer answer(double seen, double integral) const;

  /// Errors: invalid, naming `name`, the value and what was expected.
  Result<void> check(const char* name) const;
};

/// Oxygen of reactor 5, kept by its kLa, 1/d.
inline constexpr PiLoop oxygen_loop{2.0, 25, 0.002, 0.001, 144, 360, 10};
/// Nitrate of reactor 2, kept by the internal recycle, m3/d; the pump follows within 0.001 d.
inline constexpr PiLoop nitrate_loop{1.0, 10000, 0.025, 0.015, 18500, 92230, 20};
inline constexpr double recycle_lag_d = 0.001;

/// What the two loops remember: 15 states.
struct LoopState {
  Lags<2> oxygen_seen;
  Lags<8> nitrate_seen;
  Lags<2> kla_per_d;  ///< of reactor 5
  double internal_m3_d = 0;
  double oxygen_integral = 0;
  double nitrate_integral = 0;
};

struct Loops {
  PiLoop oxygen = oxygen_loop;
  PiLoop nitrate = nitrate_loop;
  double recycle_scale = 1;  ///< of the plant: the internal recycle's loop is in BSM1's m3/d

  Result<void> check() const;

  /// Sets `change` to dy/dt, per day.
  void derive(const LoopState& y, double oxygen_5, double nitrate_2, LoopState& change) const;

  /// At rest at these values.
  LoopState resting(double oxygen_5, double nitrate_2, double kla_per_d,
                    double internal_m3_d) const;
};

}  // namespace sosie::bsm1
