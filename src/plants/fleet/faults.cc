#include "plants/fleet/faults.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "plants/fleet/sensors.h"
#include "simulation/state_bytes.h"

namespace sosie::fleet {
namespace {

constexpr int attempts = 20;  // of chance, to find a device that is well and at work
constexpr double mean_hours = 1;
constexpr double km_per_degree = 111.2;

struct Spec {
  const char* name;
  Kind kind;
  const char* en;
  const char* fr;
  const char* unit;
  double low;
  double high;
  double weight;
};
/// In the order of Faults::Act.
constexpr std::array<Spec, 5> specs{{
    {"overheating", Kind::process_malfunction, "cooling lost", "refroidissement perdu", "", 0.8,
     0.98, 3},
    {"stuck", Kind::sensor_failure, "stuck", "bloqué", "", 0, 0, 2},
    {"gps_jump", Kind::sensor_failure, "position jumps", "saut de position", "km", 1, 50, 2},
    {"silence", Kind::sensor_failure, "silent", "muet", "", 0, 0, 2},
    {"clock_skew", Kind::sensor_failure, "clock is wrong", "horloge fausse", "s", 60, 3600, 1},
}};

const Spec& spec_of(Faults::Act act) {
  return specs[static_cast<std::size_t>(act)];
}

double hours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}
Duration from_hours(double in_hours) {
  return Duration(std::max<std::int64_t>(std::llround(in_hours * 3.6e9), 1));
}

/// False for NaN too.
bool fits(double size, const Spec& spec) {
  return size >= spec.low && size <= spec.high;
}

}  // namespace

Faults::Faults(std::string asset, const Register& names) : asset_(std::move(asset)), names_(names) {
  for (const Spec& spec : specs) {
    FaultType type;
    type.name = spec.name;
    type.kind = spec.kind;
    type.words = {spec.en, spec.fr};
    type.size_unit = spec.unit;
    type.size_low = spec.low;
    type.size_high = spec.high;
    types_.push_back(std::move(type));
  }
}

void Faults::set_rate(double rate) {
  rate_ = std::clamp(rate, 0.0, 1.0);
}

// ---- chance

/// A fault of any kind, mostly of a device that is at work: it begins at time 0.
Faults::Active Faults::drawn(const Devices& devices) {
  Active fault;
  double total = 0;
  for (const Spec& spec : specs) total += spec.weight;
  double at = random_.uniform() * total;
  std::size_t act = 0;
  while (act + 1 < specs.size() && (at -= specs.at(act).weight) >= 0) ++act;
  fault.act = static_cast<Act>(act);
  fault.quantity = static_cast<Quantity>(random_.below(quantities));
  fault.size = random_.uniform(specs.at(act).low, specs.at(act).high);
  fault.bearing = random_.uniform(-std::numbers::pi, std::numbers::pi);
  fault.ends = fault.starts + from_hours(random_.uniform(0.5, 1.5) * mean_hours);
  for (int i = 0; i < attempts; ++i) {
    fault.device = random_.below(names_.size());
    if (!is_faulty_[fault.device] && devices.is_at_work(fault.device)) break;
  }
  return fault;
}

void Faults::begin(Active fault, Timestamp at) {
  const Duration lasts = fault.ends - fault.starts;
  fault.starts = at;
  fault.ends = at + lasts;
  fault.id = next_id_++;
  is_faulty_[fault.device] = true;
  active_.push_back(fault);
}

/// A fault that is at work already: a part of its time is over, and what lost its cooling is hot.
void Faults::begin_before(Timestamp at, Devices& devices) {
  Active fault = drawn(devices);
  if (is_faulty_[fault.device]) return;
  const double over = random_.uniform();
  fault.ends -= from_hours(over * hours(fault.ends - fault.starts));
  begin(fault, at);
  change_cooling(fault, devices);
  if (fault.act == Act::overheating) devices.heat_up(fault.device, static_cast<float>(over));
}

