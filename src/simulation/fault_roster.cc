#include "simulation/fault_roster.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "simulation/state_bytes.h"

namespace sosie {
namespace {

constexpr int attempts = 20;  // of chance, to find something that does not run already
constexpr double spike_chance = 0.1;

double hours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}
Duration from_hours(double in_hours) {
  return std::chrono::seconds(std::max<std::int64_t>(std::llround(in_hours * 3600), 1));
}

/// False for NaN too.
bool fits(double size, const FaultType& type) {
  return size >= type.size_low && size <= type.size_high;
}

template <class Names>
std::string suggestion(std::string_view typed, const Names& names) {
  const auto near = nearest(typed, names);
  return near ? fmt::format("; did you mean '{}'?", *near) : std::string();
}

}  // namespace

FaultRoster::FaultRoster(std::vector<FaultSpec> specs, std::span<const SeriesInfo> sensors)
    : specs_(std::move(specs)), sensors_(sensors.begin(), sensors.end()) {
  types_.reserve(specs_.size());
  for (const FaultSpec& spec : specs_) types_.push_back(spec.type);
}

void FaultRoster::start(Timestamp at, const Random& random) {
  random_ = random;
  now_ = at;
  quiet_until_ = at + quiet_start;
  // Labels of another life of the same plant must not get the same numbers.
  next_id_ = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  active_.clear();
  draw_next();
  saved_h_ = needed_h_ * random_.uniform();
}

// ---- chance

void FaultRoster::set_rate(double rate) {
  rate_ = std::clamp(rate, 0.0, 1.0);
}

double FaultRoster::cost_h(const Active& fault) const {
  const std::size_t touched = specs_[fault.spec].act == SensorAct::none
                                  ? std::max<std::size_t>(specs_[fault.spec].direct.size(), 1)
                                  : 1;
  return hours(fault.ends - fault.starts) * static_cast<double>(touched);
}

void FaultRoster::draw_next() {
  double total = 0;
  for (const FaultSpec& spec : specs_) total += spec.weight;
  double at = random_.uniform() * total;
  next_ = {};
  while (next_.spec + 1 < specs_.size() && (at -= specs_[next_.spec].weight) >= 0) ++next_.spec;
  const FaultSpec& spec = specs_[next_.spec];
  next_.size = random_.uniform(spec.type.size_low, spec.type.size_high);
  next_.side = random_.uniform() < 0.5 ? -1 : 1;
  next_.sensor = static_cast<std::uint32_t>(random_.below(sensors_.size()));
  next_.ends = next_.starts + from_hours(random_.uniform(spec.hours_low, spec.hours_high));
  needed_h_ = cost_h(next_) * random_.uniform(0.3, 1.7);
}

bool FaultRoster::is_taken(const Active& fault) const {
  const bool of_process = specs_[fault.spec].act == SensorAct::none;
  return std::ranges::any_of(active_, [&](const Active& other) {
    if (of_process) return other.spec == fault.spec;
    return specs_[other.spec].act != SensorAct::none && other.sensor == fault.sensor;
  });
}

void FaultRoster::begin(Active fault, Timestamp at) {
  const Duration lasts = fault.ends - fault.starts;
  fault.starts = at;
  fault.ends = at + lasts;
  fault.id = next_id_++;
  active_.push_back(fault);
}

void FaultRoster::step(Timestamp now, Duration period, LabelSink& labels) {
  now_ = now;
  if (rate_ > 0) saved_h_ += rate_ * hours(period) * static_cast<double>(sensors_.size());
  if (rate_ > 0 && now >= quiet_until_ && saved_h_ >= needed_h_) {
    for (int i = 0; i < attempts && is_taken(next_); ++i) draw_next();
    if (!is_taken(next_)) {
      saved_h_ -= cost_h(next_);
      begin(next_, now);
    }
    draw_next();
  }
  for (Active& fault : active_) {
    if (!fault.announced) {
      fault.announced = true;
      labels.label(label_of(fault));
    }
    if (now < fault.ends) continue;
    Label label = label_of(fault);
    label.over = true;
    labels.label(label);
  }
  std::erase_if(active_, [&](const Active& fault) { return now >= fault.ends; });
}

// ---- orders

Result<std::uint32_t> FaultRoster::sensor_named(std::string_view target) {
  if (target.empty()) return static_cast<std::uint32_t>(random_.below(sensors_.size()));
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < sensors_.size(); ++i) {
    const SeriesInfo& info = sensors_[i];
    if (target == info.name() || target == info.attribute) return i;
    if (target == info.entity && sensors_.size() == 1) return i;
    names.push_back(info.name());
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  return Error{Errc::not_found,
               fmt::format("target '{}' is no sensor{}", target, suggestion(target, views))};
}

Result<void> FaultRoster::check_target(const FaultSpec& spec, std::string_view target) const {
  const auto& known = spec.type.targets;
  if (target.empty() || std::ranges::find(known, target) != known.end()) return {};
  return Error{Errc::not_found, fmt::format("target '{}' where one of {} was expected", target,
                                            fmt::join(known, ", "))};
}

