#include "plants/city/rhythm.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "plants/city/chance.h"
#include "simulation/state_bytes.h"

namespace sosie::city {
namespace {

constexpr float no2_ug_per_ppb = 1.91F;  // at 20 °C
constexpr float o3_ug_per_ppb = 2.0F;
constexpr float busiest_per_h = 1500;  // vehicles of a middling street
constexpr double flight_slot_s = 180;
constexpr double flight_width_s = 12;
constexpr std::uint64_t flights_seed = 0xB1A60ACULL;

/// A bell around `middle` on a clock of 24 hours.
float bell(double hour, double middle, double width) {
  double off = std::abs(hour - middle);
  off = std::min(off, 24 - off) / width;
  return static_cast<float>(std::exp(-0.5 * off * off));
}

float decibels(float level) {
  return std::exp2(level * 0.332193F);
}

double normal_below(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

/// The mean over (from, to] of all flights' energies, as shares of their loudest.
float flights_between(double from_s, double to_s, double hour) {
  const bool is_day = hour >= 6;
  const double chance = is_day ? 0.55 : 0.02;
  const double reach_s = 4 * flight_width_s;
  double sum_s = 0;
  const auto first = static_cast<std::int64_t>((from_s - reach_s) / flight_slot_s);
  const auto last = static_cast<std::int64_t>((to_s + reach_s) / flight_slot_s);
  for (std::int64_t slot = first; slot <= last; ++slot) {
    const auto bits = hashed(flights_seed, static_cast<std::uint64_t>(slot), 0);
    if (share(bits) >= chance) continue;
    const double at_s =
        (static_cast<double>(slot) + static_cast<double>(share(bits, 1))) * flight_slot_s;
    sum_s += normal_below((to_s - at_s) / flight_width_s) -
             normal_below((from_s - at_s) / flight_width_s);
  }
  const double whole_s = flight_width_s * std::sqrt(2 * std::numbers::pi);
  return static_cast<float>(sum_s * whole_s / (to_s - from_s));
}

}  // namespace

Habits Habits::at(const CivilTime& time) {
  const double h = time.hour;
  const bool off = time.is_weekend();
  // Who is out at two on Saturday went out on Friday.
  const int evening = h < 6 ? (time.weekday + 6) % 7 : time.weekday;
  Habits now;
  now.traffic =
      off ? 0.05F + 0.5F * bell(h, 15, 4) + 0.12F * bell(h, 23.5, 2)
          : 0.04F + 0.72F * bell(h, 8.3, 1.2) + 0.8F * bell(h, 17.8, 1.7) + 0.42F * bell(h, 13, 3);
  now.to_work = off ? 0.05F * bell(h, 10, 2) : bell(h, 8.4, 0.8);
  now.to_home = off ? 0.05F * bell(h, 19, 2) : bell(h, 17.9, 1.2);
  now.about = (off ? 0.3F : 0.18F) * bell(h, 15, 4.5) + 0.05F * bell(h, 22, 2);
  now.night_life = bell(h, 23.8, 2.1) * (evening >= 4 ? 1.0F : evening == 0 ? 0.25F : 0.4F);
  now.at_office = off ? 0.1F : std::min(1.1F * bell(h, 13, 3.6), 1.0F);
  now.at_home = 1 - 0.5F * bell(h, 13.5, 4) * (off ? 0.6F : 1.0F);
  now.heating = 0.4F + 0.6F * bell(h, 7, 1.8) + 0.7F * bell(h, 20, 2.5);
  now.waste = 0.25F + 1.2F * bell(h, 12.5, 2.5) + 1.3F * bell(h, 19.5, 2.5);
  now.is_market_time = h >= 7 && h < 13.5;
  now.market_day = static_cast<std::uint8_t>(1U << static_cast<unsigned>(time.weekday));
  return now;
}

void Rhythm::start(const CivilTime& time, const Climate& climate) {
  air_.assign(map_.districts().size(), Air{});
  habits_ = Habits::at(time);
  for (std::size_t i = 0; i < air_.size(); ++i) breathe(i, 6 * 3600, climate, 1);
  moments_.assign(air_.size(), Moment{});
}

void Rhythm::breathe(std::size_t district, float dt_s, const Climate& climate, float stagnation) {
  const District& of = map_.districts()[district];
  const float wind = climate.wind_m_per_s();
  const float height_m = (60 + 300 * climate.sun() + 25 * wind) / stagnation;
  const float mixes_per_s = ((wind + 0.5F) / 3000 + 1e-4F) / stagnation;
  const float washes_per_s = 8.4e-5F * std::pow(climate.rain_mm_per_h(), 0.79F);
  const float cars = habits_.traffic * (0.15F + of.traffic);
  const float cold = std::max(17 - climate.outside_c(), 0.0F) / 15;
  const float fires = cold * habits_.heating * (0.2F + of.homes);
  const auto settle = [&](float& c, float background, float emitted, float washed_per_s) {
    const float ends_per_s = mixes_per_s + washed_per_s;
    const float settles = (background * mixes_per_s + emitted / height_m) / ends_per_s;
    c = settles + (c - settles) * std::exp(-ends_per_s * dt_s);
  };
  Air& air = air_[district];
  settle(air.nox, 6, 22 * cars + 3 * fires, 0);  // µg/m² and second, as the following
  settle(air.pm10, 11, 3.5F * cars + 3.5F * fires, washes_per_s);
  settle(air.pm25, 6, 1.4F * cars + 3 * fires, washes_per_s);
}

Moment Rhythm::moment_of(const District& of, const Air& air, float dt_s, const Climate& climate,
                         const Trouble& trouble) const {
  Moment now;
  const bool is_wet = climate.rain_mm_per_h() > 0.2F;
  const float dry = is_wet ? 0.45F : 1;
  const float market =
      habits_.is_market_time && (of.market_days & habits_.market_day) != 0 ? 1.0F : 0.0F;
  const float detour = trouble.is_road_closed ? 1.25F : 1;
  const float cold = std::clamp((climate.outside_c() + 2) / 15, 0.15F, 1.0F);  // who stays out

  now.demand = habits_.traffic * (0.4F + 0.75F * of.traffic) * detour * (is_wet ? 0.94F : 1.0F);
  now.noise_traffic = busiest_per_h * (0.2F + of.traffic) * habits_.traffic * detour *
                      decibels(42.2F - 2.8F - 3 + (is_wet ? 2.0F : 0.0F));
  now.noise_people = of.going_out * of.going_out * habits_.night_life * dry * cold * decibels(70);
  now.noise_market = market * dry * decibels(68);
  now.noise_other =
      decibels(33) + of.flown_over * of.flown_over * flights_ * decibels(80) + trouble.event_noise;

  const float sun = climate.sun();
  const float nox = air.nox / no2_ug_per_ppb;
  const float warm = std::max(climate.outside_c() - 10, 0.0F) / 15;
  const float ox =
      26 + 26 * sun * warm - 8 * night_ / (1 + climate.wind_m_per_s() / 2) + 0.1F * nox;
  const float all = nox + ox + 18 * sun;
  const float no2 = (all - std::sqrt(std::max(all * all - 4 * nox * ox, 0.0F))) / 2;
  now.no2 = no2 * no2_ug_per_ppb;
  now.o3 = std::max(ox - no2, 0.5F) * o3_ug_per_ppb;
  now.pm10 = air.pm10;
  now.pm25 = std::min(air.pm25, air.pm10);

  const float built = std::clamp(0.25F + 0.4F * of.homes + 0.5F * of.offices, 0.0F, 1.0F);
  const float island_k = 26.6F / (4 * std::sqrt(std::max(climate.wind_m_per_s(), 1.0F)));
  now.warmer_k =
      island_k * built * (0.12F + 0.88F * night_ * climate.clear()) - 1.5F * of.green * sun;

  now.garage_share = std::clamp(0.06F + 0.85F * of.offices * habits_.at_office +
                                    0.55F * of.going_out * habits_.night_life + 0.35F * market +
                                    0.35F * of.homes * habits_.at_home * (1 - habits_.at_office),
                                0.03F, 1.12F);
  const float wanted =
      std::clamp(0.25F + 0.5F * of.homes * habits_.at_home + 0.5F * of.offices * habits_.at_office +
                     0.3F * of.going_out * habits_.night_life + 0.2F * market,
                 0.05F, 0.97F);
  const float leaves_per_s = 1.0F / (45 * 60);
  const float takes_per_s = leaves_per_s * wanted / (1 - wanted);
  const float turned = 1 - std::exp(-(leaves_per_s + takes_per_s) * dt_s);
  now.spot_taken = wanted * turned;
  now.spot_left = (1 - wanted) * turned;

  const float dt_h = dt_s / 3600;
  const float rides = dt_h * dry * (0.5F + 0.5F * cold);
  now.bikes_out =
      rides * (0.7F * (habits_.to_work * of.homes + habits_.to_home * of.offices) + habits_.about);
  now.bikes_in =
      rides * (0.7F * (habits_.to_work * of.offices + habits_.to_home * of.homes) + habits_.about);
  now.filling = dt_h / 48 *
                (habits_.waste * (0.5F + 0.7F * of.homes) +
                 1.5F * of.going_out * habits_.night_life + 2 * market);
  return now;
}

void Rhythm::step(const CivilTime& time, Timestamp end, double dt_s, const Climate& climate,
                  const std::vector<Trouble>& trouble) {
  habits_ = Habits::at(time);
  const double end_s = std::chrono::duration<double>(end.time_since_epoch()).count();
  flights_ = flights_between(end_s - dt_s, end_s, time.hour);
  night_ = static_cast<float>(0.5 + 0.5 * std::cos(2 * std::numbers::pi * (time.hour - 3) / 24));
  const auto dt = static_cast<float>(dt_s);
  for (std::size_t i = 0; i < air_.size(); ++i) {
    breathe(i, dt, climate, trouble[i].stagnation);
    moments_[i] = moment_of(map_.districts()[i], air_[i], dt, climate, trouble[i]);
  }
}

void Rhythm::save(std::string& to) const {
  for (const Air& air : air_) put_state(to, air);
}

bool Rhythm::load(std::string_view& from) {
  moments_.assign(air_.size(), Moment{});
  return std::ranges::all_of(air_, [&](Air& air) { return take_state(from, air); });
}

}  // namespace sosie::city
