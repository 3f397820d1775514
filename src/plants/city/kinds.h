#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sosie::city {

enum class ObjectKind : std::uint8_t {
  noise,
  air,
  weather,
  heat,
  garage,
  spot,
  bikes,
  traffic,
  bin,
};
inline constexpr std::size_t kinds = 9;

enum class Quantity : std::uint8_t {
  laeq,
  lamax,
  no2,
  pm10,
  pm25,
  o3,
  temperature,
  humidity,
  wind,
  rain,
  free,
  capacity,
  occupancy,
  occupied,
  bikes,
  docks,
  intensity,
  speed,
  filling,
  battery,
  latitude,
  longitude,
};
inline constexpr std::size_t quantities = 22;

/// What is known of a quantity. `low` and `high`: what a sensor can show; `usual`: how much it
/// varies, which drift and spikes are measured in.
struct About {
  const char* attribute = "";
  const char* en = "";
  const char* fr = "";
  const char* unit = "";
  double low = 0;
  double high = 0;
  double usual = 0;
  double per_unit = 100;  ///< the resolution's inverse: 1 counts
};

inline constexpr std::array<About, quantities> about{{
    {"laeq", "noise level", "niveau sonore", "dB(A)", 20, 130, 20},
    {"lamax", "loudest noise", "bruit maximal", "dB(A)", 20, 140, 20},
    {"no2", "nitrogen dioxide", "dioxyde d'azote", "µg/m³", 0, 1000, 60},
    {"pm10", "particles below 10 µm", "particules PM10", "µg/m³", 0, 1000, 40},
    {"pm25", "particles below 2.5 µm", "particules PM2,5", "µg/m³", 0, 1000, 25},
    {"o3", "ozone", "ozone", "µg/m³", 0, 1000, 60},
    {"temperature", "temperature", "température", "°C", -40, 600, 10},
    {"humidity", "relative humidity", "humidité relative", "1", 0, 1, 0.3},
    {"wind", "wind speed", "vitesse du vent", "m/s", 0, 60, 5},
    {"rain", "rain", "pluie", "mm/h", 0, 300, 5},
    {"free", "free places", "places libres", "", 0, 10000, 200, 1},
    {"capacity", "places", "places en tout", "", 0, 10000, 200, 1},
    {"occupancy", "occupancy", "taux d'occupation", "1", 0, 1, 0.5},
    {"occupied", "occupied", "occupée", "", 0, 1, 1, 1},
    {"bikes", "bicycles", "vélos disponibles", "", 0, 100, 10, 1},
    {"docks", "free docks", "bornes libres", "", 0, 100, 10, 1},
    {"intensity", "vehicles an hour", "véhicules par heure", "1/h", 0, 12000, 800},
    {"speed", "speed", "vitesse", "km/h", 0, 200, 20},
    {"filling", "filling", "remplissage", "1", 0, 1, 0.5},
    {"battery", "battery", "batterie", "%", 0, 100, 30, 1},
    {"latitude", "latitude", "latitude", "°", -90, 90, 0},
    {"longitude", "longitude", "longitude", "°", -180, 180, 0},
}};

constexpr const About& about_of(Quantity quantity) {
  return about[static_cast<std::size_t>(quantity)];
}

/// What the objects of a kind have in common.
struct Traits {
  const char* name;  ///< also the stage of its series
  const char* en;
  const char* fr;
  double weight;      ///< of the usual mix
  std::size_t width;  ///< how many quantities it shows
  std::size_t own;    ///< the first of them: those that its sensors measure
  bool has_battery;   ///< behind its own
  std::array<Quantity, 7> shows;

  std::span<const Quantity> quantities() const { return std::span(shows).first(width); }
};

using enum Quantity;
inline constexpr std::array<Traits, kinds> traits{{
    {"noise", "Noise", "Bruit", 15, 5, 2, true, {laeq, lamax, battery, latitude, longitude}},
    {"air",
     "Air quality",
     "Qualité de l'air",
     6,
     6,
     4,
     false,
     {no2, pm10, pm25, o3, latitude, longitude}},
    {"weather",
     "Weather",
     "Météo",
     3,
     7,
     4,
     true,
     {temperature, humidity, wind, rain, battery, latitude, longitude}},
    {"heat",
     "Thermometers",
     "Thermomètres",
     6,
     5,
     2,
     true,
     {temperature, humidity, battery, latitude, longitude}},
    {"garage",
     "Car parks",
     "Parkings",
     4,
     5,
     3,
     false,
     {free, capacity, occupancy, latitude, longitude}},
    {"spot",
     "Parking spots",
     "Places de stationnement",
     24,
     4,
     1,
     true,
     {occupied, battery, latitude, longitude}},
    {"bikes",
     "Bicycle stations",
     "Stations de vélos",
     14,
     4,
     2,
     false,
     {bikes, docks, latitude, longitude}},
    {"traffic",
     "Traffic",
     "Trafic",
     12,
     5,
     3,
     false,
     {intensity, speed, occupancy, latitude, longitude}},
    {"bin",
     "Waste bins",
     "Conteneurs",
     16,
     5,
     2,
     true,
     {filling, temperature, battery, latitude, longitude}},
}};

constexpr const Traits& traits_of(ObjectKind kind) {
  return traits[static_cast<std::size_t>(kind)];
}

}  // namespace sosie::city
