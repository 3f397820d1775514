#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "plants/wastewater/influent.h"
#include "plants/wastewater/sensor_list.h"

namespace sosie::wastewater {

/// What people do at a sensor when its turn comes: what light shines through is cleaned, all else
/// is calibrated.
std::string_view service_kind(const SensorRow& row);

/// Calibrations and cleanings, which happen and are no faults. Each sensor has its turn every 7
/// days (B0, C0, D) or 14 (A, B1, C1); states and laboratory values have none. Two people do it, on
/// working days from 8 to 16 o'clock, and are 15 to 45 minutes at a sensor, which meanwhile holds
/// its value and says that it is under maintenance.
class Services {
 public:
  /// `rows` must outlive it.
  Services(std::span<const SensorRow> rows, Random random);

  void start(Timestamp at);
  void step(Timestamp now, const LocalTime& time);

  /// The sensors whose service ended in this step.
  std::span<const std::size_t> finished() const { return finished_; }
  /// How long ago a sensor's last turn ended, in days, about; 0: it has none.
  std::vector<double> days_since(Timestamp now) const;

  /// 1 for each sensor that somebody is at.
  std::span<const std::uint8_t> serviced() const { return serviced_; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  struct Turn {
    Timestamp due = Timestamp::max();
    Timestamp ends;
  };

  std::span<const SensorRow> rows_;
  Random random_;
  std::vector<Turn> turns_;
  std::vector<std::uint8_t> serviced_;
  std::vector<std::size_t> finished_;
  std::int32_t at_work_ = 0;
};

}  // namespace sosie::wastewater
