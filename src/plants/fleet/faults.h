#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "plants/fleet/devices.h"
#include "simulation/plant.h"

namespace sosie::fleet {

/// The faults of the devices, one at a time each: those that people order and those that chance
/// brings, their labels, and what they do to what the devices show.
///
/// Chance is a Poisson process for the whole fleet, whose rate keeps the share of device-time under
/// a fault at what was asked for. What a step costs grows with the faults at work, not with the
/// devices.
///
/// Threads: one at a time.
class Faults {
 public:
  enum class Act : std::uint8_t { overheating, stuck, gps_jump, silence, clock_skew };
  static constexpr Duration longest = std::chrono::hours(24 * 7);

  Faults(std::string asset, const Register& names);

  /// `devices` have been started: of them, the rate's share is under a fault from the beginning.
  void start(Timestamp at, const Random& random, Devices& devices);

  /// Before the devices' step: begins and ends what is due at `now`, and says so to `labels`.
  void step(Timestamp now, Duration period, Devices& devices, LabelSink& labels);

  /// After the devices' step: what they show instead.
  void falsify(std::span<PlantValue> values);

  std::span<const FaultType> types() const { return types_; }
  Result<std::uint64_t> inject(const FaultOrder& order, Timestamp at, const Devices& devices);
  Result<void> cancel(std::uint64_t id);
  std::vector<Label> running() const;
  void set_rate(double rate);
  double rate() const { return rate_; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  /// One fault at work. Plain values: its bytes are its state.
  struct Active {
    std::uint64_t id = 0;
    std::uint64_t device = 0;
    Act act = Act::stuck;
    Quantity quantity = Quantity::temperature;  ///< of a stuck sensor
    bool announced = false;
    bool is_holding = false;  ///< `held` has been taken
    double size = 0;
    double held = 0;     ///< what a stuck sensor shows
    double bearing = 0;  ///< of a jump, radians; of a skew its sign
    Timestamp starts;
    Timestamp ends;
  };

  Active drawn(const Devices& devices);
  void begin(Active fault, Timestamp at);
  void begin_before(Timestamp at, Devices& devices);
  void change_cooling(const Active& fault, Devices& devices) const;
  void falsify(Active& fault, std::span<PlantValue> shown);
  Label label_of(const Active& fault) const;

  // Set once in the constructor.
  const std::string asset_;
  const Register& names_;
  std::vector<FaultType> types_;

  // The state.
  Random random_{0};
  double rate_ = 0.02;
  Timestamp now_;
  std::uint64_t next_id_ = 1;
  double to_next_ = 1;  ///< what is left of the wait for chance, in units of its mean
  std::vector<Active> active_;
  std::vector<bool> is_faulty_;  ///< by device
};

}  // namespace sosie::fleet
