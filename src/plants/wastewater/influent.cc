#include "plants/wastewater/influent.h"

#include <cmath>
#include <numbers>

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double tau = 2 * std::numbers::pi;
constexpr double days_a_year = 365.25;

// Weather: mean stays in hours, and what follows a dry time.
constexpr double mean_dry_h = 72;
constexpr double mean_rain_h = 8;
constexpr double mean_storm_h = 1.5;
constexpr double storm_share = 0.25;

// Rain into the sewers over the mean dry flow: BSM1's rain (+20 000 m3/d) and storm (60 000 m3/d).
constexpr double rain_inflow = 1.08;
constexpr double storm_inflow = 3.6;
constexpr double upper_sewer_h = 0.5;
constexpr double lower_sewer_h = 1.5;
constexpr double deposit_h = 96;             // to fill the sewers with deposits again
constexpr double deposit_g_per_m3_h = 2400;  // full deposits, per m3/h of mean flow

// Of the mean dry flow.
constexpr double household_share = 0.66;
constexpr double away_in_holidays = 0.2;  // people leave and come back over some days
constexpr double away_h = 36;

// Snow melts a few times in a winter: for two to four days 30 % more water, 3 degC colder.
constexpr double mean_to_thaw_h = 24 * 30;
constexpr double thaw_inflow = 0.3;
constexpr double thaw_c = 3;
constexpr double thaw_rises_h = 8;
constexpr double industry_share = 0.12;
constexpr double infiltration_share = 0.22;
constexpr double working_share = 70.0 / 168;  // the mean of `working` over a week

double daily(double hour, double peak) {
  return std::cos(tau * (hour - peak) / 24);
}
double half_daily(double hour, double peak) {
  return std::cos(2 * tau * (hour - peak) / 24);
}

/// People get up later and spread out at weekends.
double household_hour(const LocalTime& time) {
  return time.is_weekend() ? time.hour - 1.5 : time.hour;
}
double household_flow(const LocalTime& time) {
  const double h = household_hour(time);
  const double swing = 0.28 * daily(h, 14.5) + 0.17 * half_daily(h, 9.5);
  return time.is_weekend() ? 0.96 + 0.85 * swing : 1.016 + swing;
}
double nitrogen_load(const LocalTime& time) {
  const double h = household_hour(time);
  return 1 + 0.26 * daily(h, 12.5) + 0.15 * half_daily(h, 9);
}
double organic_load(const LocalTime& time) {
  const double h = household_hour(time);
  return 1 + 0.38 * daily(h, 14) + 0.20 * half_daily(h, 9.5);
}
/// From 5 to 21 o'clock on working days, full from 7 to 19.
double working(const LocalTime& time) {
  if (time.is_weekend()) return 0;
  return std::min(ramp(time.hour, 5, 7), 1 - ramp(time.hour, 19, 21));
}
double yearly(const LocalTime& time, double rises_on_day) {
  return std::sin(tau * (time.day_of_year - rises_on_day) / days_a_year);
}

}  // namespace

void Sky::become(Weather weather) {
  now_ = weather;
  intensity_ = random_.uniform(0.6, 1.3);
}

void Sky::order(Weather weather) {
  forced_ = weather != Weather::automatic;
  if (forced_ && weather != now_) become(weather);
}

void Sky::step() {
  if (forced_) return;
  const double chance = random_.uniform();
  switch (now_) {
    case Weather::dry:
      if (chance < step_h / mean_dry_h * storm_share)
        become(Weather::storm);
      else if (chance < step_h / mean_dry_h)
        become(Weather::rain);
      break;
    case Weather::storm:
      if (chance < step_h / mean_storm_h) become(Weather::dry);
      break;
    default:
      if (chance < step_h / mean_rain_h) become(Weather::dry);
  }
}

void Influent::Wander::step(Random& random) {
  const double back = lag_coefficient(time_h);
  value += -back * value + deviation * std::sqrt(back * (2 - back)) * random.normal();
}

double Influent::dry_flow(const LocalTime& time) const {
  const double households = household_share * (1 - away_) * household_flow(time);
  const double industry =
      industry_share * working(time) / working_share * (1 + industry_wander_.value);
  const double infiltration =
      infiltration_share * (1 + 0.25 * yearly(time, -30)) + thaw_inflow * thaw_;
  return mean_flow_ * (households + industry + infiltration) * (1 + flow_wander_.value);
}

/// Two reservoirs in series; fast runoff lifts what settled in the sewers since the last rain.
void Influent::step_runoff(const Sky& sky) {
  double rain = 0;
  if (sky.now() == Weather::rain) rain = rain_inflow * sky.intensity();
  if (sky.now() == Weather::storm) rain = storm_inflow * sky.intensity();
  upper_sewer_m3_h_ += lag_coefficient(upper_sewer_h) * (rain * mean_flow_ - upper_sewer_m3_h_);
  runoff_m3_h_ += lag_coefficient(lower_sewer_h) * (upper_sewer_m3_h_ - runoff_m3_h_);
  if (std::max(upper_sewer_m3_h_, runoff_m3_h_) < 1e-4 * mean_flow_) runoff_m3_h_ = 0;

  const double speed = runoff_m3_h_ / mean_flow_;
  const double lifted_per_h = 0.8 * speed * std::sqrt(speed);
  flush_g_h_ = lifted_per_h * deposit_ * deposit_g_per_m3_h * mean_flow_;
  deposit_ += step_h * ((1 - deposit_) / deposit_h - lifted_per_h * deposit_);
}

