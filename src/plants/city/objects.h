#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plants/city/climate.h"
#include "plants/city/districts.h"
#include "plants/city/register.h"
#include "plants/city/rhythm.h"
#include "simulation/plant.h"

namespace sosie::city {

/// What is wrong with the thing that an object watches (not with its sensor).
struct Strain {
  static constexpr std::uint8_t none = 0;
  // Of a road: the share of its capacity that is lost, in 250ths.
  static constexpr std::uint8_t closed = 255;
  // Of a bin:
  static constexpr std::uint8_t not_collected = 1;
  static constexpr std::uint8_t burns = 2;
};

/// All objects: a column for each state variable, 17 bytes an object, no allocation in a step, and
/// chance from a hash of (seed, object, step).
///
/// - **Noise**: its district's energies of cars, people, markets, aircraft, by how far off each is.
/// - **Air**: its district's, by how open its street is; where there is more NO2 there is less O3.
/// - **Weather**, **heat** (thermometers): the city's, the warmer the denser its district is built.
/// - **Car parks**: dN/dt = (wanted - N) / 1.5 h, at most as many as there are places.
/// - **Spots**: taken and left by chance, 45 minutes in the mean (a Markov chain of two states).
/// - **Bicycles**: rides from homes to offices and back, by chance; a van evens out at night.
/// - **Traffic**: q = k v with v = v_free (1 - k / k_jam) (Greenshields, 1935). Where more want to
///   pass than can, a queue grows, and speed is that of the dense branch.
/// - **Bins**: fill up; each district is collected on three working days from 6 to 10 o'clock.
///
/// Threads: one at a time. Its columns are its state.
class Objects {
 public:
  Objects(const Map& map, const Register& names);

  /// As if all had been there for long.
  void start(std::uint64_t seed, const Rhythm& rhythm);

  struct Around {
    const Rhythm& rhythm;
    const Climate& climate;
    const CivilTime& time;
    float dt_s = 1;
  };
  /// Lives `dt_s` seconds and writes what all sensors show.
  void step(const Around& around, std::span<PlantValue> values);

  void set_strain(std::size_t object, std::uint8_t strain) { strain_[object] = strain; }
  std::size_t district(std::size_t object) const { return district_[object]; }

  void save(std::string& to) const;
  bool load(std::string_view& from);
  std::size_t bytes_an_object() const;

 private:
  struct Turn;  ///< one object's step: who it is, its chance, its district's moment
  void show(const Turn& turn, std::span<const float> own, double per_unit,
            std::span<PlantValue> values) const;
  void hear(const Turn& turn, std::span<PlantValue> values) const;
  void breathe(const Turn& turn, std::span<PlantValue> values) const;
  void feel(const Turn& turn, std::span<PlantValue> values) const;
  void park(const Turn& turn, std::span<PlantValue> values);
  void stand(const Turn& turn, std::span<PlantValue> values);
  void lend(const Turn& turn, std::span<PlantValue> values);
  void pass(const Turn& turn, std::span<PlantValue> values);
  void fill(const Turn& turn, std::span<PlantValue> values);

  // Set once in the constructor.
  const Register& names_;
  std::vector<std::uint16_t> district_;
  std::vector<std::int32_t> lon_u_deg_;  ///< millionths of a degree
  std::vector<std::int32_t> lat_u_deg_;
  std::vector<std::uint16_t> places_;  ///< of car parks and bicycle stations

  // The state.
  std::uint64_t seed_ = 0;
  std::uint64_t step_ = 0;
  double day_ = 0;            ///< of the year, of the step
  std::vector<float> level_;  ///< cars, bicycles, a queue, a filling, whether taken
  std::vector<std::uint8_t> strain_;
};

}  // namespace sosie::city
