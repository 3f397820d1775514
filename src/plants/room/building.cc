#include "plants/room/building.h"

#include <algorithm>
#include <cmath>

namespace sosie::room {
namespace {

constexpr double person_w = 80;        // sensible heat of someone who sits
constexpr double tilted_w_per_k = 25;  // a tilted window
constexpr double vent_full_w_per_k = 280;
constexpr double vent_opens_c = 35;
constexpr double vent_whole_c = 39.5;
constexpr double thermostat_k = 0.25;  // half the distance from on to off
constexpr double stroll_s = 1200;      // how long until someone comes or goes, each desk

}  // namespace

Building::Building(const Traits& traits, double air_c, double wall_c, const Random& random)
    : traits_(traits), thermal_(traits.body, air_c, wall_c), random_(random) {}

/// Each desk draws anew, about every `stroll_s`, whether someone sits there.
void Building::move_people(const CivilTime& time, double dt_s) {
  double share = 0;
  if (!time.is_weekend() && time.hour >= 8 && time.hour < 18.5) {
    share = time.hour >= 12 && time.hour < 13.5 ? 0.25 : 0.8;
  }
  const double chance = -std::expm1(-dt_s / stroll_s);
  for (int desk = 0; desk < traits_.desks; ++desk) {
    if (random_.uniform() >= chance) continue;
    const double before = static_cast<double>(people_) / traits_.desks;
    people_ -= random_.uniform() < before ? 1 : 0;
    people_ += random_.uniform() < share ? 1 : 0;
  }
  people_ = std::clamp(people_, 0, traits_.desks);
  if (people_ == 0 || air_c() < 23) window_tilted_ = false;
  if (people_ > 0 && air_c() > 28) window_tilted_ = true;
}

void Building::switch_heater(const CivilTime& time, const Disturbance& disturbance) {
  const bool is_day = time.hour >= 6 && time.hour < 19 && !time.is_weekend();
  double set = is_day ? traits_.day_set_c : traits_.night_set_c;
  if (disturbance.setpoint_c > 0) set = disturbance.setpoint_c;
  if (air_c() < set - thermostat_k) heating_ = true;
  if (air_c() > set + thermostat_k) heating_ = false;
  if (disturbance.heater_on) heating_ = true;
  if (disturbance.heater_off) heating_ = false;
}

double Building::vent_w_per_k(const Disturbance& disturbance) const {
  if (disturbance.vent_shut) return 0;
  const double open = (air_c() - vent_opens_c) / (vent_whole_c - vent_opens_c);
  return vent_full_w_per_k * std::clamp(open, 0.0, 1.0);
}

void Building::step(const CivilTime& time, const Sky& sky, const Disturbance& disturbance,
                    double dt_s) {
  move_people(time, dt_s);
  switch_heater(time, disturbance);
  const double sun_w =
      traits_.glass_m2 * traits_.glass_gain * sky.sun_on_glass_w_per_m2(traits_.glass_tilt_deg);
  thermal_.advance(
      {.outside_c = sky.outside_c(),
       .leak_w_per_k = traits_.panes_w_per_k + vent_w_per_k(disturbance) +
                       (window_tilted_ ? tilted_w_per_k : 0) + disturbance.window_w_per_k,
       .air_w = heating_w() + people_ * person_w + traits_.sun_on_air * sun_w,
       .wall_w = (1 - traits_.sun_on_air) * sun_w},
      dt_s);
}

}  // namespace sosie::room
