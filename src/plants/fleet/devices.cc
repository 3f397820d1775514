#include "plants/fleet/devices.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "simulation/state_bytes.h"

namespace sosie::fleet {
namespace {

constexpr float gravity_m_per_s2 = 9.81F;
constexpr float air_kg_per_m3 = 1.2F;
constexpr float efficiency = 0.9F;
constexpr float recovery = 0.6F;  ///< of the braking energy
constexpr float brakes_m_per_s2 = 1.5F;
constexpr float light_chance = 0.1F;  ///< that a crossing's light is red
constexpr float low_charge = 0.3F;
constexpr float charger_w = 150e3F;
constexpr float depot_charger_w = 22e3F;
constexpr float derates_c = 100;
constexpr float stops_c = 125;
constexpr float opens_c = 35;  ///< the thermostat, wholly 20 K further up
constexpr float opening_k = 20;
constexpr float shut_share = 0.4F;

/// splitmix64's last steps: any two inputs give unrelated outputs.
std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// In [0, 1), of 16 of the 64 bits.
float share(std::uint64_t bits, unsigned part = 0) {
  return static_cast<float>((bits >> (16 * part)) & 0xffffU) * 0x1p-16F;
}

float between(float low, float high, float share) {
  return low + (high - low) * share;
}

/// Mean 0, deviation 1: two uniform numbers together (a triangle), near enough to a normal one.
double trembling(std::uint64_t bits, unsigned pair) {
  return (static_cast<double>(share(bits, 2 * pair)) + share(bits, 2 * pair + 1) - 1) * 2.449;
}

double rounded(double value, double per_unit) {
  return std::nearbyint(value * per_unit) / per_unit;
}

}  // namespace

std::uint64_t Devices::chance(std::size_t device, std::uint64_t salt) const {
  return mixed(seed_ + device * 0x9e3779b97f4a7c15U + (step_ * 16 + salt) * 0xd1342543de82ef95U);
}

Devices::Devices(const RoadMap& roads, const Register& names) : roads_(roads), names_(names) {
  kind_.reserve(names.size());
  for (std::size_t i = 0; i < kinds; ++i) {
    const auto kind = static_cast<DeviceKind>(i);
    kind_.insert(kind_.end(), names.count(kind), kind);
  }
}

// ---- beginning

void Devices::start(std::uint64_t seed, const Surroundings& around) {
  const std::size_t count = names_.size();
  seed_ = mixed(seed + 1);
  step_ = 0;
  for (auto* column : {&along_m_, &speed_m_per_s_, &left_s_, &drive_w_}) column->assign(count, 0);
  for (auto* column : {&cargo_, &temperature_c_, &charge_}) column->resize(count);
  cooling_.assign(count, 1);
  arc_.resize(count);
  place_.resize(count);
  mode_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = chance(i, 0);
    const auto more = chance(i, 1);
    const bool stands = kind_[i] == DeviceKind::machine;
    const bool at_work = share(chance(i, 2)) < around.activity;
    arc_[i] = static_cast<RoadMap::ArcId>((bits >> 16U) % roads_.arcs().size());
    along_m_[i] = share(bits) * roads_.arcs()[arc_[i]].length_m;
    place_[i] = static_cast<std::uint8_t>(more % roads_.places());
    cargo_[i] = share(more, 1);
    charge_[i] = between(low_charge, 1, share(more, 2));
    mode_[i] = !at_work ? Mode::parked : stands ? Mode::works : Mode::drives;
    const float rise_k = at_work ? between(24, 36, share(more, 3)) : 2;
    temperature_c_[i] = std::max(air_c(i, around.weather) + rise_k, at_work ? 32.0F : -40.0F);
  }
}

void Devices::heat_up(std::size_t device, float share) {
  temperature_c_[device] += share * std::max(110 - temperature_c_[device], 0.0F);
}

// ---- living

