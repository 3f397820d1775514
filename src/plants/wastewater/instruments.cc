#include "plants/wastewater/instruments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

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

template <std::size_t Lags>
void Instruments::Line<Lags>::settle(std::span<const double> at) {
  for (auto& row : level)
    row.assign(at.begin() + static_cast<std::ptrdiff_t>(first),
               at.begin() + static_cast<std::ptrdiff_t>(first + count));
}

/// The values that go in become those that come out.
template <std::size_t Lags>
void Instruments::Line<Lags>::step(std::span<const double> share, std::span<double> values) {
  const double* go = share.data() + first;
  double* into = values.data() + first;
  for (auto& row : level) {
    double* lag = row.data();
    for (std::size_t i = 0; i < count; ++i) {
      lag[i] += go[i] * (into[i] - lag[i]);
      into[i] = lag[i];
    }
  }
}

/// Gives each row its slot.
void Instruments::arrange() {
  const auto take = [&](auto&& fits) {
    const std::size_t before = row_of_.size();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!fits(rows_[i])) continue;
      slot_of_[i] = static_cast<std::uint16_t>(row_of_.size());
      row_of_.push_back(static_cast<std::uint16_t>(i));
    }
    return row_of_.size() - before;
  };
  const auto lagged = [](int lags) {
    return [lags](const SensorRow& row) {
      return row.response == Response::lagged && row.lags == lags;
    };
  };
  two_.count = take(lagged(2));
  eight_.first = two_.count;
  eight_.count = take(lagged(8));
  lagged_ = row_of_.size();
  take([](const SensorRow& row) { return row.response == Response::state; });
  fast_ = row_of_.size();
  take([](const SensorRow& row) {
    return row.response == Response::sampled || row.response == Response::composite;
  });
}

Instruments::Instruments(std::vector<SensorRow> rows, std::uint64_t seed, const Process& process,
                         NoiseLaw noise)
    : rows_(std::move(rows)), law_(noise), slot_of_(rows_.size()), chance_(Random(seed).fork(0)) {
  arrange();
  const std::size_t padded =
      (rows_.size() + NoiseLanes::lanes - 1) / NoiseLanes::lanes * NoiseLanes::lanes;
  lanes_.resize(padded / NoiseLanes::lanes);
  noise_.resize(padded);
  for (auto* each : {&awaited_, &result_, &summed_, &minute_, &minute_steps_, &due_}) {
    each->resize(rows_.size());
  }
  recording_.resize(rows_.size() * recorded_steps);
  const Random root(seed);
  std::map<std::pair<int, double>, double> shares;  // a few classes for all
  for (const std::uint16_t index : row_of_) {
    const SensorRow& row = rows_[index];
    const std::size_t slot = look_.size();
    double& share = shares[{row.lags, row.t90_s}];
    if (share == 0) share = row.lags > 0 ? share_for(row.lags, row.t90_s) : 1;
    share_.push_back(share);
    look_.push_back(row.probe->look);
    low_.push_back(row.low);
    high_.push_back(row.high);
    noise_sd_.push_back(sensor_noise(row, law_));
    per_unit_.push_back(row.per_unit);
    every_steps_.push_back(row.every_steps);
    Random own = root.fork(index + std::uint64_t{1});
    steps_to_new_.push_back(
        static_cast<double>(own.below(static_cast<std::uint64_t>(row.every_steps))));
    lanes_[slot / NoiseLanes::lanes].seed(slot % NoiseLanes::lanes, own);
    const double truth = std::clamp(row.probe->look(process), row.low, row.high);
    value_.push_back(truth);
    held_.push_back(in_ticks(truth, row.per_unit));
    result_[slot] = truth;
    if (row.response == Response::sampled) awaited_[slot] = truth;
  }
  shown_ = held_;
  share_now_ = share_;
  two_.settle(value_);
  eight_.settle(value_);
}

/// What is measured at every step.
void Instruments::probe(const Process& process) {
  for (std::size_t slot = 0; slot < fast_; ++slot) value_[slot] = look_[slot](process);
}

void Instruments::respond(const Meddling& meddling) {
  for (const std::uint16_t row : meddling.tampered) {
    share_now_[slot_of_[row]] = share_[slot_of_[row]] / meddling.tampers[row].slowness;
  }
  two_.step(share_now_, value_);
  eight_.step(share_now_, value_);
  for (const std::uint16_t row : meddling.tampered)
    share_now_[slot_of_[row]] = share_[slot_of_[row]];
}

/// Samples and composites, whose result is there one interval later.
void Instruments::sample(const Process& process) {
  for (std::size_t slot = fast_; slot < look_.size(); ++slot) {
    if (rows_[row_of_[slot]].response == Response::composite) {
      awaited_[slot] += look_[slot](process);
      summed_[slot] += 1;
      if (!is_due(slot)) continue;
      value_[slot] = result_[slot];
      result_[slot] = awaited_[slot] / summed_[slot];
      awaited_[slot] = summed_[slot] = 0;
    } else if (is_due(slot)) {
      value_[slot] = std::exchange(awaited_[slot], look_[slot](process));
    }
  }
}

/// Noise for all, whether it is needed or not: a fault and an interval change nobody else's. The
/// benchmark's holds for a minute.
void Instruments::draw() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i].next(noise_.data() + i * NoiseLanes::lanes);
  }
  if (law_ == NoiseLaw::own) return;
  constexpr double minute_steps = 12;
  for (std::size_t slot = 0; slot < look_.size(); ++slot) {
    if (--minute_steps_[slot] < 0) {
      minute_steps_[slot] = minute_steps - 1;
      minute_[slot] = noise_[slot];
    }
    noise_[slot] = minute_[slot];
  }
}

