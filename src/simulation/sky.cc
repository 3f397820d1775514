#include "simulation/sky.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace sosie {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double degree = pi / 180;
constexpr double drift_sd_k = 2.5;
constexpr double clear_hours = 6;
constexpr double drift_hours = 36;
constexpr double spell_k = 9;  ///< how far a cold or hot spell is off
constexpr std::array<std::string_view, 5> names{"auto", "clear", "cloudy", "cold", "heat"};

/// An Ornstein-Uhlenbeck process of mean 0 and deviation 1, `dt` later: exact.
double wander(double x, double dt, double correlation, Random& random) {
  const double kept = std::exp(-dt / correlation);
  return x * kept + std::sqrt(1 - kept * kept) * random.normal();
}

}  // namespace

Sky::Sky(const Place& place, const Random& random)
    : place_(place),
      random_(random),
      clear_wander_(random_.normal()),
      drift_wander_(random_.normal()) {}

void Sky::step(const CivilTime& time, double dt_s) {
  const double dt_h = dt_s / 3600;
  clear_wander_ = wander(clear_wander_, dt_h, clear_hours, random_);
  drift_wander_ = wander(drift_wander_, dt_h, drift_hours, random_);
  clear_ = std::clamp(0.55 + 0.4 * clear_wander_, 0.05, 1.0);
  if (order_ == Order::clear || order_ == Order::heat) clear_ = 1;
  if (order_ == Order::cloudy) clear_ = 0.1;
  const double year = 2 * pi * (time.day_of_year - 19) / 365.25;
  outside_c_ =
      place_.mean_c - place_.summer_swing_k * std::cos(year) +
      place_.day_swing_k * (1 + 2 * clear_) / 3 * std::cos(2 * pi * (time.hour - 15) / 24) +
      drift_sd_k * drift_wander_;
  if (order_ == Order::cold) outside_c_ -= spell_k;
  if (order_ == Order::heat) outside_c_ += spell_k;
  declination_rad_ = 23.45 * degree * std::sin(2 * pi * (time.day_of_year - 80) / 365.25);
  sun_hour_rad_ = 2 * pi * (time.hour - 12) / 24;
  const double latitude = place_.latitude_deg * degree;
  const double sine = std::sin(latitude) * std::sin(declination_rad_) +
                      std::cos(latitude) * std::cos(declination_rad_) * std::cos(sun_hour_rad_);
  sun_height_rad_ = std::asin(std::clamp(sine, -1.0, 1.0));
}

double Sky::sun_on_glass_w_per_m2(double tilt_deg) const {
  const double sine = std::sin(sun_height_rad_);
  if (sine <= 0.01) return 0;
  const double direct = 1361 * std::pow(0.7, std::pow(1 / sine, 0.678));
  // A pane that looks south is level at another latitude (Duffie and Beckman, eq. 1.6.7a).
  const double level = (place_.latitude_deg - tilt_deg) * degree;
  const double facing = std::sin(level) * std::sin(declination_rad_) +
                        std::cos(level) * std::cos(declination_rad_) * std::cos(sun_hour_rad_);
  const double diffuse = 0.12 * direct * sine * (2 - clear_);
  return clear_ * direct * std::max(facing, 0.0) + diffuse;
}

std::vector<std::string> Sky::orders() {
  return {names.begin(), names.end()};
}

Result<Sky::Order> Sky::order_named(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names.at(i) == name) return static_cast<Order>(i);
  }
  return Error{Errc::invalid, fmt::format("weather '{}' where one of {} was expected", name,
                                          fmt::join(names, ", "))};
}

std::string_view Sky::name_of(Order order) {
  return names.at(static_cast<std::size_t>(order));
}

std::string_view Sky::name() const {
  if (order_ != Order::automatic) return name_of(order_);
  return clear_ > 0.5 ? "clear" : "cloudy";
}

}  // namespace sosie
