#include "plants/wastewater/instruments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "plants/wastewater/archive.h"
#include "plants/wastewater/quantile.h"

namespace sosie::wastewater {

using Response = SensorRow::Response;

void mark_serviced(PlantValue& value) {
  value.quality = Quality::uncertain;
  value.reason = QualityReason::maintenance;
}

namespace {

/// As the device shows it. std::round, but inline: it costs as much as the rest otherwise.
double in_ticks(double value, double per_unit) {
  const double ticks = std::abs(value) * per_unit;
  return std::copysign(std::floor(ticks + 0.5) / per_unit, value);
}

/// After how many steps, and parts of one, `lags` equal lags that each go `share` of their way in a
/// step are at 90 % of a step of their input.
double steps_to_90(int lags, double share) {
  std::array<double, 8> level{};
  double before = 0;
  for (int step = 1;; ++step) {
    double into = 1;
    for (int k = 0; k < lags; ++k) {
      double& lag = level[static_cast<std::size_t>(k)];
      lag += share * (into - lag);
      into = lag;
    }
    if (into >= 0.9) return step - (into - 0.9) / (into - before);
    before = into;
  }
}

/// The share that gives the response its class has, seen every 5 s. The lag's own, 1 - exp(-5 s/T),
/// answers up to 4 % too early, as each lag hears at once what the one before has become.
double share_for(int lags, double t90_s) {
  const double wanted = t90_s / (step_h * 3600);
  double low = 1e-4;
  double high = 1;
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (steps_to_90(lags, middle) > wanted ? low : high) = middle;
  }
  return high;
}

double noise_of(Random& random) {
  return normal_quantile(random.uniform() + 0x1.0p-54);  // never 0, never 1
}

}  // namespace

double sensor_noise(const SensorRow& row, NoiseLaw law) {
  constexpr double of_range = 0.025;  // BSM1's noise level (sensorinit.m)
  if (law == NoiseLaw::own || row.noise_sd == 0) return row.noise_sd;
  return of_range * (row.high - row.low);
}

Instruments::Dial::Dial(const SensorRow& row, NoiseLaw law)
    : look(row.probe->look),
      low(row.low),
      high(row.high),
      noise_sd(sensor_noise(row, law)),
      per_unit(row.per_unit),
      lags(row.lags),
      every_steps(row.every_steps),
      response(row.response) {}

Instruments::Instruments(std::vector<SensorRow> rows, std::uint64_t seed, const Process& process,
                         NoiseLaw noise)
    : rows_(std::move(rows)),
      law_(noise),
      chance_(Random(seed).fork(0)),
      recording_(rows_.size() * recorded_steps) {
  const Random root(seed);
  std::map<std::pair<int, double>, double> shares;  // a few classes for all
  dials_.reserve(rows_.size());
  devices_.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const SensorRow& row = rows_[i];
    Dial& dial = dials_.emplace_back(row, noise);
    double& share = shares[{row.lags, row.t90_s}];
    if (share == 0) share = row.lags > 0 ? share_for(row.lags, row.t90_s) : 1;
    dial.share = share;
    Device device(root.fork(i + 1));
    const double truth = dial.in_range(dial.look(process));
    device.lag.fill(truth);
    device.awaited = row.response == Response::composite ? 0 : truth;
    device.result = truth;
    device.held = device.shown = in_ticks(truth, row.per_unit);
    device.steps_to_new =
        static_cast<int>(device.random.below(static_cast<std::uint64_t>(row.every_steps)));
    devices_.push_back(device);
  }
}

/// The value that a new measurement would be of, noise apart.
double Instruments::respond(std::size_t index, double truth, double slowness) {
  const Dial& dial = dials_[index];
  Device& device = devices_[index];
  if (dial.response == Response::lagged) {
    const double share = slowness == 1 ? dial.share : dial.share / slowness;
    double into = truth;
    for (int k = 0; k < dial.lags; ++k) {
      double& lag = device.lag[static_cast<std::size_t>(k)];
      lag += share * (into - lag);
      into = lag;
    }
    return into;
  }
  if (dial.response == Response::composite) {
    device.awaited += truth;
    ++device.summed;
  }
  return truth;
}

