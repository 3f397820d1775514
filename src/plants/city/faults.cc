#include "plants/city/faults.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "simulation/state_bytes.h"

namespace sosie::city {
namespace {

constexpr int attempts = 20;  // of chance, to find an object that is well
constexpr double mean_hours = 1.5;
constexpr double district_chance = 0.02;  // that chance strikes a whole district
constexpr std::size_t most_named = 50;    // series in a label

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
/// In the order of Faults::Act. Drift and spikes are sized by how much a quantity usually varies.
constexpr std::array<Spec, 12> specs{{
    {"stuck", Kind::sensor_failure, "stuck", "bloqué", "", 0, 0, 3},
    {"drift", Kind::sensor_failure, "drifts", "dérive", "", 0.3, 2, 3},
    {"spike", Kind::sensor_failure, "spikes", "pics", "", 1, 5, 2},
    {"silence", Kind::sensor_failure, "silent", "muet", "", 0, 0, 3},
    {"clock_skew", Kind::sensor_failure, "clock is wrong", "horloge fausse", "s", 60, 3600, 1},
    {"battery", Kind::sensor_failure, "battery runs down", "batterie qui se vide", "", 0, 0, 2},
    {"jam", Kind::process_malfunction, "traffic jam", "bouchon", "", 0.4, 0.95, 8},
    {"road_closed", Kind::process_malfunction, "road closed", "rue fermée", "", 0, 0, 2},
    {"bin_fire", Kind::process_malfunction, "bin on fire", "conteneur en feu", "", 0, 0, 1},
    {"overflow", Kind::process_malfunction, "bin not collected", "conteneur non collecté", "", 0, 0,
     4},
    {"concert", Kind::process_malfunction, "concert", "concert", "dB(A)", 85, 105, 2},
    {"pollution", Kind::process_malfunction, "air does not mix", "air stagnant", "", 2, 6, 1},
}};
constexpr auto first_of_district = static_cast<std::size_t>(Faults::Act::concert);

const Spec& spec_of(Faults::Act act) {
  return specs[static_cast<std::size_t>(act)];
}

bool strikes_district(Faults::Act act) {
  return static_cast<std::size_t>(act) >= first_of_district;
}

double hours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}
Duration from_hours(double in_hours) {
  return Duration(std::max<std::int64_t>(std::llround(in_hours * 3.6e9), 1));
}

Result<std::size_t> spec_named(std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(specs.size());
  for (const Spec& spec : specs) names.emplace_back(spec.name);
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const auto near = nearest(name, names);
  return Error{
      Errc::not_found,
      fmt::format("fault '{}' where one of {} was expected{}", name, fmt::join(names, ", "),
                  near ? fmt::format("; did you mean '{}'?", *near) : std::string())};
}

Result<void> check_size(const FaultOrder& order, const Spec& spec) {
  // The other way round it would be false for NaN.
  if (order.size && !(*order.size >= spec.low && *order.size <= spec.high)) {
    return Error{Errc::invalid, fmt::format("size {} where {} to {} {} was expected", *order.size,
                                            spec.low, spec.high, spec.unit)};
  }
  if (!order.lasts || (*order.lasts > Duration::zero() && *order.lasts <= Faults::longest))
    return {};
  return Error{Errc::invalid,
               fmt::format("a duration of {:.3g} h where more than 0 and at most {:.0f} h was "
                           "expected",
                           hours(*order.lasts), hours(Faults::longest))};
}

}  // namespace

Faults::Faults(std::string asset, const Map& map, const Register& names)
    : asset_(std::move(asset)), map_(map), names_(names), trouble_(map.districts().size()) {
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
  for (std::size_t i = first_of_district; i < types_.size(); ++i) {
    for (const District& one : map.districts()) types_[i].targets.push_back(one.name);
  }
}

void Faults::set_rate(double rate) {
  rate_ = std::clamp(rate, 0.0, 1.0);
}

// ---- chance

bool Faults::may_befall(Act act, ObjectKind kind) const {
  switch (act) {
    case Act::battery:
      return traits_of(kind).has_battery;
    case Act::jam:
    case Act::road_closed:
      return kind == ObjectKind::traffic;
    case Act::bin_fire:
    case Act::overflow:
      return kind == ObjectKind::bin;
    case Act::concert:
    case Act::pollution:
      return false;
    case Act::drift:
    case Act::spike:
      return kind != ObjectKind::spot;  // which says yes or no
    case Act::stuck:
    case Act::silence:
    case Act::clock_skew:
      break;
  }
  return true;
}

