#include "plants/wastewater/influent.h"

#include <cmath>
#include <numbers>

#include "plants/wastewater/quantile.h"

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

/// A place on a circle.
struct Turn {
  double c = 1;
  double s = 0;

  static Turn of(double share) { return {std::cos(tau * share), std::sin(tau * share)}; }
  Turn twice() const { return {c * c - s * s, 2 * s * c}; }
  /// The cosine and the sine of the way from `peak` to here.
  double cosine_from(const Turn& peak) const { return c * peak.c + s * peak.s; }
  double sine_from(const Turn& start) const { return s * start.c - c * start.s; }
};

/// When each wave is highest, or begins to rise.
struct Peaks {
  static Turn hour(double h) { return Turn::of(h / 24); }
  static Turn half_hour(double h) { return Turn::of(h / 12); }
  static Turn day(double d) { return Turn::of(d / days_a_year); }

  Turn flow = hour(14.5);
  Turn flow_twice = half_hour(9.5);
  Turn nitrogen = hour(12.5);
  Turn nitrogen_twice = half_hour(9);
  Turn organic = hour(14);
  Turn organic_twice = half_hour(9.5);
  Turn sewage_warmth = hour(16);
  Turn air_warmth = hour(15);
  Turn water_table = day(-30);
  Turn sewage_season = day(124);
  Turn air_season = day(105);
};
const Peaks& peaks() {
  static const Peaks all;
  return all;
}

/// People get up later and spread out at weekends.
double household_hour(const LocalTime& time) {
  return time.is_weekend() ? time.hour - 1.5 : time.hour;
}
/// From 5 to 21 o'clock on working days, full from 7 to 19.
double working(const LocalTime& time) {
  if (time.is_weekend()) return 0;
  return std::min(ramp(time.hour, 5, 7), 1 - ramp(time.hour, 19, 21));
}

}  // namespace

/// The day as the sun and the households have it, and the year: looked up once a step.
struct Influent::Waves {
  explicit Waves(const LocalTime& time)
      : day(Turn::of(time.hour / 24)),
        home(Turn::of(household_hour(time) / 24)),
        home_twice(home.twice()),
        year(Turn::of(time.day_of_year / days_a_year)),
        is_weekend(time.is_weekend()) {}

  double household_flow() const {
    const double swing =
        0.28 * home.cosine_from(peaks().flow) + 0.17 * home_twice.cosine_from(peaks().flow_twice);
    return is_weekend ? 0.96 + 0.85 * swing : 1.016 + swing;
  }
  double nitrogen_load() const {
    return 1 + 0.26 * home.cosine_from(peaks().nitrogen) +
           0.15 * home_twice.cosine_from(peaks().nitrogen_twice);
  }
  double organic_load() const {
    return 1 + 0.38 * home.cosine_from(peaks().organic) +
           0.20 * home_twice.cosine_from(peaks().organic_twice);
  }

  Turn day;
  Turn home;
  Turn home_twice;
  Turn year;
  bool is_weekend;
};

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

Influent::Wander::Wander(double time_h, double deviation)
    : back(lag_coefficient(time_h)), kick(deviation * std::sqrt(back * (2 - back))) {}

void Influent::Wander::step(Random& random) {
  value += kick * normal_quantile(random.uniform() + 0x1.0p-54) - back * value;
}

double Influent::dry_flow(const LocalTime& time, const Waves& waves) const {
  const double households = household_share * (1 - away_) * waves.household_flow();
  const double industry =
      industry_share * working(time) / working_share * (1 + industry_wander_.value);
  const double infiltration =
      infiltration_share * (1 + 0.25 * waves.year.sine_from(peaks().water_table)) +
      thaw_inflow * thaw_;
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
Water Influent::sewage(const LocalTime& time, const Waves& waves, double flow_m3_h) const {
  const double dilution = mean_flow_ / flow_m3_h;
  const double people = (1 - household_share * away_) * dilution;
  const double nitrogen = waves.nitrogen_load() * (1 + nitrogen_wander_.value) * people;
  const double organic = waves.organic_load() * (1 + organic_wander_.value) * people;
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

Water Influent::runoff(double dry_m3_h) const {
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
  // However much it rains, the ground is not so cold that all the water loses more than 3 degC.
  const double all = 1 + dry_m3_h / std::max(runoff_m3_h_, 1.0);
  w[temperature] = sewage_c_ - std::min(5.0, 3 * all);
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
  share_metal(w);
}

void Influent::step_holidays(const LocalTime& time) {
  const double away = time.school_holiday ? away_in_holidays : 0;
  away_ += (begun_ ? lag_coefficient(away_h) : 1) * (away - away_);
  begun_ = true;
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
  step_holidays(time);
}

void Influent::set_temperatures(const Waves& waves, Weather weather) {
  sewage_c_ = 15 - thaw_c * thaw_ + 5 * waves.year.sine_from(peaks().sewage_season) +
              0.5 * waves.day.cosine_from(peaks().sewage_warmth) + temperature_wander_.value;
  const double cloud = weather == Weather::dry ? 0 : 2;
  air_c_ = 13 + 9 * waves.year.sine_from(peaks().air_season) +
           4 * waves.day.cosine_from(peaks().air_warmth) - cloud + 2 * temperature_wander_.value;
}

void Influent::step_as_usual(const LocalTime& time) {
  step_holidays(time);
  const Waves waves(time);
  set_temperatures(waves, Weather::dry);
  const double dry = dry_flow(time, waves);
  stream_ = {dry, sewage(time, waves, dry)};
  share_metal(stream_.water);
}

void Influent::step(const LocalTime& time, const Sky& sky, const Disturbance& disturbance) {
  for (Wander* wander : {&flow_wander_, &nitrogen_wander_, &organic_wander_, &industry_wander_,
                         &salt_wander_, &temperature_wander_}) {
    wander->step(random_);
  }
  step_seasons(time);
  const Waves waves(time);
  set_temperatures(waves, sky.now());
  step_runoff(sky);
  const double dry = dry_flow(time, waves);
  stream_ = join({dry, sewage(time, waves, dry)}, {runoff_m3_h_, runoff(dry)});
  spill(disturbance);
}

}  // namespace sosie::wastewater
