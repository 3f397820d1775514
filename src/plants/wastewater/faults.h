#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "plants/wastewater/fault_types.h"
#include "simulation/plant.h"

namespace sosie::wastewater {

/// The faults at work: those that people order and those that chance brings; and their labels.
///
/// Chance: each of the five kinds has an equal share of the rate. Sensor-time is saved up for it,
/// and when there is about enough for the next event (drawn beforehand, with all it will cost),
/// that event begins and is paid for. So the labelled share follows the rate on the long run,
/// whatever the events' lengths, and yet no one can tell the hour.
class FaultBoard {
 public:
  /// No fault comes by chance sooner after the start.
  static constexpr Duration quiet_start = std::chrono::minutes(10);
  static constexpr Duration longest = std::chrono::hours(24 * 14);

  /// `rows`: the sensors; must outlive the board.
  FaultBoard(std::span<const SensorRow> rows, std::string asset, Random random, double rate);

  void start(Timestamp at);

  /// Begins and ends what is due at `now`, says so to `labels`, and sets what the rest of the step
  /// needs.
  void step(Timestamp now, const Instruments& instruments, LabelSink& labels);

  const Disturbance& disturbance() const { return disturbance_; }
  Instruments::Meddling meddling() const { return {tampers_, tampered_}; }

  Result<std::uint64_t> inject(const FaultOrder& order, Timestamp next,
                               const Instruments& instruments);
  Result<void> cancel(std::uint64_t id, Timestamp now);
  std::vector<Label> running() const;
  std::span<const FaultType> types() const { return types_; }

  void set_rate(double rate) { rate_ = std::clamp(rate, 0.0, 1.0); }
  double rate() const { return rate_; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  /// One kind's saving, and the event it saves for.
  struct Purse {
    double saved_h = 0;   ///< sensor-hours
    double needed_h = 0;  ///< when the event begins
    double cost_h = 0;    ///< what it is worth
    std::int64_t lasts_us = 0;
    Fault fault;
  };

  void save_up(Timestamp now, const Instruments& instruments);
  void draw_next(Purse& purse, Kind kind);
  bool choose_sensors(Fault& fault, const FaultRow& row);
  void add_siblings(Fault& fault, const FaultRow& row);
  bool is_complete(const Fault& fault, const FaultRow& row) const;
  bool is_suitable(std::size_t sensor, const FaultRow& row) const;
  bool is_taken(const Fault& fault) const;
  double draw_size(const FaultRow& row);
  void begin(Fault fault, Timestamp at, Duration lasts, const Instruments& instruments);
  Result<void> aim(Fault& fault, const FaultRow& row, const FaultOrder& order);
  Error unknown_sensor(std::string_view target) const;
  std::vector<std::string> direct(const Fault& fault) const;
  std::vector<std::string> consequences(const Fault& fault) const;
  Label label_of(const Fault& fault) const;
  void strike(const Fault& fault, Timestamp now);
  void clear_tampers();
  void list_tampered();

  // Set once in the constructor.
  std::span<const SensorRow> rows_;
  std::string asset_;
  std::vector<FaultType> types_;

  // The state.
  Random random_;
  double rate_;
  Timestamp quiet_until_;
  std::uint64_t next_id_ = 1;
  std::array<Purse, 5> purses_{};
  std::vector<Fault> faults_;

  // Made anew at each step.
  Disturbance disturbance_;
  std::vector<Tamper> tampers_;
  std::vector<std::uint16_t> tampered_;  ///< rows
};

}  // namespace sosie::wastewater