Result<std::uint64_t> FaultRoster::inject(const FaultOrder& order, Timestamp at) {
  const auto found = std::ranges::find_if(
      specs_, [&](const FaultSpec& spec) { return spec.type.name == order.fault; });
  if (found == specs_.end()) {
    std::vector<std::string_view> names;
    names.reserve(types_.size());
    for (const FaultType& type : types_) names.push_back(type.name);
    return Error{Errc::not_found,
                 fmt::format("fault '{}' where one of {} was expected{}", order.fault,
                             fmt::join(names, ", "), suggestion(order.fault, names))};
  }
  const FaultType& type = found->type;
  if (order.size && !fits(*order.size, type)) {
    return Error{Errc::invalid, fmt::format("size {} where {} to {} {} was expected", *order.size,
                                            type.size_low, type.size_high, type.size_unit)};
  }
  if (order.lasts && (*order.lasts <= Duration::zero() || *order.lasts > longest)) {
    return Error{Errc::invalid, fmt::format("a duration of {:.3g} h where more than 0 and at most "
                                            "{:.0f} h was expected",
                                            hours(*order.lasts), hours(longest))};
  }
  Active fault;
  fault.spec = static_cast<std::uint32_t>(found - specs_.begin());
  if (found->act == SensorAct::none) {
    TRY(check_target(*found, order.target));
  } else {
    fault.sensor = TRY(sensor_named(order.target));
  }
  fault.size = order.size.value_or(random_.uniform(type.size_low, type.size_high));
  fault.side = random_.uniform() < 0.5 ? -1 : 1;
  const double drawn_h = random_.uniform(found->hours_low, found->hours_high);
  fault.ends = fault.starts + order.lasts.value_or(from_hours(drawn_h));
  begin(fault, at);
  return active_.back().id;
}

Result<void> FaultRoster::cancel(std::uint64_t id, Timestamp now) {
  for (Active& fault : active_) {
    if (fault.id != id || fault.ends <= now) continue;
    fault.ends = now;
    return {};
  }
  return Error{Errc::not_found, fmt::format("no fault runs under the number {}", id)};
}

std::vector<Label> FaultRoster::running() const {
  std::vector<Label> labels;
  for (const Active& fault : active_) {
    if (fault.ends > now_) labels.push_back(label_of(fault));
  }
  return labels;
}

Label FaultRoster::label_of(const Active& fault) const {
  const FaultSpec& spec = specs_[fault.spec];
  const bool of_sensor = spec.act != SensorAct::none;
  Label label;
  label.id = fault.id;
  label.asset = sensors_.front().asset;
  label.kind = spec.type.kind;
  label.scenario = spec.type.name;
  label.direct = of_sensor ? std::vector{sensors_[fault.sensor].name()} : spec.direct;
  label.start = fault.starts;
  label.end = fault.ends;
  label.size = fault.size;
  const std::string size = spec.type.size_high > spec.type.size_low
                               ? fmt::format(" ({:.3g} {})", fault.size, spec.type.size_unit)
                               : "";
  const std::string where = of_sensor ? ": " + sensors_[fault.sensor].name() : "";
  label.text = {fmt::format("{}{}{}", spec.type.words.en, size, where),
                fmt::format("{}{}{}", spec.type.words.fr, size, where)};
  return label;
}

// ---- what they do

const FaultRoster::Active* FaultRoster::find(std::string_view name) const {
  for (const Active& fault : active_) {
    if (specs_[fault.spec].type.name == name && now_ >= fault.starts) return &fault;
  }
  return nullptr;
}

Tamper FaultRoster::tamper(std::size_t sensor) const {
  Tamper tamper;
  for (const Active& fault : active_) {
    if (fault.sensor != sensor || now_ < fault.starts) continue;
    const double age =
        std::clamp(hours(now_ - fault.starts) / hours(fault.ends - fault.starts), 0.0, 1.0);
    switch (specs_[fault.spec].act) {
      case SensorAct::none:
        break;
      case SensorAct::stuck:
        tamper.stuck = true;
        break;
      case SensorAct::bias:
        tamper.offset += fault.side * fault.size;
        break;
      case SensorAct::drift:
        tamper.offset += fault.side * fault.size * age;
        break;
      case SensorAct::gain:
        tamper.gain *= fault.size;
        break;
      case SensorAct::noise:
        tamper.noise_factor *= fault.size;
        break;
      case SensorAct::dropout:
        tamper.drop_chance = fault.size;
        break;
      case SensorAct::spikes:
        tamper.spike_chance = spike_chance;
        tamper.spike = fault.size;
        break;
    }
  }
  return tamper;
}

// ---- state

void FaultRoster::save(std::string& to) const {
  put_state(to, random_);
  put_state(to, rate_);
  put_state(to, now_);
  put_state(to, quiet_until_);
  put_state(to, next_id_);
  put_state(to, saved_h_);
  put_state(to, needed_h_);
  put_state(to, next_);
  put_state(to, static_cast<std::uint64_t>(active_.size()));
  for (const Active& fault : active_) put_state(to, fault);
}

bool FaultRoster::load(std::string_view& from) {
  std::uint64_t count = 0;
  if (!take_state(from, random_) || !take_state(from, rate_) || !take_state(from, now_) ||
      !take_state(from, quiet_until_) || !take_state(from, next_id_) ||
      !take_state(from, saved_h_) || !take_state(from, needed_h_) || !take_state(from, next_) ||
      !take_state(from, count) || count > from.size() / sizeof(Active)) {
    return false;
  }
  active_.assign(count, Active{});
  return std::ranges::all_of(active_, [&](Active& fault) {
    return take_state(from, fault) && fault.spec < specs_.size() && fault.sensor < sensors_.size();
  });
}

}  // namespace sosie