void Devices::step(const Surroundings& around, std::span<PlantValue> values) {
  ++step_;
  for (std::size_t i = 0; i < kind_.size(); ++i) {
    if (kind_[i] == DeviceKind::machine) {
      work(i, around);
    } else {
      drive(i, around);
    }
    show(i, around.weather, values.subspan(i * quantities, quantities));
  }
}

/// The share of its power that the drive gives: less from 100 °C on.
float Devices::able(std::size_t device) const {
  return std::clamp((stops_c - temperature_c_[device]) / (stops_c - derates_c), 0.0F, 1.0F);
}

float Devices::air_c(std::size_t device, const Weather& weather) const {
  const Point at = roads_.at(arc_[device], along_m_[device]);
  const float off = std::hypot(at.east_m, at.north_m) / roads_.radius_m();
  return weather.outside_c() + Weather::town_k * std::max(1 - off, 0.0F);
}

void Devices::drive(std::size_t device, const Surroundings& around) {
  const float before = speed_m_per_s_[device];
  float left_s = around.dt_s;
  if (mode_[device] != Mode::drives) {
    const float waits_s = std::min(left_s, left_s_[device]);
    rest(device, around, waits_s);
    left_s -= waits_s;
  }
  float mean_m_per_s = 0;
  if (mode_[device] == Mode::drives && left_s > 0) {
    mean_m_per_s = roll(device, left_s, around.dt_s);
  }
  const auto& kind = of(device);
  const float mass_kg = kind.empty_kg + cargo_[device] * kind.payload_kg;
  const float after = speed_m_per_s_[device];
  const float resists_n = mass_kg * gravity_m_per_s2 * kind.rolling +
                          0.5F * air_kg_per_m3 * kind.drag_m2 * mean_m_per_s * mean_m_per_s;
  const float kinetic_w = 0.5F * mass_kg * (after * after - before * before) / around.dt_s;
  use(device, std::clamp(resists_n * mean_m_per_s + kinetic_w, -kind.rated_w, kind.rated_w),
      around);
}

/// Drives for `left_s` seconds. Its mean speed over the whole step.
float Devices::roll(std::size_t device, float left_s, float dt_s) {
  const auto& kind = of(device);
  const float haste = between(0.85F, 1.05F, share(mixed(seed_ ^ device)));
  const float wanted = roads_.arcs()[arc_[device]].limit_m_per_s * haste * able(device);
  const float before = speed_m_per_s_[device];
  const float after = before + std::clamp(wanted - before, -brakes_m_per_s2 * left_s,
                                          kind.accelerates_m_per_s2 * left_s);
  const float way_m = 0.5F * (before + after) * left_s;
  speed_m_per_s_[device] = after;
  along_m_[device] += way_m;
  if (along_m_[device] >= roads_.arcs()[arc_[device]].length_m) enter(device);
  return way_m / dt_s;
}

/// Beyond the end of its arc: into the next ones, to a red light or to where it wanted to go.
void Devices::enter(std::size_t device) {
  const auto bits = chance(device, 3);
  for (unsigned turns = 0;; ++turns) {
    const auto& arc = roads_.arcs()[arc_[device]];
    if (along_m_[device] < arc.length_m) return;
    const auto next = roads_.towards(place_[device], arc.to);
    if (next == RoadMap::no_arc) return arrive(device);
    along_m_[device] -= arc.length_m;
    arc_[device] = next;
    const bool is_red = roads_.leaving(arc.to) >= 3 && share(bits, turns % 3) < light_chance;
    if (!is_red) continue;
    along_m_[device] = 0;
    speed_m_per_s_[device] = 0;
    mode_[device] = Mode::waits;
    left_s_[device] = between(5, 40, share(bits, 3));
    return;
  }
}

void Devices::arrive(std::size_t device) {
  along_m_[device] = roads_.arcs()[arc_[device]].length_m;
  speed_m_per_s_[device] = 0;
  mode_[device] = charge_[device] < low_charge ? Mode::charges : Mode::loads;
  left_s_[device] = between(30, 240, share(chance(device, 4)));
}