/// One that is new each time, or the benchmark's, which holds for a minute.
double Instruments::noise(const Dial& dial, Device& device) const {
  constexpr int minute_steps = 12;
  if (dial.noise_sd <= 0) return 0;
  if (law_ == NoiseLaw::own) return dial.noise_sd * noise_of(device.random);
  device.noise_steps -= dial.every_steps;
  if (device.noise_steps < 0) {
    device.noise_steps = std::max(minute_steps, dial.every_steps) - dial.every_steps;
    device.noise = dial.noise_sd * noise_of(device.random);
  }
  return device.noise;
}

void Instruments::renew(std::size_t index, double value, const Tamper& tamper, double off) {
  const Dial& dial = dials_[index];
  Device& device = devices_[index];
  if (dial.response == Response::sampled) std::swap(value, device.awaited);
  if (dial.response == Response::composite) {
    value = device.result;
    device.result = device.awaited / std::max(device.summed, 1);
    device.awaited = 0;
    device.summed = 0;
  }
  const double measured = dial.in_range(tamper.gain * value + off + tamper.bias +
                                        tamper.noise_factor * noise(dial, device));
  device.held = in_ticks(measured, dial.per_unit);
}

double Instruments::tamper_with(std::size_t index, const Tamper& t) {
  const Dial& dial = dials_[index];
  const Device& device = devices_[index];
  double value = t.swapped ? dial.in_range(devices_[t.with].held) : device.held;
  if (t.spike_chance > 0 && chance_.uniform() < t.spike_chance) {
    const double side = chance_.uniform() < 0.5 ? -1 : 1;
    value = dial.in_range(value + side * t.spike);
  }
  if (t.injected) value = dial.in_range(t.value + dial.noise_sd * noise_of(chance_));
  if (t.replayed) value = recording_[record_ * rows_.size() + index];
  if (t.fixed) return t.value;
  if (t.stuck) return device.shown;
  return in_ticks(value, dial.per_unit);
}

void Instruments::step(const Process& process, std::span<const Tamper> tampers, const Care& care,
                       std::span<PlantValue> values) {
  for (std::size_t i = 0; i < dials_.size(); ++i) {
    const Dial& dial = dials_[i];
    Device& device = devices_[i];
    const Tamper& tamper = tampers[i];
    const bool is_due = --device.steps_to_new < 0;
    if (is_due || dial.listens()) {
      const double value = respond(i, dial.look(process), tamper.slowness);
      if (is_due) renew(i, value, tamper, care.off[i]);
    }
    if (is_due) device.steps_to_new = dial.every_steps - 1;
    const bool is_serviced = care.serviced[i] != 0;
    if (!is_serviced) device.shown = tamper.any ? tamper_with(i, tamper) : device.held;
    if (!tamper.replayed) {
      recording_[record_ * rows_.size() + i] = static_cast<float>(device.shown);
    }
    const bool dropped = tamper.drop_chance > 0 && chance_.uniform() < tamper.drop_chance;
    values[i] = {.value = device.shown, .sent = !dropped, .off_ms = tamper.off_ms};
    if (is_serviced) mark_serviced(values[i]);
  }
  record_ = (record_ + 1) % recorded_steps;
}

void Instruments::save(std::string& to) const {
  put_all(to, devices_);
  put_bytes(to, chance_);
  put_all(to, recording_);
  put_bytes(to, record_);
}

bool Instruments::load(std::string_view& from) {
  return take_all(from, devices_) && take_bytes(from, chance_) && take_all(from, recording_) &&
         take_bytes(from, record_) && record_ < recorded_steps;
}

}  // namespace sosie::wastewater
