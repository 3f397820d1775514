#include "plants/wastewater/faults.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "plants/wastewater/archive.h"

namespace sosie::wastewater {
namespace {

constexpr std::size_t kinds = 5;
constexpr int attempts = 20;  // to find a sensor that is free and suits

double hours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}
Duration to_duration(double in_hours) {
  // Whole steps, so that a fault ends where a step begins.
  const auto steps = static_cast<std::int64_t>(std::llround(in_hours * 720));
  return std::chrono::seconds(5 * std::max<std::int64_t>(steps, 1));
}

/// False for NaN too.
bool fits(double size, const FaultRow& row) {
  return size >= row.size_low && size <= row.size_high;
}

bool by_sensors(Reach reach) {
  return reach != Reach::process;
}

}  // namespace

FaultBoard::FaultBoard(std::span<const SensorRow> rows, std::string asset, Random random,
                       double rate)
    : rows_(rows),
      asset_(std::move(asset)),
      random_(random),
      rate_(std::clamp(rate, 0.0, 1.0)),
      tampers_(rows.size()) {
  for (const FaultRow& row : fault_rows()) {
    types_.push_back({.name = std::string(row.name),
                      .kind = row.kind,
                      .words = {std::string(row.en), std::string(row.fr)},
                      .targets = {row.targets.begin(), row.targets.end()},
                      .size_unit = std::string(row.unit),
                      .size_low = row.size_low,
                      .size_high = row.size_high,
                      .scenario_id = std::string(row.scenario_id),
                      .root_cause = std::string(row.root_cause),
                      .mechanism = std::string(row.mechanism),
                      .parameter = std::string(row.parameter),
                      .takes_target = by_sensors(row.reach)});
  }
}

void FaultBoard::start(Timestamp at) {
  quiet_until_ = at + quiet_start;
  // Labels of another life of the same plant must not get the same numbers.
  next_id_ = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  faults_.clear();
  for (std::size_t k = 0; k < kinds; ++k) {
    draw_next(purses_.at(k), static_cast<Kind>(k));
    purses_.at(k).saved_h = purses_.at(k).cost_h * random_.uniform();
  }
}

// ---- chance

double FaultBoard::draw_size(const FaultRow& row) {
  const bool has_own = row.chance_high > 0;
  const double low = has_own ? row.chance_low : row.size_low;
  const double high = has_own ? row.chance_high : row.size_high;
  const double free = high - low - (row.void_high - row.void_low);
  const double at = low + free * random_.uniform();
  if (row.unit == "sensors") return std::round(at);
  return row.void_high > row.void_low && at > row.void_low ? at + row.void_high - row.void_low : at;
}

/// What chance may befall. A fault that nobody could see is no fault: states and slow analysers
/// hide some of them. And what lies to a control loop moves half the plant for hours: that would
/// eat the share of a week, so chance leaves it to the attackers.
bool FaultBoard::is_suitable(std::size_t sensor, const FaultRow& row) const {
  using Response = SensorRow::Response;
  const SensorRow& candidate = rows_[sensor];
  const auto loops = loop_rows();
  const bool in_loop = std::any_of(loops.begin(), loops.end(), [&](const LoopRow& loop) {
    return loop.sensor == candidate.info.entity;
  });
  if (row.suits != nullptr && !row.suits(candidate, candidate)) return false;
  if (row.reach == Reach::target) return true;
  if (in_loop && row.kind != Kind::cyber_attack) return false;
  if (candidate.response == Response::composite) return false;
  if (row.name == "dropout" || row.name == "out_of_range") return true;
  if (candidate.response == Response::state || candidate.info.entity == "FIT-335") return false;
  return row.kind == Kind::sensor_drift || candidate.response == Response::lagged;
}

/// As many as its size says, of its first sensor's stage, or all that there are.
void FaultBoard::add_siblings(Fault& fault, const FaultRow& row) {
  if (row.reach != Reach::several && row.reach != Reach::stage) return;
  const std::size_t first = fault.sensor[0];
  const auto wanted = static_cast<std::size_t>(std::llround(fault.size));
  std::vector<std::uint16_t> others;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (i != first && rows_[i].info.stage == rows_[first].info.stage &&
        rows_[i].response == SensorRow::Response::lagged &&
        (row.suits == nullptr || row.suits(rows_[i], rows_[first]))) {
      others.push_back(static_cast<std::uint16_t>(i));
    }
  }
  while (fault.sensors < std::min(wanted, Fault::most_sensors) && !others.empty()) {
    const auto pick = random_.below(others.size());
    fault.sensor.at(fault.sensors++) = others[pick];
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(pick));
  }
}

