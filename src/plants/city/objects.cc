#include "plants/city/objects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "plants/city/chance.h"
#include "simulation/state_bytes.h"

namespace sosie::city {
namespace {

constexpr float garage_s = 1.5F * 3600;
constexpr float jam_per_km = 130;  // vehicles of a lane that stands
constexpr float longest_queue = 60;
constexpr float loop_h = 0.1F;  // a loop's count is that of its last six minutes
constexpr float vehicle_km = 0.006F;
constexpr float fire_c = 320;
constexpr double battery_days = 400;

}  // namespace

struct Objects::Turn {
  std::size_t object;
  std::uint64_t own;   ///< always the same for this object
  std::uint64_t bits;  ///< another at each step
  const Moment& moment;
  const Around& around;
};

Objects::Objects(const Map& map, const Register& names) : names_(names) {
  const std::size_t count = names.size();
  district_.reserve(count);
  for (std::size_t k = 0; k < kinds; ++k) {
    const auto kind = static_cast<ObjectKind>(k);
    for (std::size_t i = 0; i < names.count(kind); ++i) {
      const Position at = map.place(kind, i);
      district_.push_back(at.district);
      lon_u_deg_.push_back(static_cast<std::int32_t>(std::lround(at.at.lon * 1e6)));
      lat_u_deg_.push_back(static_cast<std::int32_t>(std::lround(at.at.lat * 1e6)));
      const float size = share(hashed(k, i, 99));
      const float places = kind == ObjectKind::garage  ? between(120, 900, size * size)
                           : kind == ObjectKind::bikes ? between(12, 32, size)
                                                       : 0;
      places_.push_back(at.places > 0 ? at.places : static_cast<std::uint16_t>(places));
    }
  }
}

void Objects::start(std::uint64_t seed, const Rhythm& rhythm) {
  seed_ = mixed(seed + 1);
  step_ = 0;
  const std::size_t count = names_.size();
  level_.assign(count, 0);
  strain_.assign(count, Strain::none);
  for (std::size_t i = 0; i < count; ++i) {
    const Moment& moment = rhythm.moments()[district_[i]];
    const auto bits = hashed(seed_, i, 0);
    const float places = places_[i];
    switch (names_.kind(i)) {
      case ObjectKind::garage:
        level_[i] = std::min(moment.garage_share * between(0.8F, 1.1F, share(bits)), 1.0F) * places;
        break;
      case ObjectKind::spot: {
        const float turned = moment.spot_taken + moment.spot_left;
        const float taken = turned > 0 ? moment.spot_taken / turned : 0.5F;
        level_[i] = share(bits) < taken ? 1.0F : 0.0F;
        break;
      }
      case ObjectKind::bikes:
        level_[i] = std::floor(places * between(0.2F, 0.8F, share(bits)));
        break;
      case ObjectKind::bin:
        level_[i] = between(0, 0.7F, share(bits));
        break;
      case ObjectKind::noise:
      case ObjectKind::air:
      case ObjectKind::weather:
      case ObjectKind::heat:
      case ObjectKind::traffic:
        break;
    }
  }
}

void Objects::step(const Around& around, std::span<PlantValue> values) {
  ++step_;
  day_ = around.time.day_of_year;
  std::size_t sensor = 0;
  for (std::size_t k = 0; k < kinds; ++k) {
    const auto kind = static_cast<ObjectKind>(k);
    const std::size_t first = names_.first(kind);
    const std::size_t width = traits[k].width;
    const auto each = [&](auto live) {
      for (std::size_t i = first; i < first + names_.count(kind); ++i, sensor += width) {
        const Turn turn{.object = i,
                        .own = hashed(seed_, i, 0),
                        .bits = hashed(seed_, i, step_),
                        .moment = around.rhythm.moments()[district_[i]],
                        .around = around};
        (this->*live)(turn, values.subspan(sensor, width));
      }
    };
    switch (kind) {
      case ObjectKind::noise:
        each(&Objects::hear);
        break;
      case ObjectKind::air:
        each(&Objects::breathe);
        break;
      case ObjectKind::weather:
      case ObjectKind::heat:
        each(&Objects::feel);
        break;
      case ObjectKind::garage:
        each(&Objects::park);
        break;
      case ObjectKind::spot:
        each(&Objects::stand);
        break;
      case ObjectKind::bikes:
        each(&Objects::lend);
        break;
      case ObjectKind::traffic:
        each(&Objects::pass);
        break;
      case ObjectKind::bin:
        each(&Objects::fill);
        break;
    }
  }
}

/// Its own quantities, then its battery if it has one, then where it is.
void Objects::show(const Turn& turn, std::span<const float> own, double per_unit,
                   std::span<PlantValue> values) const {
  std::size_t i = 0;
  for (; i < own.size(); ++i) values[i] = {.value = rounded(own[i], per_unit)};
  if (values.size() == i + 3) {
    // Changed when it is nearly empty, each at its own time.
    const double age = day_ / battery_days + static_cast<double>(share(turn.own, 3));
    values[i++] = {.value = rounded(static_cast<float>(100 - 88 * (age - std::floor(age))), 1)};
  }
  values[i++] = {.value = static_cast<double>(lat_u_deg_[turn.object]) / 1e6};
  values[i] = {.value = static_cast<double>(lon_u_deg_[turn.object]) / 1e6};
}

void Objects::hear(const Turn& turn, std::span<PlantValue> values) const {
  const Moment& now = turn.moment;
  const float off = share(turn.own);
  const float kerb = 13.5F / between(6, 110, off * off);  // line source: 3 dB for twice as far
  const float crowd = share(turn.own, 1) * share(turn.own, 1);
  const float stalls = share(turn.own, 2) < 0.25F ? 1.0F : 0.1F;
  const float energy = now.noise_traffic * kerb + now.noise_people * crowd +
                       now.noise_market * stalls + now.noise_other * between(0.5F, 1, crowd);
  // What passes in ten seconds differs more than what passes in an hour.
  const float trembles_db = 2.6F / std::sqrt(1 + turn.around.dt_s / 60);
  const float laeq = 10 * std::log10(energy) + trembles_db * trembling(turn.bits);
  const std::array<float, 2> own{laeq, laeq + 3 + 7 * share(turn.bits, 2)};
  show(turn, own, 10, values);
}

void Objects::breathe(const Turn& turn, std::span<PlantValue> values) const {
  const Moment& now = turn.moment;
  const float street = between(0.65F, 1.5F, share(turn.own));
  const float no2 = now.no2 * street;
  const auto shown = [&](float value, unsigned pair) {
    return std::max(
        value * (1 + 0.03F * trembling(turn.bits, pair)) + 0.4F * share(turn.bits, pair), 0.0F);
  };
  const std::array<float, 4> own{
      shown(no2, 0), shown(now.pm10 * (0.5F + 0.5F * street), 1),
      shown(now.pm25 * (0.6F + 0.4F * street), 1),
      shown(std::max(now.o3 - 1.04F * (no2 - now.no2), 1.0F), 0)};  // 1.04: ppb to µg/m³ of both
  show(turn, own, 10, values);
}

void Objects::feel(const Turn& turn, std::span<PlantValue> values) const {
  const Climate& climate = turn.around.climate;
  const float warmer_k = turn.moment.warmer_k * between(0.7F, 1.3F, share(turn.own));
  const float sheltered = between(0.35F, 0.8F, share(turn.own, 1));
  const std::array<float, 4> own{
      climate.outside_c() + warmer_k + 0.1F * trembling(turn.bits),
      std::clamp(climate.humidity_at(warmer_k) / 100 + 0.01F * trembling(turn.bits, 1), 0.0F, 1.0F),
      climate.wind_m_per_s() * sheltered * between(0.8F, 1.25F, share(turn.bits, 2)),
      climate.rain_mm_per_h() * between(0.8F, 1.2F, share(turn.bits, 3))};
  // A thermometer has the first two alone.
  show(turn, std::span(own).first(values.size() - 3), 100, values);
}

void Objects::park(const Turn& turn, std::span<PlantValue> values) {
  float& cars = level_[turn.object];
  const float places = places_[turn.object];
  const float wanted = turn.moment.garage_share * between(0.75F, 1.15F, share(turn.own)) * places;
  const float moved = std::min(turn.around.dt_s / garage_s, 1.0F);
  cars += (wanted - cars) * moved + std::sqrt(places * moved) * trembling(turn.bits);
  cars = std::clamp(cars, 0.0F, places);
  const float taken = std::floor(cars + 0.5F);
  const std::array<float, 3> own{places - taken, places, places > 0 ? taken / places : 0};
  show(turn, own, 1000, values);
}

void Objects::stand(const Turn& turn, std::span<PlantValue> values) {
  float& taken = level_[turn.object];
  const float chance = taken > 0.5F ? turn.moment.spot_left : turn.moment.spot_taken;
  // Of 32 bits: within a second it is one in thousands.
  const auto draw = static_cast<float>(turn.bits >> 40U) * 0x1p-24F;
  if (draw < chance) taken = 1 - taken;
  show(turn, std::span(&taken, 1), 1, values);
}

void Objects::lend(const Turn& turn, std::span<PlantValue> values) {
  float& bicycles = level_[turn.object];
  const float docks = places_[turn.object];
  const float liked = between(0.5F, 1.5F, share(turn.own));
  const auto first = static_cast<float>(turn.bits >> 40U) * 0x1p-24F;
  const auto second = static_cast<float>((turn.bits >> 16U) & 0xffffffU) * 0x1p-24F;
  float came = std::floor(turn.moment.bikes_in * docks * liked + first) -
               std::floor(turn.moment.bikes_out * docks * liked + second);
  const double hour = turn.around.time.hour;
  if (hour >= 2 && hour < 5) {  // the van, within the hour
    const float wants = docks * between(0.35F, 0.65F, share(turn.own, 1)) - bicycles;
    if (std::abs(wants) >= 1 && share(turn.bits) < turn.around.dt_s / 900) {
      came += wants > 0 ? 1.0F : -1.0F;
    }
  }
  bicycles = std::clamp(bicycles + came, 0.0F, docks);
  const std::array<float, 2> own{bicycles, docks - bicycles};
  show(turn, own, 1, values);
}

void Objects::pass(const Turn& turn, std::span<PlantValue> values) {
  float& queue = level_[turn.object];
  const auto lanes = static_cast<float>(1 + (turn.own >> 60U) % 3);
  const float free_kmh = lanes > 2 ? 70.0F : lanes > 1 ? 50.0F : 30.0F;
  const float wet = turn.around.climate.rain_mm_per_h() > 0.2F ? 0.9F : 1.0F;
  const float best_per_h = lanes * jam_per_km * free_kmh / 4 * wet;  // Greenshields' optimum
  const float strain = strain_[turn.object];
  const bool is_closed = strain_[turn.object] == Strain::closed;
  const float passes_per_h = best_per_h * (1 - std::min(strain, 245.0F) / 250);
  const float wants_per_h =
      is_closed ? 0 : best_per_h * turn.moment.demand * between(0.35F, 1.05F, share(turn.own));
  queue += (wants_per_h - passes_per_h) * turn.around.dt_s / 3600;
  queue = is_closed ? 0 : std::clamp(queue, 0.0F, longest_queue * lanes);
  const bool is_dense = queue > 0.5F;
  const float flows = is_dense ? passes_per_h : std::min(wants_per_h, best_per_h);
  const float bend = std::sqrt(std::max(1 - flows / best_per_h, 0.0F));
  const float stands = 0.25F * queue / (longest_queue * lanes);
  const float density =
      std::min(0.5F * (is_dense ? 1 + bend : 1 - bend) + stands, 0.96F);  // of jam
  const float speed = is_closed ? 0 : free_kmh * wet * (1 - density);
  const float counted = flows + std::sqrt(flows / loop_h) * trembling(turn.bits);
  const std::array<float, 3> own{
      std::floor(std::max(counted, 0.0F)),
      std::max(speed + (is_closed ? 0 : 1.5F * trembling(turn.bits, 1)), 0.0F),
      std::min(density * jam_per_km * vehicle_km, 1.0F)};
  show(turn, own, 100, values);
}

void Objects::fill(const Turn& turn, std::span<PlantValue> values) {
  float& filling = level_[turn.object];
  const std::uint8_t strain = strain_[turn.object];
  const CivilTime& time = turn.around.time;
  const double before = time.hour - static_cast<double>(turn.around.dt_s) / 3600;
  const double due = 6 + 4 * static_cast<double>(share(turn.own));
  // Mondays, Wednesdays and Fridays, or Tuesdays, Thursdays and Saturdays.
  const bool is_day = time.weekday != 0 && time.weekday % 2 == (district_[turn.object] % 2);
  filling += turn.moment.filling * between(0.6F, 1.4F, share(turn.own, 1)) *
             between(0.4F, 1.6F, share(turn.bits));
  if (is_day && before < due && due <= time.hour && strain != Strain::not_collected) filling = 0;
  float inside_c = turn.around.climate.outside_c() + turn.moment.warmer_k +
                   9 * turn.around.climate.sun() + 2 * filling;
  if (strain == Strain::burns) {
    filling *= std::exp(-turn.around.dt_s / 900);
    inside_c = fire_c * between(0.6F, 1, share(turn.bits, 1));
  }
  filling = std::clamp(filling, 0.0F, 1.0F);
  const std::array<float, 2> own{filling, inside_c + 0.2F * trembling(turn.bits, 1)};
  show(turn, own, 100, values);
}

// ---- state

std::size_t Objects::bytes_an_object() const {
  return sizeof district_[0] + sizeof lon_u_deg_[0] + sizeof lat_u_deg_[0] + sizeof places_[0] +
         sizeof level_[0] + sizeof strain_[0];
}

void Objects::save(std::string& to) const {
  put_state(to, seed_);
  put_state(to, step_);
  to.append(reinterpret_cast<const char*>(level_.data()), level_.size() * sizeof level_[0]);
  to.append(reinterpret_cast<const char*>(strain_.data()), strain_.size());
}

bool Objects::load(std::string_view& from) {
  const std::size_t count = names_.size();
  if (!take_state(from, seed_) || !take_state(from, step_) ||
      from.size() < count * (sizeof level_[0] + 1)) {
    return false;
  }
  level_.resize(count);
  strain_.resize(count);
  std::memcpy(level_.data(), from.data(), count * sizeof level_[0]);
  from.remove_prefix(count * sizeof level_[0]);
  std::memcpy(strain_.data(), from.data(), count);
  from.remove_prefix(count);
  return std::ranges::all_of(level_, [](float level) { return level >= 0 && level < 1e6F; });
}

}  // namespace sosie::city
