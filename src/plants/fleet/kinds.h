#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sosie::fleet {

enum class DeviceKind : std::uint8_t { truck, van, bus, machine };
inline constexpr std::size_t kinds = 4;

/// What the devices of a kind have in common: battery-electric vehicles, and machines of building
/// sites that stand where they work (excavators, compressors, crushers).
struct Traits {
  const char* name;
  const char* stage;  ///< of its series
  const char* en;
  const char* fr;
  double weight;  ///< of the usual mix
  float empty_kg;
  float payload_kg;
  float rated_w;
  float drag_m2;  ///< drag coefficient times front
  float rolling;  ///< resistance coefficient
  float accelerates_m_per_s2;
  float battery_j;
  float capacity_j_per_k;  ///< of the drive unit: motor, inverter, oil and coolant
  float still_w_per_k;     ///< its radiator's conductance with the fan alone
  float wind_s_w_per_k_m;  ///< and what each m/s of speed adds
  float idle_w;            ///< lost as heat while it is switched on
};

inline constexpr float kwh = 3.6e6F;

/// Sizes as makers give them (12 t to 22 t electric truck, 3.2 t van, 12 m bus, 20 t excavator);
/// heat capacities and conductances are our own, for a rise of 25 to 45 K in the work of a day.
inline constexpr std::array<Traits, kinds> traits{{
    {"truck", "trucks", "Trucks", "Camions", 7, 12000, 10000, 250e3F, 5.5F, 0.006F, 0.8F, 280 * kwh,
     70e3F, 38, 3, 500},
    {"van", "vans", "Vans", "Fourgonnettes", 6, 2200, 1000, 90e3F, 2.4F, 0.009F, 1.4F, 68 * kwh,
     20e3F, 8.5F, 0.6F, 120},
    {"bus", "buses", "Buses", "Bus", 2, 13000, 6000, 200e3F, 5.5F, 0.007F, 0.9F, 350 * kwh, 70e3F,
     38, 3, 500},
    {"machine", "machines", "Machines", "Machines", 5, 20000, 0, 100e3F, 0, 0, 0, 200 * kwh, 110e3F,
     138, 0, 700},
}};

/// What a device measures, in the order of its sensors.
enum class Quantity : std::uint8_t {
  temperature,
  humidity,
  speed,
  load,
  battery,
  latitude,
  longitude,
};
inline constexpr std::size_t quantities = 7;

}  // namespace sosie::fleet