void Faults::start(Timestamp at, const Random& random, Devices& devices) {
  random_ = random;
  now_ = at;
  // Labels of another life of the same fleet must not get the same numbers.
  next_id_ = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  active_.clear();
  is_faulty_.assign(names_.size(), false);
  const double expected = rate_ * static_cast<double>(names_.size());
  double placed = random_.exponential();
  while (placed < expected) {
    begin_before(at, devices);
    placed += random_.exponential();
  }
  to_next_ = random_.exponential();
}

void Faults::change_cooling(const Active& fault, Devices& devices) const {
  if (fault.act != Act::overheating) return;
  const bool is_over = now_ >= fault.ends;
  devices.set_cooling(fault.device, is_over ? 1.0F : static_cast<float>(1 - fault.size));
}

void Faults::step(Timestamp now, Duration period, Devices& devices, LabelSink& labels) {
  now_ = now;
  to_next_ -= rate_ * static_cast<double>(names_.size()) * hours(period) / mean_hours;
  for (; to_next_ <= 0; to_next_ += random_.exponential()) {
    const Active fault = drawn(devices);
    if (!is_faulty_[fault.device]) begin(fault, now);
  }
  for (Active& fault : active_) {
    if (fault.announced && now < fault.ends) continue;
    change_cooling(fault, devices);
    Label label = label_of(fault);
    if (!std::exchange(fault.announced, true)) labels.label(label);
    if (now < fault.ends) continue;
    label.over = true;
    labels.label(label);
    is_faulty_[fault.device] = false;
  }
  std::erase_if(active_, [&](const Active& fault) { return now >= fault.ends; });
}

// ---- what they do

void Faults::falsify(Active& fault, std::span<PlantValue> shown) {
  const auto at = [&](Quantity quantity) -> PlantValue& {
    return shown[static_cast<std::size_t>(quantity)];
  };
  const auto moved = [](double degrees) { return std::nearbyint(degrees * 1e6) / 1e6; };
  switch (fault.act) {
    case Act::overheating:
      break;  // it is in the physics
    case Act::stuck:
      if (!std::exchange(fault.is_holding, true)) fault.held = at(fault.quantity).value;
      at(fault.quantity).value = fault.held;
      break;
    case Act::gps_jump: {
      PlantValue& latitude = at(Quantity::latitude);
      const double narrower = std::cos(latitude.value * std::numbers::pi / 180);
      at(Quantity::longitude).value =
          moved(at(Quantity::longitude).value +
                fault.size * std::sin(fault.bearing) / km_per_degree / narrower);
      latitude.value = moved(latitude.value + fault.size * std::cos(fault.bearing) / km_per_degree);
      break;
    }
    case Act::silence:
      for (PlantValue& value : shown) value.sent = false;
      break;
    case Act::clock_skew: {
      const double way = fault.bearing < 0 ? -1 : 1;
      for (PlantValue& value : shown) {
        value.off_ms += static_cast<std::int32_t>(std::lround(way * fault.size * 1000));
      }
      break;
    }
  }
}

void Faults::falsify(std::span<PlantValue> values) {
  for (Active& fault : active_) {
    falsify(fault, values.subspan(fault.device * quantities, quantities));
  }
}

// ---- orders

Result<std::uint64_t> Faults::inject(const FaultOrder& order, Timestamp at,
                                     const Devices& devices) {
  const auto found =
      std::ranges::find_if(specs, [&](const Spec& spec) { return order.fault == spec.name; });
  if (found == specs.end()) {
    std::vector<std::string_view> names;
    names.reserve(specs.size());
    for (const Spec& spec : specs) names.emplace_back(spec.name);
    const auto near = nearest(order.fault, names);
    return Error{Errc::not_found,
                 fmt::format("fault '{}' where one of {} was expected{}", order.fault,
                             fmt::join(names, ", "),
                             near ? fmt::format("; did you mean '{}'?", *near) : std::string())};
  }
  if (order.size && !fits(*order.size, *found)) {
    return Error{Errc::invalid, fmt::format("size {} where {} to {} {} was expected", *order.size,
                                            found->low, found->high, found->unit)};
  }
  if (order.lasts && (*order.lasts <= Duration::zero() || *order.lasts > longest)) {
    return Error{Errc::invalid,
                 fmt::format("a duration of {:.3g} h where more than 0 and at most {:.0f} h was "
                             "expected",
                             hours(*order.lasts), hours(longest))};
  }
  Active fault = drawn(devices);
  fault.act = static_cast<Act>(found - specs.begin());
  fault.size = order.size.value_or(random_.uniform(found->low, found->high));
  if (order.lasts) fault.ends = fault.starts + *order.lasts;
  if (!order.target.empty()) {
    const auto target = TRY(sensor_named(order.target, names_));
    fault.device = target.device;
    fault.quantity = target.quantity.value_or(Quantity::temperature);
  }
  if (is_faulty_[fault.device]) {
    return Error{Errc::invalid,
                 fmt::format("{} is under a fault already", names_.name(fault.device))};
  }
  begin(fault, at);
  return active_.back().id;
}

