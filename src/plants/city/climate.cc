#include "plants/city/climate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sosie::city {
namespace {

constexpr double wind_hours = 8;
constexpr double rain_hours = 2.0 / 3;
constexpr double strongest_sun_w_per_m2 = 950;
constexpr double rains_below = 0.18;  // of the sky's clearness
constexpr double magnus_a = 17.625;   // Alduchov and Eskridge (1996), equation 21
constexpr double magnus_b_k = 243.04;

/// An Ornstein-Uhlenbeck process of mean 0 and deviation 1, `dt_h` later: exact.
double wandered(double x, double dt_h, double correlation_h, Random& random) {
  const double kept = std::exp(-dt_h / correlation_h);
  return x * kept + std::sqrt(1 - kept * kept) * random.normal();
}

double saturation_hpa(double air_c) {
  return 6.1094 * std::exp(magnus_a * air_c / (air_c + magnus_b_k));
}

}  // namespace

Climate::Climate(const Sky::Place& place, const Random& random)
    : sky_(place, random.fork(1)),
      random_(random.fork(2)),
      wind_wander_(random_.normal()),
      rain_wander_(random_.normal()) {}

void Climate::step(const CivilTime& time, double dt_s) {
  sky_.step(time, dt_s);
  wind_wander_ = wandered(wind_wander_, dt_s / 3600, wind_hours, random_);
  rain_wander_ = wandered(rain_wander_, dt_s / 3600, rain_hours, random_);
  const double daily = std::cos(2 * std::numbers::pi * (time.hour - 15) / 24);
  const double calm = 1 + 0.2 * std::cos(2 * std::numbers::pi * (time.hour - 13) / 24);
  const double usual_m_per_s = order_ == Order::autan ? 11 : 3;
  const double gusts = order_ == Order::autan ? 0.15 : 0.5;
  wind_m_per_s_ = static_cast<float>(
      std::clamp(usual_m_per_s * calm * std::exp(gusts * wind_wander_), 0.3, 35.0));
  const double wet = std::max(rain_wander_, 0.0) * std::max(rains_below - sky_.clear(), 0.0) / 0.13;
  rain_mm_per_h_ = static_cast<float>(
      order_ == Order::rain ? 3 + 1.5 * std::clamp(rain_wander_, -1.5, 4.0) : 3 * wet);
  outside_c_ = static_cast<float>(sky_.outside_c() + (order_ == Order::autan ? 3 : 0));
  const double dryness = order_ == Order::rain ? 0.1 : 0.5 + 9 * sky_.clear();
  const double air_c = outside_c_;
  humidity_ = static_cast<float>(100 * saturation_hpa(air_c - dryness * (0.6 + 0.4 * daily)) /
                                 saturation_hpa(air_c));
  humidity_per_k_ =
      static_cast<float>(-magnus_a * magnus_b_k / ((air_c + magnus_b_k) * (air_c + magnus_b_k)));
  sun_ = static_cast<float>(
      std::clamp(sky_.sun_on_glass_w_per_m2(0) / strongest_sun_w_per_m2, 0.0, 1.0));
}

float Climate::humidity_at(float warmer_k) const {
  return std::clamp(humidity_ * (1 + humidity_per_k_ * warmer_k), 2.0F, 100.0F);
}

std::vector<std::string> Climate::orders() {
  auto all = Sky::orders();
  all.insert(all.end(), {"rain", "autan"});
  return all;
}

Result<void> Climate::order(std::string_view name) {
  if (name == "rain" || name == "autan") {
    order_ = name == "rain" ? Order::rain : Order::autan;
    sky_.order(order_ == Order::rain ? Sky::Order::cloudy : Sky::Order::automatic);
    return {};
  }
  const auto sky = TRY(Sky::order_named(name));
  order_ = Order::sky;
  sky_.order(sky);
  return {};
}

std::string_view Climate::name() const {
  if (order_ == Order::rain || (order_ == Order::sky && rain_mm_per_h_ > 0.1F)) return "rain";
  return order_ == Order::autan ? "autan" : sky_.name();
}

}  // namespace sosie::city
