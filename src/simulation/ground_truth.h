#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "simulation/plant.h"

namespace sosie {

/// What a fault has done, and where it showed.
struct TruthEvent {
  Label label;
  std::string weather{};  ///< when it began
  /// What was natural and there while it ran, or its traces.
  std::vector<std::string_view> confounders{};
  std::optional<Timestamp> effect_from{};  ///< the first value of any sensor that it moved
  std::optional<Timestamp> effect_to{};    ///< the last
  std::size_t moved = 0;                   ///< values more than `GroundTruth::moved_noises` off
  double peak = 0;                         ///< the largest deviation, in noises
};

/// A stretch in which a sensor was under an event's influence.
struct TruthTrace {
  std::size_t sensor = 0;
  std::size_t event = 0;  ///< index into events()
  bool direct = false;    ///< tampered with, or where the fault strikes; else a consequence
  Timestamp from;
  Timestamp to;                            ///< the last value that belongs to it
  std::optional<Timestamp> first_moved{};  ///< none: never off by so much
  double peak = 0;                         ///< with its sign, in noises
  double peak_off = 0;                     ///< the same in the sensor's unit
  Quality worst = Quality::good;           ///< of its values; one that was not sent is bad
};

/// Finds what faults do by living the same plant a second time without them: same seed, same
/// weather, same noise, bit for bit, so that where the two part a fault is the cause.
///
/// A sensor that a label names as direct is labelled as long as its cause acts. Any other is while
/// it is off by more than `moved_noises` of its own noise, or silent; of several faults at work it
/// is laid to the one whose label names it, else to the last begun of those whose labels name
/// consequences at all (a stuck sensor in no loop moves no other). Single values that are back for
/// less than `gap` do not end a stretch. Faults that ended more than `aftermath` ago are no cause.
///
/// Cost: a second plant's steps. Memory: events and traces. Threads: one at a time.
class GroundTruth final : public LabelSink {
 public:
  static constexpr double moved_noises = 3;
  static constexpr Duration gap = std::chrono::minutes(1);
  static constexpr Duration aftermath = std::chrono::hours(24);

  /// REQUIRES: `plant` has started, and no fault is at work yet. Errors: it cannot be copied.
  static Result<std::unique_ptr<GroundTruth>> beside(const Plant& plant);

  /// What the plant's step has told of labels.
  void label(const Label& label) override;

  /// The values of the plant's step at `at`, after its labels. The other plant lives the same step.
  /// `plant` is the one that gave them.
  void step(Timestamp at, std::span<const PlantValue> values, const Plant& plant);

  /// Ends what is open.
  void finish();

  std::span<const TruthEvent> events() const { return events_; }
  /// In the order in which they ended.
  std::span<const TruthTrace> traces() const { return traces_; }
  std::uint64_t labelled() const { return labelled_; }  ///< values under an event's influence
  std::uint64_t values() const { return values_; }  ///< all values, also those that were not sent
  std::uint64_t steps() const { return steps_; }
  std::uint64_t steps_under_event() const { return under_event_; }

 private:
  /// An event that may still be the cause of something.
  struct Active {
    std::size_t event = 0;
    bool runs = true;
    Timestamp ended;
    std::vector<bool> direct;        ///< by sensor
    std::vector<bool> consequences;  ///< by sensor
  };

  explicit GroundTruth(std::unique_ptr<Plant> other);

  std::vector<bool> sensors_of(const std::vector<std::string>& names) const;
  const Active* cause_of(std::size_t sensor) const;
  const Active* strikes(std::size_t sensor, Timestamp at) const;
  void look(std::size_t sensor, Timestamp at, const PlantValue& actual, const PlantValue& without);
  void extend(std::size_t sensor, std::size_t event, bool direct, Timestamp at);
  Quality quality_of(std::size_t sensor, const PlantValue& value) const;
  void close(std::size_t sensor);
  void note(std::size_t sensor, Timestamp at, double off);
  void look_around(const Plant& plant);

  std::unique_ptr<Plant> other_;
  std::vector<PlantValue> without_;
  std::vector<double> noise_;  ///< by sensor
  std::vector<double> low_;    ///< of its range, by sensor
  std::vector<double> high_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<TruthEvent> events_;
  std::vector<TruthTrace> traces_;
  std::vector<std::optional<TruthTrace>> open_;  ///< by sensor
  std::vector<Active> active_;
  std::uint64_t labelled_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t under_event_ = 0;
};

}  // namespace sosie
