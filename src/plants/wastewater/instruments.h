#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "plants/wastewater/noise_lanes.h"
#include "plants/wastewater/sensor_list.h"
#include "simulation/plant.h"

namespace sosie::wastewater {

/// What the running faults do to one sensor in this step. The default: nothing.
struct Tamper {
  bool any = false;  ///< something below is not as usual
  double gain = 1;
  double bias = 0;  ///< in the sensor's unit
  double noise_factor = 1;
  double slowness = 1;      ///< of the response
  double drop_chance = 0;   ///< that a value is not sent
  double spike_chance = 0;  ///< of a spike in this step
  double spike = 0;         ///< its size, in the sensor's unit
  bool stuck = false;
  bool fixed = false;     ///< at `value`, in range or not
  bool injected = false;  ///< `value` with the sensor's own noise, kept in range
  bool replayed = false;  ///< what was sent half an hour ago, again and again
  bool swapped = false;   ///< shows what the sensor `with` measures
  std::uint16_t with = 0;
  std::int32_t off_ms = 0;  ///< of its clock
  double value = 0;
};

/// Says that people are at it.
void mark_serviced(PlantValue& value);

/// How much noise a sensor has.
enum class NoiseLaw : std::uint8_t {
  own,        ///< the sensor list's `noise_sd`, at each new value
  benchmark,  ///< BSM1's: 2.5 % of the range, a new one a minute, for every sensor that has noise
};
/// Its standard deviation, in the sensor's unit.
double sensor_noise(const SensorRow& row, NoiseLaw law);

/// All sensors of the plant: from the process's true values to what the devices send.
///
/// The order, for each: probe, lags in series, gain and bias, drift, noise, range, resolution, hold
/// until the next new value; then spikes, failures, and what an attacker puts in its place. The
/// noise comes from a generator of each sensor's own, the faults' chance from another, so that a
/// fault changes nothing but what it should.
///
/// All that every sensor goes through stands in arrays, sensors of one kind of response side by
/// side, so that a step is a few loops over vectors; the few that are tampered with are done again
/// one by one. A slot is a sensor's place in these arrays.
class Instruments {
 public:
  Instruments(std::vector<SensorRow> rows, std::uint64_t seed, const Process& process,
              NoiseLaw noise = NoiseLaw::own);

  /// What the running faults do to the sensors: one element per row, and the rows of which one is
  /// not as usual, each once.
  struct Meddling {
    std::span<const Tamper> tampers;
    std::span<const std::uint16_t> tampered;
  };
  /// How people look after the sensors: one element per row each.
  struct Care {
    std::span<const std::uint8_t> serviced;  ///< says what it said before
    std::span<const double> off;             ///< has drifted by, in the sensor's unit
  };
  /// One step of 5 s. `values` has one element per row.
  void step(const Process& process, const Meddling& meddling, const Care& care,
            std::span<PlantValue> values);

  std::span<const SensorRow> rows() const { return rows_; }
  double shown(std::size_t index) const { return shown_[slot_of_[index]]; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  static constexpr std::size_t recorded_steps = 360;  ///< half an hour

  /// Lags in series: [lag][sensor], all of as many lags.
  template <std::size_t Lags>
  struct Line {
    std::size_t first = 0;  ///< slot
    std::size_t count = 0;
    std::array<std::vector<double>, Lags> level;
    void settle(std::span<const double> at);
    void step(std::span<const double> share, std::span<double> values);
  };

  void arrange();
  void probe(const Process& process);
  void respond(const Meddling& meddling);
  void sample(const Process& process);
  void draw();
  void show(const Meddling& meddling, const Care& care, std::span<PlantValue> values);
  void renew(std::span<const double> off);
  void meddle(std::size_t row, const Tamper& tamper, double off);
  double tamper_with(std::size_t slot, const Tamper& tamper);
  double measured(std::size_t slot, double gain, double bias, double noise) const;
  bool is_due(std::size_t slot) const { return due_[slot] != 0; }

  // Set once in the constructor.
  std::vector<SensorRow> rows_;
  NoiseLaw law_;
  std::vector<std::uint16_t> slot_of_;  ///< a row's
  std::vector<std::uint16_t> row_of_;   ///< a slot's
  std::size_t lagged_ = 0;              ///< slots: two lags, then eight
  std::size_t fast_ = 0;                ///< and states; what follows is sampled or a composite
  std::vector<double (*)(const Process&)> look_;
  std::vector<double> share_;  ///< of its way that each lag goes in a step
  std::vector<double> low_;
  std::vector<double> high_;
  std::vector<double> noise_sd_;
  std::vector<double> per_unit_;
  std::vector<double> every_steps_;

  // The state, by slots.
  Line<2> two_;
  Line<8> eight_;
  std::vector<NoiseLanes> lanes_;
  std::vector<double> steps_to_new_;
  std::vector<double> held_;     ///< what the sensor says until its next new value
  std::vector<double> shown_;    ///< what was last sent
  std::vector<double> awaited_;  ///< a sample on its way to its result, or a composite's sum
  std::vector<double> result_;   ///< of the last complete composite
  std::vector<double> summed_;   ///< steps in it
  std::vector<double> minute_;   ///< the benchmark's noise, until the next minute
  std::vector<double> minute_steps_;
  Random chance_;                 ///< of faults
  std::vector<float> recording_;  ///< [step % recorded_steps][slot]
  std::size_t record_ = 0;

  // A step's own.
  struct Said {
    std::uint16_t row = 0;
    float recorded = 0;
    PlantValue value;
  };
  std::vector<Said> said_;
  std::vector<double> value_;  ///< that a new measurement would be of
  std::vector<double> noise_;  ///< of deviation 1
  std::vector<double> due_;    ///< 1: a new value
  std::vector<double> share_now_;
};

}  // namespace sosie::wastewater