/// Stands for `dt_s` seconds, which are not more than it waits.
void Devices::rest(std::size_t device, const Surroundings& around, float dt_s) {
  const auto& kind = of(device);
  const Mode mode = mode_[device];
  left_s_[device] -= dt_s;
  if (mode == Mode::charges || mode == Mode::parked) {
    const float power_w = mode == Mode::charges ? charger_w : depot_charger_w;
    charge_[device] = std::min(charge_[device] + power_w * around.dt_s / kind.battery_j, 1.0F);
  }
  if (left_s_[device] > 0) return;
  if (mode == Mode::waits) {
    mode_[device] = Mode::drives;
  } else if (mode == Mode::charges && charge_[device] < 0.8F) {
    left_s_[device] = 60;
  } else if (share(mixed(seed_ ^ (device + 77))) >= around.activity) {
    mode_[device] = Mode::parked;
    left_s_[device] = between(60, 300, share(chance(device, 5)));
  } else {
    depart(device);
  }
}

void Devices::depart(std::size_t device) {
  const auto bits = chance(device, 6);
  mode_[device] = Mode::drives;
  cargo_[device] = share(bits);
  place_[device] = static_cast<std::uint8_t>(
      (place_[device] + 1 + (bits >> 16U) % std::max<std::size_t>(roads_.places() - 1, 1)) %
      roads_.places());
  const auto here = roads_.arcs()[arc_[device]].to;
  const auto first = roads_.towards(place_[device], here);
  if (first == RoadMap::no_arc) return;  // a map of one place: it is there already
  arc_[device] = first;
  along_m_[device] = 0;
}

/// A machine's cycle: some seconds of hard work, some of none.
void Devices::work(std::size_t device, const Surroundings& around) {
  const auto& kind = of(device);
  left_s_[device] -= around.dt_s;
  if (mode_[device] == Mode::charges || mode_[device] == Mode::parked) {
    const float power_w = mode_[device] == Mode::charges ? charger_w : depot_charger_w;
    charge_[device] = std::min(charge_[device] + power_w * around.dt_s / kind.battery_j, 1.0F);
  }
  const bool charges_on = mode_[device] == Mode::charges && charge_[device] < 0.9F;
  if (left_s_[device] <= 0 && !charges_on) {
    const auto bits = chance(device, 7);
    const bool is_active = share(mixed(seed_ ^ (device + 77))) < around.activity;
    const bool works = cargo_[device] < 0.1F || share(bits, 2) < 0.5F;
    mode_[device] = !is_active                     ? Mode::parked
                    : charge_[device] < low_charge ? Mode::charges
                                                   : Mode::works;
    cargo_[device] = works ? between(0.3F, 1, share(bits)) : 0.05F;
    left_s_[device] = mode_[device] == Mode::works ? between(20, 90, share(bits, 1)) : 60;
  }
  const bool works = mode_[device] == Mode::works;
  use(device, works ? cargo_[device] * able(device) * kind.rated_w : 0, around);
}

/// Takes from the battery what the drive gives, and warms the drive with what it loses.
void Devices::use(std::size_t device, float drive_w, const Surroundings& around) {
  const auto& kind = of(device);
  const bool is_on = mode_[device] <= Mode::loads;
  const float idle_w = is_on ? kind.idle_w * able(device) : 0;
  const float taken_w = (drive_w > 0 ? drive_w / efficiency : drive_w * recovery) + idle_w;
  drive_w_[device] = drive_w;
  charge_[device] =
      std::clamp(charge_[device] - taken_w * around.dt_s / kind.battery_j, 0.02F, 1.0F);
  warm(device, std::abs(drive_w) * (1 - efficiency) + idle_w, around);
}