/// Loads with their own daily course, divided by the flow that carries them.
Water Influent::sewage(const LocalTime& time, double flow_m3_h) const {
  const double dilution = mean_flow_ / flow_m3_h;
  const double people = (1 - household_share * away_) * dilution;
  const double nitrogen = nitrogen_load(time) * (1 + nitrogen_wander_.value) * people;
  const double organic = organic_load(time) * (1 + organic_wander_.value) * people;
  const double industry = working(time) / working_share * (1 + industry_wander_.value) * dilution;
  Water w;
  w[si] = 24 + 6 * organic;
  w[ss] = 54 * organic + 18 * industry;
  w[xi] = 96 * organic;
  w[xs] = 378 * organic;
  w[xbh] = 52.5 * organic;
  w[snh] = 30.3 * nitrogen;
  w[snd] = 6.8 * nitrogen;
  w[xnd] = 19.8 * organic;
  w[alk] = 4.8 + w[snh] / 14;  // drinking water's, and urea's
  w[co2] = 0.46;
  w[po4] = 4.1 * nitrogen;
  w[salt] = (420 + 30 * industry) * (1 + salt_wander_.value);
  w[hydrocarbon] = 1.0 * organic + 0.6 * industry;
  w[metal_free] = 15 * organic + 15 * industry;
  w[metal_bound] = 146 * organic + 146 * industry;
  w[temperature] = sewage_c_;
  return w;
}

Water Influent::runoff() const {
  const double lifted = runoff_m3_h_ > 0 ? flush_g_h_ / runoff_m3_h_ : 0;
  Water w;
  w[si] = 5;
  w[ss] = 3;
  w[so] = 6;
  w[sno] = 1;
  w[alk] = 1.2;
  w[co2] = 0.06;
  w[salt] = 60;
  w[hydrocarbon] = 1.5 + 0.004 * lifted;
  w[metal_free] = 15;
  w[metal_bound] = 80 + 0.3 * lifted;
  w[xi] = 40 + 0.6 * lifted;
  w[xs] = 10 + 0.35 * lifted;
  w[xbh] = 0.05 * lifted;
  w[xnd] = 0.02 * lifted;
  w[temperature] = sewage_c_ - 5;
  return w;
}

void Influent::spill(const Disturbance& d) {
  Water& w = stream_.water;
  stream_.flow_m3_h *= d.flow_factor;
  w[ss] += d.organic_g_m3;
  w[snh] *= d.ammonia_factor;
  w[hydrocarbon] += d.hydrocarbon_g_m3;
  w[si] += 2.5 * d.hydrocarbon_g_m3;  // COD of oil that no probe of five days sees as BOD
  w[salt] += d.salt_us_cm + 0.02 * (d.metal_factor - 1) * w[metal_bound];
  w[metal_free] *= d.metal_factor;
  w[metal_bound] *= d.metal_factor;
  w[toxin] += d.toxin;
  for (std::size_t i = Water::first_solid; i < metal_bound; ++i) w.c[i] *= d.solids_factor;
  if (d.acid_mol_m3 != 0) {
    add_acid(w, d.acid_mol_m3);
    w[salt] += 60 * std::abs(d.acid_mol_m3);  // the other ion of the acid or base
  }
}

/// Who is away, and melting snow.
void Influent::step_seasons(const LocalTime& time) {
  const bool is_winter = time.day_of_year < 90 || time.day_of_year >= 335;
  if (thaw_left_h_ > 0) {
    thaw_left_h_ -= step_h;
  } else if (is_winter && random_.uniform() < step_h / mean_to_thaw_h) {
    thaw_left_h_ = random_.uniform(48, 96);
  }
  thaw_ += lag_coefficient(thaw_rises_h) * ((thaw_left_h_ > 0 ? 1 : 0) - thaw_);
  const double away = time.school_holiday ? away_in_holidays : 0;
  away_ += (begun_ ? lag_coefficient(away_h) : 1) * (away - away_);
  begun_ = true;
}

void Influent::set_temperatures(const LocalTime& time, const Sky& sky) {
  sewage_c_ = 15 - thaw_c * thaw_ + 5 * yearly(time, 124) + 0.5 * daily(time.hour, 16) +
              temperature_wander_.value;
  const double cloud = sky.now() == Weather::dry ? 0 : 2;
  air_c_ =
      13 + 9 * yearly(time, 105) + 4 * daily(time.hour, 15) - cloud + 2 * temperature_wander_.value;
}

void Influent::step(const LocalTime& time, const Sky& sky, const Disturbance& disturbance) {
  for (Wander* wander : {&flow_wander_, &nitrogen_wander_, &organic_wander_, &industry_wander_,
                         &salt_wander_, &temperature_wander_}) {
    wander->step(random_);
  }
  step_seasons(time);
  set_temperatures(time, sky);
  step_runoff(sky);
  const double dry = dry_flow(time);
  stream_ = join({dry, sewage(time, dry)}, {runoff_m3_h_, runoff()});
  spill(disturbance);
}

}  // namespace sosie::wastewater
