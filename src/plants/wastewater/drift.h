#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "plants/wastewater/sensor_list.h"

namespace sosie::wastewater {

/// What a sensor of this kind drifts by in a day, as a share of its span; 0: it does not. Oxygen
/// 0.2 %, pH 0.1 %, ion-selective ammonia and nitrate 0.5 %, solids and turbidity 0.4 %.
double usual_drift_per_day(const SensorRow& row);

/// The drift of sound sensors between their calibrations: no fault, and no label has it. After each
/// calibration a sensor that drifts is off by a rest, N(0, 1 % of its span), and goes from there,
/// up or down, straight, as fast as its kind does; optics, which foul, upwards. (The project's
/// reference data, sensor_fault_models.json: "normal_drift_own" and state 7.)
class Drift {
 public:
  /// `rows` must outlive it. `is_on`: else nothing drifts.
  Drift(std::span<const SensorRow> rows, Random random, bool is_on);

  /// The plant begins in the middle of its life: each sensor some of `days` after its calibration.
  void start(std::span<const double> days_since);

  void step();
  void calibrated(std::size_t sensor);

  /// What each sensor is off by, in its unit.
  std::span<const double> off() const { return off_; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  std::span<const SensorRow> rows_;
  bool is_on_;
  Random random_;
  std::vector<double> off_;
  std::vector<double> per_step_;
};

}  // namespace sosie::wastewater
