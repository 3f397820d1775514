#pragma once

#include <cstdint>
#include <vector>

#include "plants/city/climate.h"
#include "plants/city/districts.h"
#include "simulation/civil_time.h"

namespace sosie::city {

/// What people do at an hour of the week: shares from 0 to 1, the same all over the city. Bells on
/// a clock of 24 hours, by hand after counts that cities publish: two peaks on working days, one
/// long afternoon at the weekend, nights out from Thursday (the students') to Saturday.
struct Habits {
  float traffic = 0;  ///< of the busiest hour's vehicles
  float to_work = 0;  ///< how many go from home to office just now
  float to_home = 0;
  float about = 0;  ///< on other ways
  float night_life = 0;
  float at_office = 0;
  float at_home = 0;
  float heating = 0;  ///< share of the day's: two peaks
  float waste = 0;    ///< times the day's mean
  bool is_market_time = false;
  std::uint8_t market_day = 0;  ///< as District::market_days

  static Habits at(const CivilTime& time);
};

/// What holds in a district during one step.
struct Moment {
  float noise_traffic = 0;  ///< energies, 10^(L/10): 13.5 m from the kerb of a middling street
  float noise_people = 0;
  float noise_market = 0;
  float noise_other = 0;  ///< aircraft, an event, and what is never silent
  float demand = 0;       ///< of a road, as a share of its capacity
  float no2 = 0;          ///< µg/m³
  float pm10 = 0;
  float pm25 = 0;
  float o3 = 0;
  float warmer_k = 0;      ///< than outside the city
  float garage_share = 0;  ///< that car parks tend to
  float spot_taken = 0;    ///< chance that a free spot is taken in this step
  float spot_left = 0;
  float bikes_out = 0;  ///< expected in this step, per dock
  float bikes_in = 0;
  float filling = 0;  ///< of a bin in this step
};

/// What people or nature do to a district beyond the usual.
struct Trouble {
  float event_noise = 0;  ///< energy that a concert adds close by
  float stagnation = 1;   ///< how many times worse the air is mixed
  bool is_road_closed = false;
};

/// The districts' air and what follows from hour, weekday and weather for each of them.
///
/// Air is a box a district (Seinfeld, Pandis: Atmospheric Chemistry and Physics, 25.1):
///
///     dC/dt = E / H - (k + W) (C - C_background)      k = (u + 0.5) / 3 km + 1e-4 / s
///     H = 60 m + 300 m sun + 25 s u                   W = 8.4e-5 R^0.79 / s, particles only
///
/// (W: Maryon et al., 1991, of the NAME model), solved exactly over a step. NO2 and ozone are in
/// the photostationary state (Leighton, 1961): with NOx and Ox = O3 + NO2 in ppb and J = 18 ppb
/// sun,
///
///     NO2 = ((NOx + Ox + J) - sqrt((NOx + Ox + J)^2 - 4 NOx Ox)) / 2
///
/// Noise of traffic: L10 = 42.2 + 10 lg q, less 2.8 dB for 50 km/h and 3 dB from L10 to LAeq
/// (Calculation of Road Traffic Noise, 1988). The heat island: 500,000^(1/4) / (4 sqrt u) in a
/// clear night (Oke, 1973). Aircraft: a flight every three minutes or so from 6 to 24 h, each a
/// bell of 12 s.
///
/// Threads: one at a time.
class Rhythm {
 public:
  explicit Rhythm(const Map& map) : map_(map), air_(map.districts().size()) {}

  void start(const CivilTime& time, const Climate& climate);
  /// `trouble`: one a district.
  void step(const CivilTime& time, Timestamp end, double dt_s, const Climate& climate,
            const std::vector<Trouble>& trouble);

  const std::vector<Moment>& moments() const { return moments_; }
  const Habits& habits() const { return habits_; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  struct Air {
    float nox = 25;  ///< µg/m³ of NO2
    float pm10 = 15;
    float pm25 = 8;
  };
  void breathe(std::size_t district, float dt_s, const Climate& climate, float stagnation);
  Moment moment_of(const District& district, const Air& air, float dt_s, const Climate& climate,
                   const Trouble& trouble) const;

  // Set once in the constructor.
  const Map& map_;

  std::vector<Air> air_;  ///< the state

  // Of the step.
  Habits habits_;
  float flights_ = 0;  ///< mean energy below the approach
  float night_ = 0;    ///< 1 at four in the morning, 0 at four in the afternoon
  std::vector<Moment> moments_;
};

}  // namespace sosie::city
