#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "simulation/sky.h"

namespace sosie::city {

/// The weather over the city: one sky, wind and rain.
///
///     wind = 3 m/s exp(0.5 w)          w: Ornstein-Uhlenbeck of 8 h, 1.2 at noon, 0.8 at night
///     rain = 3 mm/h (0.18 - clear) / 0.13 max(r, 0)       where clear < 0.18, r: of 40 min
///
/// Humidity by Magnus' formula (Alduchov, Eskridge, 1996) from a dew point that is the lower the
/// clearer the sky. "rain" and "autan" (the south-east wind of Toulouse, dry and strong) are orders
/// of its own beside the sky's. Its bytes are its state.
class Climate {
 public:
  enum class Order : std::uint8_t { sky, rain, autan };

  Climate(const Sky::Place& place, const Random& random);

  void step(const CivilTime& time, double dt_s);

  static std::vector<std::string> orders();
  /// Errors: no such weather.
  Result<void> order(std::string_view name);
  std::string_view name() const;

  float outside_c() const { return outside_c_; }
  float humidity() const { return humidity_; }  ///< per cent, outside the city
  float wind_m_per_s() const { return wind_m_per_s_; }
  float rain_mm_per_h() const { return rain_mm_per_h_; }
  float clear() const { return static_cast<float>(sky_.clear()); }
  float sun() const { return sun_; }  ///< share of the strongest, on level ground

  /// Relative humidity of the same air where it is warmer by so much.
  float humidity_at(float warmer_k) const;

 private:
  Sky sky_;
  Random random_;
  Order order_ = Order::sky;
  double wind_wander_;
  double rain_wander_;
  float outside_c_ = 12;
  float humidity_ = 70;
  float humidity_per_k_ = 0;
  float wind_m_per_s_ = 3;
  float rain_mm_per_h_ = 0;
  float sun_ = 0;
};

}  // namespace sosie::city
