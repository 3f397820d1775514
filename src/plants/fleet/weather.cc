#include "plants/fleet/weather.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sosie::fleet {
namespace {

constexpr double a = 17.625;  // Alduchov and Eskridge (1996)
constexpr double b_k = 243.04;

double saturation_hpa(double air_c) {
  return 6.1094 * std::exp(a * air_c / (air_c + b_k));
}

}  // namespace

void Weather::step(const CivilTime& time, double dt_s) {
  sky_.step(time, dt_s);
  const double air_c = sky_.outside_c();
  const double daily = 0.6 + 0.4 * std::cos(2 * std::numbers::pi * (time.hour - 15) / 24);
  const double dew_c = air_c - (0.5 + 9 * sky_.clear()) * daily;
  outside_c_ = static_cast<float>(air_c);
  humidity_ = static_cast<float>(100 * saturation_hpa(dew_c) / saturation_hpa(air_c));
  humidity_per_k_ = static_cast<float>(-a * b_k / ((air_c + b_k) * (air_c + b_k)));
  wetness_ = sky_.clear() < 0.15 ? 1.1F : 1.0F;
}

}  // namespace sosie::fleet
