#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/random.h"
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
/// The order, for each: probe, lags in series, gain and bias, noise, range, resolution, hold until
/// the next new value; then spikes, failures, and what an attacker puts in its place. The noise
/// comes from a generator of each sensor's own, the faults' chance from another, so that a fault
/// changes nothing but what it should.
class Instruments {
 public:
  Instruments(std::vector<SensorRow> rows, std::uint64_t seed, const Process& process,
              NoiseLaw noise = NoiseLaw::own);

  /// How people look after the sensors: one element per row each.
  struct Care {
    std::span<const std::uint8_t> serviced;  ///< says what it said before
    std::span<const double> off;             ///< has drifted by, in the sensor's unit
  };
  /// One step of 5 s. `tampers` and `values` have one element per row.
  void step(const Process& process, std::span<const Tamper> tampers, const Care& care,
            std::span<PlantValue> values);

  std::span<const SensorRow> rows() const { return rows_; }
  double shown(std::size_t index) const { return devices_[index].shown; }

  void save(std::string& to) const;
  bool load(std::string_view& from);

 private:
  static constexpr std::size_t most_lags = 8;
  static constexpr std::size_t recorded_steps = 360;  ///< half an hour

  struct Device {
    explicit Device(Random noise) : random(noise) {}
    Random random;
    std::array<double, most_lags> lag{};
    double awaited = 0;  ///< a sample on its way to its result, or the sum of a composite
    double result = 0;   ///< of the last complete composite
    double held = 0;     ///< what the sensor says until its next new value
    double shown = 0;    ///< what was last sent
    double noise = 0;    ///< the benchmark's, until the next minute
    int steps_to_new = 0;
    int noise_steps = 0;  ///< for which `noise` still holds
    int summed = 0;
  };

  /// Of a row, what each step asks for: a cache line, where the row's texts take ten.
  struct Dial {
    Dial(const SensorRow& row, NoiseLaw law);
    double in_range(double value) const { return std::clamp(value, low, high); }
    /// Needs the truth in each step, not only when a new value is due.
    bool listens() const {
      return response == SensorRow::Response::lagged || response == SensorRow::Response::composite;
    }

    double (*look)(const Process&);
    double share = 1;  ///< of its way that each lag goes in a step
    double low;
    double high;
    double noise_sd;
    double per_unit;
    int lags;
    int every_steps;
    SensorRow::Response response;
  };

  double respond(std::size_t index, double truth, double slowness);
  void renew(std::size_t index, double value, const Tamper& tamper, double off);
  double noise(const Dial& dial, Device& device) const;
  double tamper_with(std::size_t index, const Tamper& tamper);

  std::vector<SensorRow> rows_;
  NoiseLaw law_;
  std::vector<Dial> dials_;
  std::vector<Device> devices_;
  Random chance_;                 ///< of faults
  std::vector<float> recording_;  ///< [step % recorded_steps][sensor]
  std::size_t record_ = 0;
};

}  // namespace sosie::wastewater