/// False: there are fewer sensors that suit than it takes to be this fault.
bool FaultBoard::is_complete(const Fault& fault, const FaultRow& row) const {
  return row.reach != Reach::several || row.suits == nullptr ||
         fault.sensors >= static_cast<std::size_t>(row.size_low);
}

/// Chance's choice of sensors. False: none found.
bool FaultBoard::choose_sensors(Fault& fault, const FaultRow& row) {
  if (!by_sensors(row.reach)) return true;
  std::vector<std::uint16_t> suitable;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string_view aimed =
        fault.target < 0 ? std::string_view() : row.targets[static_cast<std::size_t>(fault.target)];
    const bool meant =
        fault.target < 0 || rows_[i].info.stage == aimed || rows_[i].info.entity == aimed;
    if (meant && is_suitable(i, row)) suitable.push_back(static_cast<std::uint16_t>(i));
  }
  if (suitable.empty()) return false;
  const std::size_t first = suitable[random_.below(suitable.size())];
  fault.sensor[0] = static_cast<std::uint16_t>(first);
  fault.sensors = 1;
  add_siblings(fault, row);
  return is_complete(fault, row);
}

bool FaultBoard::is_taken(const Fault& fault) const {
  for (const Fault& other : faults_) {
    if (fault.sensors == 0 && other.type == fault.type) return true;
    for (std::size_t i = 0; i < fault.sensors; ++i) {
      for (std::size_t k = 0; k < other.sensors; ++k) {
        if (fault.sensor.at(i) == other.sensor.at(k)) return true;
      }
    }
  }
  return false;
}

void FaultBoard::draw_next(Purse& purse, Kind kind) {
  const auto rows = fault_rows();
  double total = 0;
  for (const FaultRow& row : rows) total += row.kind == kind ? row.weight : 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    double at = random_.uniform() * total;
    std::uint32_t type = 0;
    while (rows[type].kind != kind || (at -= rows[type].weight) >= 0) ++type;
    const FaultRow& row = rows[type];
    Fault fault;
    fault.type = type;
    fault.size = draw_size(row);
    fault.side = random_.uniform() < 0.5 ? -1 : 1;
    if (!row.targets.empty()) {
      fault.target = static_cast<std::int32_t>(random_.below(row.targets.size()));
    }
    if (!choose_sensors(fault, row) || is_taken(fault)) continue;
    const Duration lasts = to_duration(random_.uniform(row.hours_low, row.hours_high));
    const double labelled_h = hours(lasts) + row.traces_h;
    purse.fault = fault;
    purse.lasts_us = lasts.count();
    purse.cost_h =
        labelled_h * static_cast<double>(direct(fault).size() + consequences(fault).size());
    purse.needed_h = purse.cost_h * random_.uniform(0.3, 1.7);
    return;
  }
  purse.cost_h = 0;  // a list of sensors in which this kind finds nothing to befall
}

void FaultBoard::save_up(Timestamp now, const Instruments& instruments) {
  const double income_h =
      rate_ / static_cast<double>(kinds) * static_cast<double>(rows_.size()) * step_h;
  for (std::size_t k = 0; k < kinds; ++k) {
    Purse& purse = purses_.at(k);
    purse.saved_h += income_h;
    if (now < quiet_until_ || rate_ <= 0 || purse.saved_h < purse.needed_h) continue;
    if (purse.cost_h > 0 && !is_taken(purse.fault)) {
      purse.fault.id = next_id_++;
      purse.saved_h -= purse.cost_h;
      begin(purse.fault, now, Duration(purse.lasts_us), instruments);
    }
    draw_next(purse, static_cast<Kind>(k));
  }
}

// ---- orders

Error FaultBoard::unknown_sensor(std::string_view target) const {
  std::vector<std::string_view> tags;
  for (const SensorRow& row : rows_) tags.push_back(row.info.entity);
  const auto near = nearest(target, tags);
  return Error{Errc::not_found,
               fmt::format("target '{}' is no sensor{}", target,
                           near ? fmt::format("; did you mean '{}'?", *near) : std::string())};
}

