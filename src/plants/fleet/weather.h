#pragma once

#include "plants/fleet/roads.h"
#include "simulation/sky.h"

namespace sosie::fleet {

/// The weather over the map: one sky, a town that is warmer in its middle, and the air's humidity.
///
///     e_s(T) = 6.1094 hPa exp(17.625 T / (T + 243.04))        (Alduchov, Eskridge 1996, eq. 21)
///     RH = e_s(T_dew) / e_s(T)
///
/// The dew point lies the further below the air's temperature the clearer the sky is, and most at
/// three in the afternoon. Its bytes are its state.
class Weather {
 public:
  /// How much warmer the middle of a town is than its edge (Oke, 1987: 1 to 3 K by day).
  static constexpr float town_k = 1.5F;

  Weather(const Sky::Place& place, const Random& random) : sky_(place, random) {}

  void step(const CivilTime& time, double dt_s);
  void order(Sky::Order order) { sky_.order(order); }
  const Sky& sky() const { return sky_; }

  float outside_c() const { return outside_c_; }
  float humidity() const { return humidity_; }  ///< per cent, at the town's edge

  /// How much better wet things cool: 1 when dry.
  float wetness() const { return wetness_; }

  /// The change of relative humidity with the air's temperature, per K.
  float humidity_per_k() const { return humidity_per_k_; }

 private:
  Sky sky_;
  float outside_c_ = 5;
  float humidity_ = 80;
  float wetness_ = 1;
  float humidity_per_k_ = 0;
};

}  // namespace sosie::fleet