Result<void> Faults::cancel(std::uint64_t id) {
  for (Active& fault : active_) {
    if (fault.id != id || fault.ends <= now_) continue;
    fault.ends = now_;
    return {};
  }
  return Error{Errc::not_found, fmt::format("no fault runs under the number {}", id)};
}

std::vector<Label> Faults::running() const {
  std::vector<Label> labels;
  for (const Active& fault : active_) {
    if (fault.ends > now_) labels.push_back(label_of(fault));
  }
  return labels;
}

Label Faults::label_of(const Active& fault) const {
  const Spec& spec = spec_of(fault.act);
  const std::string device = names_.name(fault.device);
  const auto series = [&](Quantity quantity) { return device + "." + attribute_of(quantity); };
  Label label;
  label.id = fault.id;
  label.asset = asset_;
  label.kind = spec.kind;
  label.scenario = spec.name;
  switch (fault.act) {
    case Act::overheating:
      label.direct = {series(Quantity::temperature)};
      label.consequences = {series(Quantity::load), series(Quantity::speed)};
      break;
    case Act::stuck:
      label.direct = {series(fault.quantity)};
      break;
    case Act::gps_jump:
      label.direct = {series(Quantity::latitude), series(Quantity::longitude)};
      break;
    case Act::silence:
    case Act::clock_skew:
      for (std::size_t i = 0; i < quantities; ++i) {
        label.direct.push_back(series(static_cast<Quantity>(i)));
      }
      break;
  }
  label.start = fault.starts;
  label.end = fault.ends;
  label.size = fault.size;
  const std::string where = fault.act == Act::stuck ? label.direct.front() : device;
  const std::string size =
      spec.unit[0] == '\0' ? std::string() : fmt::format(" ({:.3g} {})", fault.size, spec.unit);
  label.text = {fmt::format("{}{}: {}", spec.en, size, where),
                fmt::format("{}{} : {}", spec.fr, size, where)};
  return label;
}

// ---- state

void Faults::save(std::string& to) const {
  put_state(to, random_);
  put_state(to, rate_);
  put_state(to, now_);
  put_state(to, next_id_);
  put_state(to, to_next_);
  put_state(to, static_cast<std::uint64_t>(active_.size()));
  for (const Active& fault : active_) put_state(to, fault);
}

bool Faults::load(std::string_view& from) {
  std::uint64_t count = 0;
  if (!take_state(from, random_) || !take_state(from, rate_) || !take_state(from, now_) ||
      !take_state(from, next_id_) || !take_state(from, to_next_) || !take_state(from, count) ||
      count > from.size() / sizeof(Active)) {
    return false;
  }
  active_.assign(count, Active{});
  is_faulty_.assign(names_.size(), false);
  return std::ranges::all_of(active_, [&](Active& fault) {
    if (!take_state(from, fault) || fault.device >= names_.size() ||
        static_cast<std::size_t>(fault.act) >= specs.size() ||
        static_cast<std::size_t>(fault.quantity) >= quantities) {
      return false;
    }
    is_faulty_[fault.device] = true;
    return true;
  });
}

}  // namespace sosie::fleet