/// A new value where one is due.
void Instruments::renew(std::span<const double> off) {
  const std::size_t count = look_.size();
  const double* low = low_.data();
  const double* high = high_.data();
  const double* per_unit = per_unit_.data();
  for (std::size_t i = 0; i < count; ++i) {
    const double clean = value_[i] + off[row_of_[i]] + noise_sd_[i] * noise_[i];
    const double within = std::min(std::max(clean, low[i]), high[i]);
    const double shown = in_ticks(within, per_unit[i]);
    held_[i] = due_[i] != 0 ? shown : held_[i];
  }
}

double Instruments::measured(std::size_t slot, double gain, double bias, double noise) const {
  const double value = gain * value_[slot] + bias + noise;
  return in_ticks(std::clamp(value, low_[slot], high_[slot]), per_unit_[slot]);
}

/// A tampered sensor's value anew; what it holds must not be that of a sound one.
void Instruments::meddle(std::size_t row, const Tamper& tamper, double off) {
  const std::size_t slot = slot_of_[row];
  if (!is_due(slot)) return;
  held_[slot] = measured(slot, tamper.gain, tamper.bias + off,
                         tamper.noise_factor * noise_sd_[slot] * noise_[slot]);
}

double Instruments::tamper_with(std::size_t slot, const Tamper& t) {
  const auto in_range = [&](double value) { return std::clamp(value, low_[slot], high_[slot]); };
  double value = t.swapped ? in_range(held_[slot_of_[t.with]]) : held_[slot];
  if (t.spike_chance > 0 && chance_.uniform() < t.spike_chance) {
    const double side = chance_.uniform() < 0.5 ? -1 : 1;
    value = in_range(value + side * t.spike);
  }
  if (t.injected) value = in_range(t.value + noise_sd_[slot] * noise_of(chance_));
  if (t.replayed) value = recording_[record_ * rows_.size() + slot];
  if (t.fixed) return t.value;
  if (t.stuck) return shown_[slot];
  return in_ticks(value, per_unit_[slot]);
}

void Instruments::step(const Process& process, const Meddling& meddling, const Care& care,
                       std::span<PlantValue> values) {
  const std::size_t count = look_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const double left = steps_to_new_[i] - 1;
    due_[i] = left < 0 ? 1 : 0;
    steps_to_new_[i] = left < 0 ? every_steps_[i] - 1 : left;
  }
  probe(process);
  respond(meddling);
  sample(process);
  draw();
  renew(care.off);
  for (const std::uint16_t row : meddling.tampered) {
    meddle(row, meddling.tampers[row], care.off[row]);
  }
  show(meddling, care, values);
}

void Instruments::show(const Meddling& meddling, const Care& care, std::span<PlantValue> values) {
  float* recorded = recording_.data() + record_ * look_.size();
  // What the tampered say first: they may need what all have said before.
  said_.clear();
  for (const std::uint16_t row : meddling.tampered) {
    const Tamper& tamper = meddling.tampers[row];
    const std::size_t slot = slot_of_[row];
    Said& said = said_.emplace_back();
    said.row = row;
    said.value = {.value = care.serviced[row] != 0 ? shown_[slot] : tamper_with(slot, tamper),
                  .sent = !(tamper.drop_chance > 0 && chance_.uniform() < tamper.drop_chance),
                  .off_ms = tamper.off_ms};
    said.recorded = tamper.replayed ? recorded[slot] : static_cast<float>(said.value.value);
  }
  for (std::size_t slot = 0; slot < look_.size(); ++slot) {
    const std::uint16_t row = row_of_[slot];
    if (care.serviced[row] == 0) shown_[slot] = held_[slot];
    recorded[slot] = static_cast<float>(shown_[slot]);
    values[row] = {.value = shown_[slot]};
    if (care.serviced[row] != 0) mark_serviced(values[row]);
  }
  for (const Said& said : said_) {
    const std::size_t slot = slot_of_[said.row];
    shown_[slot] = said.value.value;
    recorded[slot] = said.recorded;
    values[said.row] = said.value;
    if (care.serviced[said.row] != 0) mark_serviced(values[said.row]);
  }
  record_ = (record_ + 1) % recorded_steps;
}

void Instruments::save(std::string& to) const {
  for (const auto& row : two_.level) put_all(to, row);
  for (const auto& row : eight_.level) put_all(to, row);
  put_all(to, lanes_);
  for (const auto* each :
       {&steps_to_new_, &held_, &shown_, &awaited_, &result_, &summed_, &minute_, &minute_steps_}) {
    put_all(to, *each);
  }
  put_bytes(to, chance_);
  put_all(to, recording_);
  put_bytes(to, record_);
}

bool Instruments::load(std::string_view& from) {
  const auto take = [&](auto&... each) { return (take_all(from, each) && ...); };
  const auto take_lags = [&](auto& line) {
    return std::ranges::all_of(line.level, [&](auto& row) { return take_all(from, row); });
  };
  return take_lags(two_) && take_lags(eight_) &&
         take(lanes_, steps_to_new_, held_, shown_, awaited_, result_, summed_, minute_,
              minute_steps_) &&
         take_bytes(from, chance_) && take_all(from, recording_) && take_bytes(from, record_) &&
         record_ < recorded_steps;
}

}  // namespace sosie::wastewater
