#pragma once

#include <cstdint>

#include "base/random.h"
#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// The civil calendar of the plant's site at one instant.
struct LocalTime {
  double hour = 0;         ///< 0..24
  double day_of_year = 0;  ///< 0..366
  int weekday = 1;         ///< 0 is Sunday
  bool public_holiday = false;
  bool school_holiday = false;
  bool is_weekend() const { return weekday == 0 || weekday == 6 || public_holiday; }
};

enum class Weather : std::uint8_t { dry, rain, storm, automatic };

/// Dry, rain or storm: a Markov process in continuous time, or as ordered.
class Sky {
 public:
  explicit Sky(Random random) : random_(random) {}

  /// `automatic` lets chance go on from what it is now.
  void order(Weather weather);
  void step();

  Weather now() const { return now_; }
  double intensity() const { return intensity_; }  ///< about 1; drawn when the rain begins

 private:
  void become(Weather weather);

  Random random_;
  Weather now_ = Weather::dry;
  bool forced_ = false;
  double intensity_ = 1;
};

/// What comes down the sewer: households with their day and week, industry, infiltration with its
/// year, and rain through the sewers' two reservoirs with the first flush of what lay in them.
/// The daily means are those of BSM1's dry influent before primary clarification.
class Influent {
 public:
  Influent(double mean_flow_m3_h, Random random) : mean_flow_(mean_flow_m3_h), random_(random) {}

  void step(const LocalTime& time, const Sky& sky, const Disturbance& disturbance);

  // Instead of `step`, where it is a model beside a plant (parallel.h).

  /// The usual dry water of that hour, day and season: no chance has part in it.
  void step_as_usual(const LocalTime& time);
  /// What comes in this step is known otherwise.
  void feed(const Stream& stream) { stream_ = stream; }

  const Stream& stream() const { return stream_; }
  double air_temperature_c() const { return air_c_; }
  bool has_runoff() const { return runoff_m3_h_ > 0.05 * mean_flow_; }
  /// Particulate COD that rain lifts from the sewers' floors, of all the water, g/m3.
  double first_flush_g_m3() const { return flush_g_h_ / stream_.flow_m3_h; }
  bool has_melt_water() const { return thaw_ > 0.1; }

 private:
  /// A slow wander around 0 (Ornstein and Uhlenbeck 1930), stepped exactly.
  struct Wander {
    Wander(double time_h, double deviation);
    double back;  ///< share of its way home in a step
    double kick;
    double value = 0;
    void step(Random& random);
  };
  struct Waves;

  double dry_flow(const LocalTime& time, const Waves& waves) const;
  void step_runoff(const Sky& sky);
  Water sewage(const LocalTime& time, const Waves& waves, double flow_m3_h) const;
  Water runoff(double dry_m3_h) const;
  void spill(const Disturbance& disturbance);
  void step_holidays(const LocalTime& time);
  void step_seasons(const LocalTime& time);
  void set_temperatures(const Waves& waves, Weather weather);

  double mean_flow_;
  Random random_;
  Wander flow_wander_{0.7, 0.03};
  Wander nitrogen_wander_{1.5, 0.04};
  Wander organic_wander_{1.5, 0.05};
  Wander industry_wander_{3, 0.15};
  Wander salt_wander_{4, 0.02};
  Wander temperature_wander_{12, 0.3};
  bool begun_ = false;
  double away_ = 0;  ///< share of the households
  double thaw_ = 0;  ///< 0 to 1: cold melt water gets into the sewers
  double thaw_left_h_ = 0;
  double upper_sewer_m3_h_ = 0;  ///< runoff on its way
  double runoff_m3_h_ = 0;
  double deposit_ = 0.7;  ///< of what the sewers can hold, 0..1
  double flush_g_h_ = 0;  ///< particulate COD that the runoff lifts now
  double sewage_c_ = 15;
  double air_c_ = 12;
  Stream stream_;
};

}  // namespace sosie::wastewater