void Devices::warm(std::size_t device, float lost_w, const Surroundings& around) {
  const auto& kind = of(device);
  float& now_c = temperature_c_[device];
  const float open = std::clamp((now_c - opens_c) / opening_k, 0.0F, 1.0F);
  const float leads_w_per_k = cooling_[device] * around.weather.wetness() *
                              (shut_share + (1 - shut_share) * open) *
                              (kind.still_w_per_k + kind.wind_s_w_per_k_m * speed_m_per_s_[device]);
  const float settles_c = air_c(device, around.weather) + lost_w / leads_w_per_k;
  now_c +=
      (settles_c - now_c) * (1 - std::exp(-leads_w_per_k * around.dt_s / kind.capacity_j_per_k));
}

// ---- showing

/// Its thermometer shows tenths and trembles by 0.15 K, its hygrometer by 0.5 %, its GPS by 2.5 m.
void Devices::show(std::size_t device, const Weather& weather, std::span<PlantValue> values) const {
  const auto& kind = of(device);
  const auto first = chance(device, 8);
  const auto second = chance(device, 9);
  const Point at = roads_.at(arc_[device], along_m_[device]);
  const float town_k = air_c(device, weather) - weather.outside_c();
  const double humidity = weather.humidity() * (1 + weather.humidity_per_k() * town_k);
  // A machine stands off the road, always at the same place.
  const auto beside = mixed(seed_ ^ (device * 3 + 1));
  const float site_m = kind_[device] == DeviceKind::machine ? 60.0F : 0.0F;
  const double east_m = at.east_m + site_m * (share(beside) - 0.5F) + 2.5 * trembling(second, 0);
  const double north_m =
      at.north_m + site_m * (share(beside, 1) - 0.5F) + 2.5 * trembling(second, 1);
  const std::array<double, quantities> shown{
      rounded(temperature_c_[device] + 0.15 * trembling(first, 0), 10),
      std::clamp(rounded(humidity + 0.5 * trembling(first, 1), 10), 0.0, 100.0),
      rounded(speed_m_per_s_[device] * 3.6, 10),
      rounded(100 * std::abs(drive_w_[device]) / kind.rated_w, 10),
      rounded(100 * charge_[device], 10),
      rounded(roads_.latitude_deg(static_cast<float>(north_m)), 1e6),
      rounded(roads_.longitude_deg(static_cast<float>(east_m)), 1e6),
  };
  for (std::size_t i = 0; i < quantities; ++i) values[i] = {.value = shown[i]};
}

// ---- state

template <class Use>
bool Devices::each_column(auto& self, const Use& use) {
  return use(self.arc_) && use(self.along_m_) && use(self.speed_m_per_s_) && use(self.left_s_) &&
         use(self.cargo_) && use(self.drive_w_) && use(self.temperature_c_) && use(self.charge_) &&
         use(self.cooling_) && use(self.place_) && use(self.mode_);
}

std::size_t Devices::bytes_a_device() const {
  std::size_t bytes = 0;
  each_column(*this, [&](const auto& column) {
    bytes += sizeof column[0];
    return true;
  });
  return bytes;
}

void Devices::save(std::string& to) const {
  put_state(to, seed_);
  put_state(to, step_);
  each_column(*this, [&](const auto& column) {
    to.append(reinterpret_cast<const char*>(column.data()), column.size() * sizeof column[0]);
    return true;
  });
}

bool Devices::load(std::string_view& from) {
  const std::size_t count = names_.size();
  if (!take_state(from, seed_) || !take_state(from, step_)) return false;
  if (from.size() < count * bytes_a_device()) return false;
  const bool whole = each_column(*this, [&](auto& column) {
    column.resize(count);
    const std::size_t bytes = count * sizeof column[0];
    std::memcpy(column.data(), from.data(), bytes);
    from.remove_prefix(bytes);
    return true;
  });
  return whole && std::ranges::all_of(arc_, [&](auto arc) { return arc < roads_.arcs().size(); }) &&
         std::ranges::all_of(place_, [&](auto place) { return place < roads_.places(); });
}

}  // namespace sosie::fleet
