#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "simulation/instrument.h"
#include "simulation/plant.h"

namespace sosie {

/// What a fault does to the sensor that it befalls.
enum class SensorAct : std::uint8_t {
  none,     ///< it strikes the process, and the plant sees to it
  stuck,    ///< shows one value and no other
  bias,     ///< shows too much or too little by `size`
  drift,    ///< the same, slowly: `size` is reached at its end
  gain,     ///< shows only the share `size` of the truth
  spikes,   ///< single values off by `size`
  noise,    ///< trembles `size` times as much
  dropout,  ///< sends only now and then: `size` is the share that is lost
};

/// One kind of fault of a small plant.
struct FaultSpec {
  FaultType type;  ///< process faults name their equipment as its one target
  SensorAct act = SensorAct::none;
  double hours_low = 0.5;
  double hours_high = 2;
  double weight = 1;                  ///< for chance
  std::vector<std::string> direct{};  ///< of process faults: the series that show it
};

/// The faults of a small plant: those that people order and those that chance brings; their labels;
/// and what they do to the sensors.
///
/// Chance saves up sensor-time at the rate that was asked for, and when there is about enough for
/// the next fault (drawn beforehand), it begins and is paid for. So the labelled share follows the
/// rate on the long run, and yet no one can tell the hour.
class FaultRoster {
 public:
  /// No fault comes by chance sooner after the start.
  static constexpr Duration quiet_start = std::chrono::minutes(10);
  static constexpr Duration longest = std::chrono::hours(24 * 7);

  /// One fault at work. Plain values: its bytes are its state.
  struct Active {
    std::uint64_t id = 0;
    std::uint32_t spec = 0;
    std::uint32_t sensor = 0;  ///< index of the one it befalls, for faults of sensors
    double size = 0;
    double side = 1;  ///< 1 or -1, where the size does not say which way
    Timestamp starts;
    Timestamp ends;
    bool announced = false;  ///< its label has been sent
  };

  /// `sensors`: all of one asset; copied.
  FaultRoster(std::vector<FaultSpec> specs, std::span<const SeriesInfo> sensors);

  void start(Timestamp at, const Random& random);

  /// Begins and ends what is due at `now`, and says so to `labels`.
  void step(Timestamp now, Duration period, LabelSink& labels);

  /// The running process fault of that name, or nullptr.
  const Active* find(std::string_view name) const;

  /// What all running faults together do to one sensor now.
  Tamper tamper(std::size_t sensor) const;

  std::span<const FaultType> types() const { return types_; }
  Result<std::uint64_t> inject(const FaultOrder& order, Timestamp at);
  Result<void> cancel(std::uint64_t id, Timestamp now);
  std::vector<Label> running() const;
  void set_rate(double rate);
  double rate() const { return rate_; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  Result<std::uint32_t> sensor_named(std::string_view target);
  Result<void> check_target(const FaultSpec& spec, std::string_view target) const;
  void draw_next();
  bool is_taken(const Active& fault) const;
  double cost_h(const Active& fault) const;
  void begin(Active fault, Timestamp at);
  Label label_of(const Active& fault) const;

  // Set once in the constructor.
  std::vector<FaultSpec> specs_;
  std::vector<FaultType> types_;
  std::vector<SeriesInfo> sensors_;

  // The state.
  Random random_{0};
  double rate_ = 0;
  Timestamp now_;
  Timestamp quiet_until_;
  std::uint64_t next_id_ = 1;
  double saved_h_ = 0;   ///< sensor-hours
  double needed_h_ = 0;  ///< when the next one begins
  Active next_;          ///< from 0 to its length
  std::vector<Active> active_;
};

}  // namespace sosie