bool Faults::is_taken(const Active& fault) const {
  if (!strikes_district(fault.act)) return is_faulty_[fault.place];
  const auto bit = 1U << (static_cast<unsigned>(fault.act) - first_of_district);
  return (is_troubled_[fault.place] & bit) != 0;
}

void Faults::take(const Active& fault, bool taken) {
  if (!strikes_district(fault.act)) {
    is_faulty_[fault.place] = taken;
    return;
  }
  const auto bit = 1U << (static_cast<unsigned>(fault.act) - first_of_district);
  auto& bits = is_troubled_[fault.place];
  bits = static_cast<std::uint8_t>(taken ? bits | bit : bits & ~bit);
}

/// A fault of any sort, that may befall where it strikes: it begins at time 0.
Faults::Active Faults::drawn() {
  Active fault;
  const bool is_wide = random_.uniform() < district_chance;
  fault.place = random_.below(is_wide ? map_.districts().size() : names_.size());
  for (int i = 0; !is_wide && i < attempts && is_faulty_[fault.place]; ++i) {
    fault.place = random_.below(names_.size());
  }
  const ObjectKind kind = is_wide ? ObjectKind::noise : names_.kind(fault.place);
  const auto weight = [&](std::size_t act) {
    const bool may = is_wide ? act >= first_of_district : may_befall(static_cast<Act>(act), kind);
    return may ? specs.at(act).weight : 0;
  };
  double total = 0;
  for (std::size_t act = 0; act < specs.size(); ++act) total += weight(act);
  double at = random_.uniform() * total;
  std::size_t act = is_wide ? first_of_district : 0;
  while (act + 1 < specs.size() && (at -= weight(act)) >= 0) ++act;
  fault.act = weight(act) > 0 ? static_cast<Act>(act) : is_wide ? Act::concert : Act::stuck;
  const Spec& spec = spec_of(fault.act);
  fault.sensor = static_cast<std::uint8_t>(random_.below(traits_of(kind).own));
  fault.size = random_.uniform(spec.low, spec.high);
  fault.way = random_.uniform() < 0.5 ? -1 : 1;
  fault.ends = fault.starts + from_hours(random_.uniform(0.5, 1.5) * mean_hours);
  return fault;
}

void Faults::begin(Active fault, Timestamp at) {
  const Duration lasts = fault.ends - fault.starts;
  fault.starts = at;
  fault.ends = at + lasts;
  fault.id = next_id_++;
  take(fault, true);
  active_.push_back(fault);
}

void Faults::start(Timestamp at, const Random& random, Objects& objects) {
  random_ = random;
  now_ = at;
  // Labels of another life of the same city must not get the same numbers.
  next_id_ = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  active_.clear();
  is_faulty_.assign(names_.size(), false);
  is_troubled_.assign(map_.districts().size(), 0);
  const double expected = rate_ * static_cast<double>(names_.size());
  double placed = random_.exponential();
  while (placed < expected) {
    placed += random_.exponential();
    Active fault = drawn();
    if (is_taken(fault)) continue;
    fault.ends -= from_hours(random_.uniform() * hours(fault.ends - fault.starts));
    begin(fault, at);
    strain(fault, objects);
  }
  trouble_districts(objects);
  to_next_ = random_.exponential();
}

/// What it does to the thing that the object watches, or no longer does.
void Faults::strain(const Active& fault, Objects& objects) const {
  const bool is_over = now_ >= fault.ends;
  std::uint8_t strain = Strain::none;
  switch (fault.act) {
    case Act::jam:
      strain = static_cast<std::uint8_t>(std::clamp(fault.size * 250, 1.0, 250.0));
      break;
    case Act::road_closed:
      strain = Strain::closed;
      break;
    case Act::bin_fire:
      strain = Strain::burns;
      break;
    case Act::overflow:
      strain = Strain::not_collected;
      break;
    case Act::stuck:
    case Act::drift:
    case Act::spike:
    case Act::silence:
    case Act::clock_skew:
    case Act::battery:
    case Act::concert:
    case Act::pollution:
      return;
  }
  objects.set_strain(fault.place, is_over ? Strain::none : strain);
}

void Faults::trouble_districts(const Objects& objects) {
  std::ranges::fill(trouble_, Trouble{});
  for (const Active& fault : active_) {
    if (now_ >= fault.ends) continue;
    if (fault.act == Act::concert) {
      trouble_[fault.place].event_noise = static_cast<float>(std::pow(10, fault.size / 10));
    } else if (fault.act == Act::pollution) {
      trouble_[fault.place].stagnation = static_cast<float>(fault.size);
    } else if (fault.act == Act::road_closed) {
      trouble_[objects.district(fault.place)].is_road_closed = true;
    }
  }
}

