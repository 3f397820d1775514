#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "plants/wastewater/departure.h"
#include "plants/wastewater/sensor_list.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

inline constexpr double no_reading = std::numeric_limits<double>::quiet_NaN();

/// What a station's instruments say of one quantity, made one number: the middle of three, the only
/// one of one. A reading that is missing, at its range's end or has stood still for long is none;
/// without any the last holds for 15 minutes, then the usual one comes in its place within an hour.
class Measured {
 public:
  struct Place {
    std::string_view tag;
    double factor = 1;  ///< times what it shows is the quantity
  };
  static constexpr std::size_t most = 3;

  /// `lag_h`: of the number, behind the instruments.
  Measured(std::span<const Place> places, double lag_h, std::span<const SensorRow> rows);

  /// `values`: of each row; NaN: none. `usual`: what it would be at this hour.
  void step(std::span<const double> values, double usual);
  double value() const { return state_.value; }
  bool is_known() const { return state_.silent_steps == 0; }
  /// The rows that it believes with nobody to contradict: no model can judge them.
  std::span<const std::size_t> believed() const {
    return {rows_.data(), count_ == 1 ? std::size_t{1} : std::size_t{0}};
  }

  /// Plain numbers: what it takes to go on.
  struct State {
    bool has_begun = false;
    double value = 0;
    std::int32_t silent_steps = 0;
    std::array<double, most> last{};
    std::array<std::int32_t, most> still_steps{};
  };
  const State& state() const { return state_; }
  void go_on_from(const State& state) { state_ = state; }

 private:
  double read(std::size_t i, double value);
  double middle(std::span<const double> values);

  double per_step_;
  std::size_t count_ = 0;
  std::array<std::size_t, most> rows_{};
  std::array<double, most> factors_{};
  std::array<double, most> low_{};
  std::array<double, most> high_{};
  std::array<std::int32_t, most> still_limit_{};
  State state_;
};

/// The water that comes into a station, by its own instruments.
///
/// Solids are the usual ones, as many as are measured; the rest of the measured COD is soluble.
/// Ammonia brings phosphate and soluble nitrogen in the usual ratio. Conductivity without that of
/// ammonia and phosphate tells sewage (salt 450, alkalinity without urea's 4.8) from rain
/// (60, 1.2); the pH then gives the carbon dioxide.
class ParallelInlet {
 public:
  ParallelInlet(std::span<const SensorRow> rows, const Departure& departure);

  void step(std::span<const double> values, const Stream& usual);
  const Stream& stream() const { return stream_; }

  /// Rows that it believes alone.
  std::vector<std::size_t> believed() const;

  static constexpr std::size_t quantities = 9;
  std::array<Measured::State, quantities> state() const;
  void go_on_from(const std::array<Measured::State, quantities>& states);

 private:
  enum Quantity : std::uint8_t {
    flow,
    celsius,
    solids,
    oxygen_demand,
    ammonia,
    acidity,
    conducts,
    oil,
    metals
  };
  const Measured& at(Quantity q) const { return measured_[q]; }
  Water water(const Water& usual) const;

  Departure departure_;
  std::vector<Measured> measured_;  ///< by Quantity
  Stream stream_;
};

}  // namespace sosie::wastewater
