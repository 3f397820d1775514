#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/series.h"
#include "simulation/label.h"
#include "simulation/setpoint.h"

namespace sosie {

/// A fault that someone asks for, or that chance does.
struct FaultOrder {
  std::string fault;              ///< one of the plant's FaultType names: "stuck", "blower_trip"
  std::string target;             ///< a sensor's tag or an equipment; "" : the plant picks one
  std::optional<double> size;     ///< in the fault's own unit; none: drawn
  std::optional<Duration> lasts;  ///< none: drawn
};

/// What a plant can be made to suffer.
struct FaultType {
  std::string name;
  Kind kind = Kind::unknown;
  Words words;
  std::vector<std::string> targets;  ///< the equipment it may befall; empty: any sensor
  std::string size_unit;
  double size_low = 0;
  double size_high = 0;
  std::string scenario_id{};  ///< in a catalogue that others know: "PM1"; empty: in none
  std::string root_cause{};   ///< the equipment or state it strikes; empty: its targets
  std::string mechanism{};    ///< what it does to that, in words or as an equation
  std::string parameter{};    ///< what its size is, as a name; empty: it has none
  bool takes_target = true;   ///< false: it strikes the process as it is
};

/// A sensor that is looked after, or at what is, for now: no fault.
struct Upkeep {
  std::size_t sensor = 0;
  std::string_view kind;  ///< calibration, cleaning, rotation, backwash
};

/// One value of one of the plant's sensors, as the device would send it.
struct PlantValue {
  double value = 0;
  bool sent = true;  ///< false: the device is silent (dropout)
  Quality quality = Quality::good;
  QualityReason reason = QualityReason::none;
  std::int32_t off_ms = 0;  ///< from the step's instant to the one that the device tells
};
static_assert(sizeof(PlantValue) == 16);  // a million devices have millions of them

/// A simulated process with its sensors, weather and faults. Deterministic: the same configuration,
/// seed and orders at the same steps give the same readings, bit for bit.
///
/// Threads: one at a time.
class Plant {
 public:
  virtual ~Plant() = default;

  virtual std::size_t sensor_count() const = 0;

  /// One of its sensors, described anew at each call: a plant of a million devices keeps no such
  /// list. All sensors of one entity stand one behind the other. REQUIRES: below `sensor_count()`.
  virtual SeriesInfo describe(std::size_t sensor) const = 0;

  /// The standard deviation of a sensor's own noise, in its unit; 0: not known.
  virtual double noise(std::size_t /*sensor*/) const { return 0; }

  /// From one step to the next: the sensors' sampling time.
  virtual Duration period() const = 0;

  /// The plant as it is when its life begins. Called once, before the first step.
  virtual void start(Timestamp at, std::uint64_t seed) = 0;

  /// Lives one period, and writes one value per sensor in the order of `describe`. Labels of
  /// faults that begin or end go to `labels`. Returns the instant the values belong to.
  virtual Timestamp step(std::span<PlantValue> values, LabelSink& labels) = 0;

  virtual std::span<const FaultType> fault_types() const = 0;

  /// Begins with the next step. Returns the label's id. Errors: no such fault or target (with the
  /// nearest name), a size out of its range.
  virtual Result<std::uint64_t> inject(const FaultOrder& order) = 0;

  /// Ends a fault now. Errors: none runs under this id.
  virtual Result<void> cancel(std::uint64_t label) = 0;
  virtual std::vector<Label> running() const = 0;

  /// The share of sensor-time that chance puts under some fault; 0: none.
  virtual void set_fault_rate(double share) = 0;
  virtual double fault_rate() const = 0;

  virtual std::vector<std::string> weathers() const = 0;  ///< "dry", "rain", "storm", "auto"
  virtual Result<void> set_weather(std::string_view weather) = 0;
  virtual std::string weather() const = 0;

  /// What is natural, no fault, and may look like one now: names of the plant's own README.
  virtual std::vector<std::string_view> confounders() const { return {}; }
  /// Each sensor once at most.
  virtual std::vector<Upkeep> upkeep() const { return {}; }
  /// Whether a sensor's value drives something of the plant.
  virtual bool has_control_loops() const { return false; }

  /// What people may set of it, as it is set now.
  virtual std::vector<Setpoint> setpoints() const { return {}; }

  /// From the next step on, until it is set anew. Errors: no such setpoint (with the nearest name),
  /// a value out of its range.
  virtual Result<void> set_setpoint(std::string_view name, double value) {
    TRY(find_setpoint(setpoints(), name, value));
    return {};
  }

  /// Everything it takes to go on later as if nothing had been, as bytes.
  virtual std::string save() const = 0;
  virtual Result<void> load(std::string_view state) = 0;

  /// Another plant of the same making, whose life has not begun: this one's state fits it.
  virtual std::unique_ptr<Plant> blank() const = 0;
};

/// All its sensors, for those who keep the list.
inline std::vector<SeriesInfo> sensors_of(const Plant& plant) {
  std::vector<SeriesInfo> all;
  all.reserve(plant.sensor_count());
  for (std::size_t i = 0; i < plant.sensor_count(); ++i) all.push_back(plant.describe(i));
  return all;
}

}  // namespace sosie