void Faults::step(Timestamp now, Duration period, Objects& objects, LabelSink& labels) {
  now_ = now;
  to_next_ -= rate_ * static_cast<double>(names_.size()) * hours(period) / mean_hours;
  for (; to_next_ <= 0; to_next_ += random_.exponential()) {
    const Active fault = drawn();
    if (!is_taken(fault)) begin(fault, now);
  }
  for (Active& fault : active_) {
    if (fault.announced && now < fault.ends) continue;
    strain(fault, objects);
    Label label = label_of(fault, objects);
    if (!std::exchange(fault.announced, true)) labels.label(label);
    if (now < fault.ends) continue;
    label.over = true;
    labels.label(label);
    take(fault, false);
  }
  std::erase_if(active_, [&](const Active& fault) { return now >= fault.ends; });
  trouble_districts(objects);
}

// ---- what they do

/// The share of its time that is over.
double Faults::done(const Active& fault) const {
  return std::clamp(hours(now_ - fault.starts) / hours(fault.ends - fault.starts), 0.0, 1.0);
}

void Faults::falsify(Active& fault, std::span<PlantValue> shown) const {
  const Traits& kind = traits_of(names_.kind(fault.place));
  PlantValue& value = shown[fault.sensor];
  const About& of = about_of(kind.shows.at(fault.sensor));
  const auto change = [&](double by) {
    value.value =
        std::clamp(std::round((value.value + by) * of.per_unit) / of.per_unit, of.low, of.high);
  };
  switch (fault.act) {
    case Act::stuck:
      if (!std::exchange(fault.is_holding, true)) fault.held = value.value;
      value.value = fault.held;
      break;
    case Act::drift:
      change(fault.way * fault.size * of.usual * done(fault));
      break;
    case Act::spike: {
      const auto bits = static_cast<std::uint64_t>(now_.time_since_epoch().count()) + fault.id;
      if (Random(bits).uniform() < 0.1) change(fault.way * fault.size * of.usual);
      break;
    }
    case Act::battery: {
      PlantValue& battery = shown[kind.own];
      if (!std::exchange(fault.is_holding, true)) fault.held = battery.value;
      battery.value = std::round(fault.held * (1 - done(fault)));
      if (battery.value >= 5) break;
      for (PlantValue& one : shown) one.sent = false;
      break;
    }
    case Act::silence:
      for (PlantValue& one : shown) one.sent = false;
      break;
    case Act::clock_skew:
      for (PlantValue& one : shown) {
        one.off_ms += static_cast<std::int32_t>(std::lround(fault.way * fault.size * 1000));
      }
      break;
    case Act::jam:
    case Act::road_closed:
    case Act::bin_fire:
    case Act::overflow:
    case Act::concert:
    case Act::pollution:
      break;  // they are in the physics
  }
}

void Faults::falsify(std::span<PlantValue> values) {
  for (Active& fault : active_) {
    if (strikes_district(fault.act)) continue;
    const std::size_t width = traits_of(names_.kind(fault.place)).width;
    falsify(fault, values.subspan(names_.sensor_of(fault.place), width));
  }
}

// ---- orders

Result<void> Faults::aim(Active& fault, std::string_view target) const {
  if (strikes_district(fault.act)) {
    const auto district = map_.named(target);
    if (!district) {
      return Error{Errc::not_found, fmt::format("'{}' is no district, by name or code", target)};
    }
    fault.place = *district;
    return {};
  }
  const auto dot = target.find('.');
  fault.place = TRY(names_.find(target.substr(0, dot)));
  const Traits& kind = traits_of(names_.kind(fault.place));
  fault.sensor = 0;
  if (dot == target.npos) return {};
  const auto attribute = target.substr(dot + 1);
  for (std::size_t i = 0; i < kind.own; ++i) {
    if (attribute == about_of(kind.shows.at(i)).attribute) {
      fault.sensor = static_cast<std::uint8_t>(i);
      return {};
    }
  }
  return Error{Errc::not_found, fmt::format("'{}' is no sensor that may fail", target)};
}

/// Anywhere that is well and that it may befall.
void Faults::place(Active& fault) {
  const bool is_wide = strikes_district(fault.act);
  const auto may = [&] {
    return !is_taken(fault) && (is_wide || may_befall(fault.act, names_.kind(fault.place)));
  };
  const std::size_t places = is_wide ? map_.districts().size() : names_.size();
  fault.place = random_.below(places);
  for (std::size_t i = 0; i < places && !may(); ++i) fault.place = (fault.place + 1) % places;
}