/// An order's target, or chance's.
Result<void> FaultBoard::aim(Fault& fault, const FaultRow& row, const FaultOrder& order) {
  if (!row.targets.empty()) {
    const auto found = std::find(row.targets.begin(), row.targets.end(), order.target);
    if (found == row.targets.end() && !order.target.empty()) {
      return Error{Errc::not_found, fmt::format("target '{}' where one of {} was expected",
                                                order.target, fmt::join(row.targets, ", "))};
    }
    fault.target = order.target.empty()
                       ? static_cast<std::int32_t>(random_.below(row.targets.size()))
                       : static_cast<std::int32_t>(found - row.targets.begin());
  } else if (!order.target.empty()) {
    if (!by_sensors(row.reach)) {
      return Error{Errc::invalid, fmt::format("target '{}': {} strikes the process and has none",
                                              order.target, row.name)};
    }
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const SensorRow& sensor) {
      return sensor.info.entity == order.target;
    });
    if (found == rows_.end()) return unknown_sensor(order.target);
    const auto first = static_cast<std::size_t>(found - rows_.begin());
    fault.sensor[0] = static_cast<std::uint16_t>(first);
    fault.sensors = 1;
    add_siblings(fault, row);
    if ((row.suits == nullptr || row.suits(rows_[first], rows_[first])) && is_complete(fault, row))
      return {};
    return Error{Errc::invalid,
                 fmt::format("target '{}': {} needs a sensor of another unit, or a second one of "
                             "its unit beside it",
                             order.target, row.name)};
  }
  if (!choose_sensors(fault, row)) {
    return Error{Errc::not_found, fmt::format("{} finds no sensor that suits", row.name)};
  }
  return {};
}

Result<std::uint64_t> FaultBoard::inject(const FaultOrder& order, Timestamp next,
                                         const Instruments& instruments) {
  const auto rows = fault_rows();
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const FaultRow& row) { return row.name == order.fault; });
  if (found == rows.end()) {
    std::vector<std::string_view> names;
    for (const FaultRow& row : rows) names.push_back(row.name);
    const auto near = nearest(order.fault, names);
    return Error{Errc::not_found,
                 fmt::format("fault '{}' where one of {} was expected{}", order.fault,
                             fmt::join(names, ", "),
                             near ? fmt::format("; did you mean '{}'?", *near) : std::string())};
  }
  const FaultRow& row = *found;
  if (order.size && row.size_high == row.size_low) {
    return Error{Errc::invalid,
                 fmt::format("size {}: {} has no size; expected none", *order.size, row.name)};
  }
  if (order.size && !fits(*order.size, row)) {
    return Error{Errc::invalid, fmt::format("size {:.6g} where {:g} to {:g} {} was expected",
                                            *order.size, row.size_low, row.size_high, row.unit)};
  }
  if (order.lasts && (*order.lasts <= Duration::zero() || *order.lasts > longest)) {
    return Error{Errc::invalid,
                 fmt::format("a duration of {:.3g} h where more than 0 and at most {:.0f} h was "
                             "expected",
                             hours(*order.lasts), hours(longest))};
  }
  Fault fault;
  fault.type = static_cast<std::uint32_t>(found - rows.begin());
  fault.size = order.size.value_or(draw_size(row));
  fault.side = random_.uniform() < 0.5 ? -1 : 1;
  TRY(aim(fault, row, order));
  const double drawn_h = random_.uniform(row.hours_low, row.hours_high);
  fault.id = next_id_++;
  begin(fault, next, to_duration(order.lasts ? hours(*order.lasts) : drawn_h), instruments);
  return fault.id;
}

Result<void> FaultBoard::cancel(std::uint64_t id, Timestamp now) {
  for (Fault& fault : faults_) {
    if (fault.id != id || fault.cancelled) continue;
    fault.cancelled = true;
    fault.cause_ends = std::min(fault.cause_ends, now);
    fault.label_ends = now;
    return {};
  }
  return Error{Errc::not_found, fmt::format("no fault runs under the number {}", id)};
}

std::vector<Label> FaultBoard::running() const {
  std::vector<Label> labels;
  for (const Fault& fault : faults_) {
    if (!fault.cancelled) labels.push_back(label_of(fault));
  }
  return labels;
}

// ---- labels

std::vector<std::string> FaultBoard::direct(const Fault& fault) const {
  std::vector<std::string> tags;
  tags.reserve(fault.sensors);
  for (std::size_t i = 0; i < fault.sensors; ++i) {
    tags.push_back(rows_[fault.sensor.at(i)].info.entity);
  }
  for (const std::string_view tag : fault_rows()[fault.type].direct) tags.emplace_back(tag);
  return tags;
}

std::vector<std::string> FaultBoard::consequences(const Fault& fault) const {
  const FaultRow& row = fault_rows()[fault.type];
  std::vector<std::string> tags(row.consequences.begin(), row.consequences.end());
  if (!row.misleads_loops) return tags;
  const auto struck = direct(fault);
  for (const LoopRow& loop : loop_rows()) {
    if (std::find(struck.begin(), struck.end(), loop.sensor) == struck.end()) continue;
    for (const std::string_view tag : loop.followers) {
      if (std::find(struck.begin(), struck.end(), tag) == struck.end()) tags.emplace_back(tag);
    }
  }
  return tags;
}

