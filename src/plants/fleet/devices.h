#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plants/fleet/kinds.h"
#include "plants/fleet/roads.h"
#include "plants/fleet/weather.h"
#include "simulation/plant.h"

namespace sosie::fleet {

/// How many devices there are of each kind, and what they are called: "truck-0017", numbered from 1
/// within their kind, with as many digits as the fleet needs but four at least.
class Register {
 public:
  /// `weights`: the mix; the first kinds get what rounding leaves. REQUIRES: one above 0.
  Register(std::size_t devices, const std::array<double, kinds>& weights);

  std::size_t size() const { return first_.back(); }
  std::size_t count(DeviceKind kind) const;
  DeviceKind kind(std::size_t device) const;
  std::string name(std::size_t device) const;
  /// Errors: no device of that name.
  Result<std::size_t> find(std::string_view name) const;

 private:
  std::array<std::size_t, kinds + 1> first_{};  ///< index of each kind's first device, and the end
  int digits_ = 4;
};

/// What holds for all devices in one step.
struct Surroundings {
  const Weather& weather;
  float dt_s;
  float activity;  ///< share of the devices that are at work, 0 to 1
};

/// The physics of all devices: a column for each state variable, 39 bytes a device, no allocation
/// in a step, and chance from a hash of (seed, device, step), so that none keeps a generator.
///
/// A vehicle drives the quickest way from place to place, as the limits and the crossings let it,
/// and stops to load; a machine works in cycles. The drive unit's heat (one lumped capacity,
/// Incropera: Fundamentals of Heat and Mass Transfer, 5.1; solved exactly over a step):
///
///     C dT/dt = Q - G (T - T_air)      G = cooling wet (0.4 + 0.6 thermostat) (G_still + w v)
///     Q = |P| (1 - eta) + Q_idle       P = (m g c_r + rho/2 c_d A v^2) v + d(m v^2 / 2)/dt
///
/// (P: Guzzella, Sciarretta: Vehicle Propulsion Systems, 2.1.) Above 100 °C the drive gives less,
/// none at 125 °C.
///
/// Threads: one at a time. Its columns are its state.
class Devices {
 public:
  Devices(const RoadMap& roads, const Register& names);

  /// As if they had worked for long: on their ways, warm, their batteries anywhere.
  void start(std::uint64_t seed, const Surroundings& around);

  /// Lives `around.dt_s` seconds and writes what all sensors show, `quantities` a device.
  void step(const Surroundings& around, std::span<PlantValue> values);

  /// The share of its cooling that a device has, from now on: 1 when all is well.
  void set_cooling(std::size_t device, float share) { cooling_[device] = share; }
  /// Hot as it gets when its cooling has been failing for some time: `share` of the way to 110 °C.
  void heat_up(std::size_t device, float share);

  float temperature_c(std::size_t device) const { return temperature_c_[device]; }
  bool is_at_work(std::size_t device) const { return mode_[device] <= Mode::waits; }

  void save(std::string& to) const;
  bool load(std::string_view& from);
  std::size_t bytes_a_device() const;

 private:
  enum class Mode : std::uint8_t { drives, works, waits, loads, parked, charges };

  const Traits& of(std::size_t device) const {
    return traits[static_cast<std::size_t>(kind_[device])];
  }
  std::uint64_t chance(std::size_t device, std::uint64_t salt) const;
  void drive(std::size_t device, const Surroundings& around);
  float roll(std::size_t device, float left_s, float dt_s);
  void enter(std::size_t device);
  void arrive(std::size_t device);
  void rest(std::size_t device, const Surroundings& around, float dt_s);
  void depart(std::size_t device);
  void work(std::size_t device, const Surroundings& around);
  void use(std::size_t device, float drive_w, const Surroundings& around);
  void warm(std::size_t device, float lost_w, const Surroundings& around);
  float able(std::size_t device) const;
  float air_c(std::size_t device, const Weather& weather) const;
  void show(std::size_t device, const Weather& weather, std::span<PlantValue> values) const;
  template <class Use>
  static bool each_column(auto& self, const Use& use);

  // Set once in the constructor.
  const RoadMap& roads_;
  const Register& names_;
  std::vector<DeviceKind> kind_;

  // The state.
  std::uint64_t seed_ = 0;
  std::uint64_t step_ = 0;
  std::vector<RoadMap::ArcId> arc_;
  std::vector<float> along_m_;
  std::vector<float> speed_m_per_s_;
  std::vector<float> left_s_;  ///< of a wait, a stop or a work cycle
  std::vector<float> cargo_;   ///< share of the payload; of a machine: of its power
  std::vector<float> drive_w_;
  std::vector<float> temperature_c_;
  std::vector<float> charge_;  ///< share of the battery
  std::vector<float> cooling_;
  std::vector<std::uint8_t> place_;  ///< where it goes
  std::vector<Mode> mode_;
};

}  // namespace sosie::fleet
