#include "simulation/ground_truth.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "simulation/what_if.h"

namespace sosie {
namespace {

class NoLabels final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

/// Of a sensor whose noise nobody knows: a thousandth of its range.
double noise_of(const Plant& plant, std::size_t sensor) {
  const double known = plant.noise(sensor);
  if (known > 0) return known;
  const auto info = plant.describe(sensor);
  const double range = info.high.value_or(1) - info.low.value_or(0);
  return range > 0 ? range / 1000 : 1e-3;
}

}  // namespace

Result<std::unique_ptr<GroundTruth>> GroundTruth::beside(const Plant& plant) {
  auto other = TRY(fork(plant));
  other->set_fault_rate(0);
  return std::unique_ptr<GroundTruth>(new GroundTruth(std::move(other)));
}

GroundTruth::GroundTruth(std::unique_ptr<Plant> other)
    : other_(std::move(other)), without_(other_->sensor_count()), open_(other_->sensor_count()) {
  constexpr double endless = std::numeric_limits<double>::infinity();
  noise_.reserve(without_.size());
  low_.reserve(without_.size());
  high_.reserve(without_.size());
  for (std::size_t i = 0; i < without_.size(); ++i) {
    const auto info = other_->describe(i);
    noise_.push_back(noise_of(*other_, i));
    low_.push_back(info.low.value_or(-endless));
    high_.push_back(info.high.value_or(endless));
    by_name_.emplace(info.entity.str(), i);  // a label may name an entity, by its first sensor
    by_name_.emplace(info.name(), i);
  }
}

std::vector<bool> GroundTruth::sensors_of(const std::vector<std::string>& names) const {
  std::vector<bool> named(noise_.size());
  for (const auto& name : names) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) named[found->second] = true;
  }
  return named;
}

void GroundTruth::label(const Label& label) {
  const auto known = std::ranges::find_if(
      active_, [&](const Active& one) { return events_[one.event].label.id == label.id; });
  if (known != active_.end()) {
    events_[known->event].label = label;
    if (!label.over) return;
    known->runs = false;
    known->ended = label.end;
    return;
  }
  active_.push_back({.event = events_.size(),
                     .runs = !label.over,
                     .ended = label.end,
                     .direct = sensors_of(label.direct),
                     .consequences = sensors_of(label.consequences)});
  events_.push_back({.label = label});
}

/// The acting event that names it as direct; the last begun of several.
const GroundTruth::Active* GroundTruth::strikes(std::size_t sensor, Timestamp at) const {
  const auto found = std::find_if(active_.rbegin(), active_.rend(), [&](const Active& one) {
    const auto& cause_ends = events_[one.event].label.cause_ends;
    return one.runs && one.direct[sensor] && (!cause_ends || at < *cause_ends);
  });
  return found == active_.rend() ? nullptr : &*found;
}

/// Who has moved it: see the class.
const GroundTruth::Active* GroundTruth::cause_of(std::size_t sensor) const {
  const auto names = std::find_if(active_.rbegin(), active_.rend(), [&](const Active& one) {
    return one.consequences[sensor] || one.direct[sensor];
  });
  if (names != active_.rend()) return &*names;
  const auto moves_others = std::find_if(active_.rbegin(), active_.rend(), [&](const Active& one) {
    return !events_[one.event].label.consequences.empty();
  });
  return moves_others == active_.rend() ? nullptr : &*moves_others;
}

void GroundTruth::close(std::size_t sensor) {
  if (!open_[sensor]) return;
  traces_.push_back(*open_[sensor]);
  open_[sensor].reset();
}

void GroundTruth::extend(std::size_t sensor, std::size_t event, bool direct, Timestamp at) {
  auto& open = open_[sensor];
  if (open && (open->event != event || open->direct != direct || at - open->to > gap)) {
    close(sensor);
  }
  if (!open) {
    open = TruthTrace{.sensor = sensor, .event = event, .direct = direct, .from = at, .to = at};
  }
  open->to = at;
}

/// It is off by so much now.
void GroundTruth::note(std::size_t sensor, Timestamp at, double off) {
  TruthTrace& trace = *open_[sensor];
  TruthEvent& event = events_[trace.event];
  const double noises = off / noise_[sensor];
  if (!trace.first_moved) trace.first_moved = at;
  if (!event.effect_from) event.effect_from = at;
  event.effect_to = at;
  ++event.moved;
  event.peak = std::max(event.peak, std::abs(noises));
  if (std::abs(noises) <= std::abs(trace.peak)) return;
  trace.peak = noises;
  trace.peak_off = off;
}

/// As whoever receives it would mark it.
Quality GroundTruth::quality_of(std::size_t sensor, const PlantValue& value) const {
  if (!value.sent) return Quality::bad;
  const bool is_outside = value.value < low_[sensor] || value.value > high_[sensor];
  return is_outside ? Quality::bad : value.quality;
}

void GroundTruth::look(std::size_t sensor, Timestamp at, const PlantValue& actual,
                       const PlantValue& without) {
  const double off = actual.value - without.value;
  const bool is_moved = std::abs(off) > moved_noises * noise_[sensor];
  const bool is_other = actual.sent != without.sent || actual.off_ms != without.off_ms;
  if (const Active* striking = strikes(sensor, at)) {
    extend(sensor, striking->event, true, at);
  } else if (const Active* cause = is_moved || is_other ? cause_of(sensor) : nullptr) {
    extend(sensor, cause->event, false, at);
  } else {
    if (open_[sensor] && at - open_[sensor]->to > gap) close(sensor);
    return;
  }
  ++labelled_;
  auto& worst = open_[sensor]->worst;
  worst = std::max(worst, quality_of(sensor, actual));
  if (is_moved || is_other) note(sensor, at, is_moved ? off : 0);
}

/// What else goes on, of those events that run.
void GroundTruth::look_around(const Plant& plant) {
  if (std::ranges::none_of(active_, &Active::runs)) return;
  for (auto event = events_.rbegin(); event != events_.rend() && event->weather.empty(); ++event) {
    event->weather = plant.weather();
  }
  const auto confounders = plant.confounders();
  for (const Active& one : active_) {
    if (!one.runs) continue;
    auto& known = events_[one.event].confounders;
    for (const auto confounder : confounders) {
      if (std::ranges::find(known, confounder) == known.end()) known.push_back(confounder);
    }
  }
}

void GroundTruth::step(Timestamp at, std::span<const PlantValue> values, const Plant& plant) {
  NoLabels nobody;
  other_->step(without_, nobody);
  look_around(plant);
  std::erase_if(active_,
                [&](const Active& one) { return !one.runs && at - one.ended > aftermath; });
  for (std::size_t i = 0; i < noise_.size(); ++i) look(i, at, values[i], without_[i]);
  ++steps_;
  values_ += values.size();
  if (std::ranges::any_of(active_, &Active::runs)) ++under_event_;
}

void GroundTruth::finish() {
  for (std::size_t i = 0; i < open_.size(); ++i) close(i);
}

}  // namespace sosie