Label FaultBoard::label_of(const Fault& fault) const {
  const FaultRow& row = fault_rows()[fault.type];
  Label label;
  label.id = fault.id;
  label.asset = asset_;
  label.kind = row.kind;
  label.scenario = row.name;
  label.direct = direct(fault);
  label.consequences = consequences(fault);
  label.start = fault.start;
  label.end = fault.label_ends;
  if (fault.cause_ends < fault.label_ends) label.cause_ends = fault.cause_ends;
  label.size = fault.size;
  // How many sensors it is, the list that follows shows.
  const bool has_size = row.size_high > row.size_low && row.unit != "sensors";
  const std::string size = has_size ? fmt::format(" ({:.3g} {})", fault.size, row.unit) : "";
  std::string size_fr = size;
  std::ranges::replace(size_fr, '.', ',');
  const auto text = [&](std::string_view name, std::string_view of_size, std::string_view colon) {
    if (fault.sensors == 0) return fmt::format("{}{}", name, of_size);
    return fmt::format("{}{}{}{}", name, of_size, colon, fmt::join(label.direct, ", "));
  };
  label.text = {text(row.en, size, ": "), text(row.fr, size_fr, " : ")};
  return label;
}

// ---- life

/// An attacker's calm value: what the sensor says now, moved by some percent of its range.
void FaultBoard::begin(Fault fault, Timestamp at, Duration lasts, const Instruments& instruments) {
  const FaultRow& row = fault_rows()[fault.type];
  fault.start = at;
  fault.cause_ends = at + lasts;
  fault.label_ends = fault.cause_ends + (row.traces_h > 0 ? to_duration(row.traces_h) : Duration{});
  for (std::size_t i = 0; i < fault.sensors; ++i) {
    const std::size_t index = fault.sensor.at(i);
    const SensorRow& sensor = rows_[index];
    const double span = sensor.high - sensor.low;
    const double side = random_.uniform() < 0.5 ? -1 : 1;
    const double moved = instruments.shown(index) +
                         side * std::max(random_.uniform(0.02, 0.08) * span, 8 * sensor.noise_sd);
    fault.level.at(i) = std::clamp(moved, sensor.low, sensor.high);
  }
  faults_.push_back(fault);
}

void FaultBoard::strike(const Fault& fault, Timestamp now) {
  if (now >= fault.cause_ends || now < fault.start) return;
  const Strike strike{fault,
                      hours(now - fault.start),
                      hours(fault.cause_ends - fault.start),
                      disturbance_,
                      tampers_,
                      rows_};
  fault_rows()[fault.type].apply(strike);
}

void FaultBoard::clear_tampers() {
  for (const Fault& fault : faults_) {
    for (std::size_t i = 0; i < fault.sensors; ++i) tampers_[fault.sensor.at(i)] = {};
  }
}

void FaultBoard::list_tampered() {
  tampered_.clear();
  for (const Fault& fault : faults_) {
    for (std::size_t i = 0; i < fault.sensors; ++i) {
      if (tampers_[fault.sensor.at(i)].any) tampered_.push_back(fault.sensor.at(i));
    }
  }
  std::ranges::sort(tampered_);  // of two faults at one sensor
  tampered_.erase(std::ranges::unique(tampered_).begin(), tampered_.end());
}

void FaultBoard::step(Timestamp now, const Instruments& instruments, LabelSink& labels) {
  clear_tampers();
  disturbance_ = {};
  save_up(now, instruments);
  for (Fault& fault : faults_) {
    if (!fault.announced) {
      fault.announced = true;
      labels.label(label_of(fault));
    }
    if (now >= fault.label_ends) {
      Label label = label_of(fault);
      label.over = true;
      labels.label(label);
    }
    strike(fault, now);
  }
  list_tampered();
  std::erase_if(faults_, [&](const Fault& fault) { return now >= fault.label_ends; });
}

void FaultBoard::save(std::string& to) const {
  put_bytes(to, random_);
  put_bytes(to, rate_);
  put_bytes(to, quiet_until_);
  put_bytes(to, next_id_);
  put_bytes(to, purses_);
  put_bytes(to, static_cast<std::uint64_t>(faults_.size()));
  put_all(to, faults_);
}

bool FaultBoard::load(std::string_view& from) {
  std::uint64_t count = 0;
  if (!take_bytes(from, random_) || !take_bytes(from, rate_) || !take_bytes(from, quiet_until_) ||
      !take_bytes(from, next_id_) || !take_bytes(from, purses_) || !take_bytes(from, count) ||
      count > from.size() / sizeof(Fault)) {
    return false;
  }
  clear_tampers();
  faults_.assign(count, Fault{});
  return take_all(from, faults_);
}

}  // namespace sosie::wastewater
