#include "plants/energy_meter/laboratory.h"

#include <algorithm>
#include <cmath>

namespace sosie::energy_meter {
namespace {

constexpr double base_kw = 22.5;    // servers, freezers, fume hoods, stand-by
constexpr double person_kw = 0.35;  // a desk, its light and instruments
constexpr double desks = 16;
constexpr double heat_kw_per_k = 0.30;  // a heat pump's electricity
constexpr double cool_kw_per_k = 0.50;
constexpr double settle_s = 900;  // how fast people follow the hour

/// Ovens, an autoclave, a dishwasher, a compressor, a furnace, a laser: power and rhythm.
constexpr std::array<Machine::Traits, Laboratory::machine_count> kinds{{
    {6, 0.35, 0.05, 60, 240, 90, 120, 0.4},    // drying oven
    {6, 0.35, 0.05, 60, 240, 90, 120, 0.4},    // drying oven
    {12, 0.25, 0, 35, 55, 200, 60, 0.5},       // autoclave
    {9, 0.20, 0, 50, 80, 240, 200, 0.3},       // glassware washer
    {3, 4.00, 0.4, 3, 8, 0, 0, 0},             // compressor: all along
    {15, 0.10, 0.02, 90, 300, 120, 180, 0.2},  // furnace
    {4, 0.80, 0, 10, 40, 30, 20, 1.2},         // laser cutter
    {2, 1.50, 0.1, 10, 30, 0, 0, 0},           // centrifuge
}};

double attendance(const CivilTime& time) {
  if (time.weekday == 0) return 0;
  if (time.weekday == 6) return time.hour >= 9 && time.hour < 13 ? 0.1 : 0;
  if (time.hour < 7.5 || time.hour >= 19.5) return 0.02;
  if (time.hour < 9.5) return 0.8 * (time.hour - 7.5) / 2;
  if (time.hour >= 12 && time.hour < 13.5) return 0.4;
  return time.hour < 17 ? 0.8 : 0.8 * (19.5 - time.hour) / 2.5;
}

std::array<Machine, Laboratory::machine_count> placed(double scale, Timestamp at,
                                                      const Random& random) {
  const auto one = [&](std::size_t i) {
    Machine::Traits traits = kinds.at(i);
    traits.power_kw *= scale;
    traits.idle_kw *= scale;
    return Machine(traits, at, random.fork(i + 1));
  };
  return {one(0), one(1), one(2), one(3), one(4), one(5), one(6), one(7)};
}

}  // namespace

Laboratory::Laboratory(double scale, Timestamp at, const Sky::Place& place, const Random& random)
    : scale_(scale),
      sky_(place, random.fork(100)),
      random_(random.fork(101)),
      machines_(placed(scale, at, random)),
      now_(at) {}

void Laboratory::move_people(const CivilTime& time, double dt_s) {
  const double kept = std::exp(-dt_s / settle_s);
  people_ = desks * attendance(time) * (1 - kept) + people_ * kept +
            std::sqrt(1 - kept * kept) * std::sqrt(people_ / 8) * random_.normal();
  people_ = std::clamp(people_, 0.0, desks);
}

double Laboratory::advance(Timestamp to, CivilClock& clock, const Disturbance& disturbance) {
  const double dt_s = std::chrono::duration<double>(to - now_).count();
  now_ = to;
  const CivilTime time = clock.at(to);
  sky_.step(time, dt_s);
  move_people(time, dt_s);
  double machines_kws = 0;
  for (Machine& machine : machines_) machines_kws += machine.advance(to, clock);
  const double occupied = people_ >= 1 ? 1 : 0.5;
  const double outside = sky_.outside_c();
  double climate_kw = heat_kw_per_k * std::max(0.0, 16 - outside);
  if (!disturbance.no_cooling) climate_kw += cool_kw_per_k * std::max(0.0, outside - 22);
  return scale_ * (base_kw + people_ * person_kw + occupied * climate_kw) + machines_kws / dt_s +
         disturbance.left_on_kw + disturbance.leak_kw;
}

}  // namespace sosie::energy_meter