Result<std::uint64_t> Faults::inject(const FaultOrder& order, Timestamp at) {
  const auto which = TRY(spec_named(order.fault));
  const Spec& spec = specs.at(which);
  TRY(check_size(order, spec));
  Active fault;
  fault.act = static_cast<Act>(which);
  fault.size = order.size.value_or(random_.uniform(spec.low, spec.high));
  fault.way = random_.uniform() < 0.5 ? -1 : 1;
  const Duration usual = from_hours(random_.uniform(0.5, 1.5) * mean_hours);
  fault.ends = fault.starts + order.lasts.value_or(usual);
  const bool is_wide = strikes_district(fault.act);
  if (order.target.empty()) {
    place(fault);
  } else {
    TRY(aim(fault, order.target));
  }
  if (!is_wide && !may_befall(fault.act, names_.kind(fault.place))) {
    return Error{Errc::invalid,
                 fmt::format("'{}' does not befall {}", spec.name, names_.name(fault.place))};
  }
  if (is_taken(fault)) {
    return Error{Errc::invalid, fmt::format("{} is under a fault already",
                                            is_wide ? map_.districts()[fault.place].name
                                                    : names_.name(fault.place))};
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

std::vector<Label> Faults::running(const Objects& objects) const {
  std::vector<Label> labels;
  for (const Active& fault : active_) {
    if (fault.ends > now_) labels.push_back(label_of(fault, objects));
  }
  return labels;
}

void Faults::name_series(const Active& fault, const Objects& objects, Label& label) const {
  if (!strikes_district(fault.act)) {
    const Traits& kind = traits_of(names_.kind(fault.place));
    const auto add = [&](std::size_t i) {
      label.direct.push_back(series_name(names_, fault.place, kind.shows.at(i)));
    };
    const bool is_one =
        fault.act == Act::stuck || fault.act == Act::drift || fault.act == Act::spike;
    if (is_one) return add(fault.sensor);
    const bool is_all =
        fault.act == Act::silence || fault.act == Act::clock_skew || fault.act == Act::battery;
    for (std::size_t i = 0; i < (is_all ? kind.width : kind.own); ++i) add(i);
    return;
  }
  const ObjectKind kind = fault.act == Act::concert ? ObjectKind::noise : ObjectKind::air;
  const std::size_t first = names_.first(kind);
  for (std::size_t i = first; i < first + names_.count(kind); ++i) {
    if (objects.district(i) != fault.place) continue;
    for (std::size_t own = 0; own < traits_of(kind).own; ++own) {
      if (label.direct.size() >= most_named) return;
      label.direct.push_back(series_name(names_, i, traits_of(kind).shows.at(own)));
    }
  }
}

Label Faults::label_of(const Active& fault, const Objects& objects) const {
  const Spec& spec = spec_of(fault.act);
  Label label;
  label.id = fault.id;
  label.asset = asset_;
  label.kind = spec.kind;
  label.scenario = spec.name;
  name_series(fault, objects, label);
  label.start = fault.starts;
  label.end = fault.ends;
  label.size = fault.size;
  const std::string where = strikes_district(fault.act) ? map_.districts()[fault.place].name
                            : label.direct.size() == 1  ? label.direct.front()
                                                        : names_.name(fault.place);
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

bool Faults::load(std::string_view& from, const Objects& objects) {
  std::uint64_t count = 0;
  if (!take_state(from, random_) || !take_state(from, rate_) || !take_state(from, now_) ||
      !take_state(from, next_id_) || !take_state(from, to_next_) || !take_state(from, count) ||
      count > from.size() / sizeof(Active)) {
    return false;
  }
  active_.assign(count, Active{});
  is_faulty_.assign(names_.size(), false);
  is_troubled_.assign(map_.districts().size(), 0);
  const bool whole = std::ranges::all_of(active_, [&](Active& fault) {
    if (!take_state(from, fault) || static_cast<std::size_t>(fault.act) >= specs.size()) {
      return false;
    }
    const bool is_wide = strikes_district(fault.act);
    if (fault.place >= (is_wide ? map_.districts().size() : names_.size())) return false;
    if (!is_wide && fault.sensor >= traits_of(names_.kind(fault.place)).own) return false;
    take(fault, true);
    return true;
  });
  if (whole) trouble_districts(objects);
  return whole;
}

}  // namespace sosie::city
