#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "simulation/civil_time.h"

namespace sosie {

/// The weather outside a building: temperature and sun.
///
///     T = T_year(day) + A (1/3 + 2/3 clear) cos(2 pi (hour - 15) / 24) + drift
///     direct = 1361 W/m2 * 0.7^(m^0.678), m = 1 / sin(height)        (Meinel and Meinel, 1976)
///
/// `clear` (0 to 1) and `drift` wander as Ornstein-Uhlenbeck processes of 6 h and 36 h, solved
/// exactly over a step. The sun's height and bearing are those of local solar time, which is taken
/// for the zone's own (an hour's error in summer moves the peak, not the day). Its bytes are its
/// state.
class Sky {
 public:
  enum class Order : std::uint8_t { automatic, clear, cloudy, cold, heat };

  struct Place {
    double latitude_deg = 45.6;
    double mean_c = 12;         ///< of the year
    double summer_swing_k = 9;  ///< half the difference from January to July
    double day_swing_k = 5;     ///< half the difference from night to a clear afternoon
  };

  Sky(const Place& place, const Random& random);

  void step(const CivilTime& time, double dt_s);
  void order(Order order) { order_ = order; }

  double outside_c() const { return outside_c_; }
  double clear() const { return clear_; }  ///< share of the clear sky's sun, 0.05 to 1

  /// W/m2 on glass that looks south, tilted by `tilt_deg` from the horizontal.
  double sun_on_glass_w_per_m2(double tilt_deg) const;

  static std::vector<std::string> orders();  ///< "auto", "clear", "cloudy", "cold", "heat"
  static Result<Order> order_named(std::string_view name);
  static std::string_view name_of(Order order);
  /// As it is now, in one of those words.
  std::string_view name() const;

 private:
  Place place_;
  Order order_ = Order::automatic;
  Random random_;
  double clear_wander_;  ///< mean 0, deviation 1
  double drift_wander_;
  double clear_ = 0.5;
  double outside_c_ = 10;
  double sun_height_rad_ = 0;
  double sun_hour_rad_ = 0;
  double declination_rad_ = 0;
};

}  // namespace sosie
