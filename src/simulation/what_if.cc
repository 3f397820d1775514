#include "simulation/what_if.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace sosie {
namespace {

constexpr double first_at_noises = 3;
constexpr double least_noise = 1e-3;  // of the range, or of the value
constexpr double most_buckets = 300;

class NoLabel final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

double to_hours(Duration span) {
  return std::chrono::duration<double, std::ratio<3600>>(span).count();
}

/// Of lengths that divide an hour the first with which `ahead` has at most 300 buckets.
Duration bucket_for(Duration ahead, Duration period) {
  using std::chrono::minutes;
  for (const Duration length : {minutes(1), minutes(5), minutes(10), minutes(15), minutes(30)}) {
    const bool is_few = static_cast<double>(ahead / length) <= most_buckets;
    if (is_few && length % period == Duration::zero()) return length;
  }
  const Duration hour = minutes(60);
  return hour % period == Duration::zero() ? hour : period;
}

/// One sensor's values of one bucket. Sums of what is over its first value, which are exact enough
/// for the variance of a flow as of a turbidity.
struct Bucketful {
  double first = 0;
  double over = 0;
  double squares = 0;
  int count = 0;

  void add(double value) {
    if (count++ == 0) first = value;
    over += value - first;
    squares += (value - first) * (value - first);
  }
  double mean() const {
    return count > 0 ? first + over / count : std::numeric_limits<double>::quiet_NaN();
  }
  double variance() const { return std::max(0.0, (squares - over * over / count) / (count - 1)); }
};

/// What is kept of a sensor's buckets while they pass.
struct Track {
  double variances = 0;  ///< summed over `noisy` buckets
  int noisy = 0;
  double squares = 0;  ///< of the differences of `paired` buckets
  int paired = 0;
  double largest = 0;
  int largest_at = -1;
  std::array<double, 2> sums{};  ///< of the values, in both futures
  std::array<std::int64_t, 2> counts{};
};

/// A future and its values of this bucket.
struct Future {
  std::unique_ptr<Plant> plant;
  std::vector<PlantValue> values;
  std::vector<Bucketful> bucket;

  Timestamp step(LabelSink& labels) {
    const Timestamp at = plant->step(values, labels);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const PlantValue& value = values[i];
      if (value.sent && value.quality != Quality::bad) bucket[i].add(value.value);
    }
    return at;
  }
};

Future future_of(std::unique_ptr<Plant> plant) {
  const std::size_t sensors = plant->sensor_count();
  return {std::move(plant), std::vector<PlantValue>(sensors), std::vector<Bucketful>(sensors)};
}

/// The two of them, and what has been seen of them.
class Race {
 public:
  Race(std::unique_ptr<Plant> unchanged, std::unique_ptr<Plant> changed)
      : unchanged_(future_of(std::move(unchanged))),
        changed_(future_of(std::move(changed))),
        tracks_(unchanged_.values.size()) {}

  /// After so many steps the changed future has the unchanged one's weather; none: it never has.
  void end_weather_after(std::optional<std::int64_t> steps) { weather_steps_ = steps; }
  /// Of these the courses are kept.
  void keep(std::span<const std::size_t> sensors, std::size_t buckets);
  /// Lives a bucket; the instant at which it ended.
  Timestamp live(std::int64_t steps);

  std::vector<WhatIfCourse> take_courses() { return std::move(courses_); }
  std::vector<Divergence> divergences(const WhatIf& of) const;

 private:
  void follow_weather();
  void close(std::size_t sensor);
  Divergence divergence(std::size_t sensor, const WhatIf& of) const;
  const WhatIfCourse* course_of(std::size_t sensor) const;

  NoLabel nowhere_;
  Future unchanged_;
  Future changed_;
  std::vector<Track> tracks_;
  std::vector<WhatIfCourse> courses_;
  int bucket_ = 0;
  std::optional<std::int64_t> weather_steps_;  ///< still to go
};

void Race::keep(std::span<const std::size_t> sensors, std::size_t buckets) {
  courses_.reserve(sensors.size());
  for (const std::size_t sensor : sensors) {
    courses_.push_back({.sensor = sensor, .unchanged = {}, .changed = {}});
    courses_.back().unchanged.reserve(buckets);
    courses_.back().changed.reserve(buckets);
  }
}

void Race::close(std::size_t sensor) {
  Track& track = tracks_[sensor];
  const std::array<const Bucketful*, 2> both{&unchanged_.bucket[sensor], &changed_.bucket[sensor]};
  for (std::size_t k = 0; k < both.size(); ++k) {
    const Bucketful& one = *both.at(k);
    track.sums.at(k) += one.first * one.count + one.over;
    track.counts.at(k) += one.count;
  }
  const auto [unchanged, changed] = both;
  if (unchanged->count > 1) {
    track.variances += unchanged->variance();
    ++track.noisy;
  }
  if (unchanged->count == 0 || changed->count == 0) return;
  const double difference = changed->mean() - unchanged->mean();
  track.squares += difference * difference;
  ++track.paired;
  if (std::abs(difference) > std::abs(track.largest)) {
    track.largest = difference;
    track.largest_at = bucket_;
  }
}

void Race::follow_weather() {
  if (!weather_steps_) return;
  if (*weather_steps_ > 0) {
    --*weather_steps_;
    return;
  }
  const auto weather = unchanged_.plant->weather();
  if (weather == changed_.plant->weather()) return;
  if (!changed_.plant->set_weather(weather)) weather_steps_.reset();  // it cannot be ordered
}

Timestamp Race::live(std::int64_t steps) {
  std::ranges::fill(unchanged_.bucket, Bucketful{});
  std::ranges::fill(changed_.bucket, Bucketful{});
  Timestamp at;
  for (std::int64_t i = 0; i < steps; ++i) {
    at = unchanged_.step(nowhere_);
    follow_weather();
    changed_.step(nowhere_);
  }
  for (std::size_t sensor = 0; sensor < tracks_.size(); ++sensor) close(sensor);
  for (WhatIfCourse& course : courses_) {
    course.unchanged.push_back(unchanged_.bucket[course.sensor].mean());
    course.changed.push_back(changed_.bucket[course.sensor].mean());
  }
  ++bucket_;
  return at;
}

const WhatIfCourse* Race::course_of(std::size_t sensor) const {
  const auto found = std::ranges::lower_bound(courses_, sensor, {}, &WhatIfCourse::sensor);
  return found != courses_.end() && found->sensor == sensor ? &*found : nullptr;
}

Divergence Race::divergence(std::size_t sensor, const WhatIf& of) const {
  const Track& track = tracks_[sensor];
  const SeriesInfo info = unchanged_.plant->describe(sensor);
  const auto mean = [&](std::size_t k) -> std::optional<double> {
    if (track.counts.at(k) == 0) return std::nullopt;
    return track.sums.at(k) / static_cast<double>(track.counts.at(k));
  };
  const auto time = [&](std::int64_t bucket) { return of.from + bucket * of.bucket; };
  Divergence d{.sensor = sensor, .unchanged = mean(0), .changed = mean(1)};
  const double reach = info.low && info.high
                           ? *info.high - *info.low
                           : std::max(std::abs(d.unchanged.value_or(0)), std::abs(track.largest));
  const double own = track.noisy > 0 ? std::sqrt(track.variances / track.noisy) : 0;
  d.noise = std::max(own, least_noise * reach);
  if (track.largest_at < 0) return d;
  d.largest = track.largest;
  d.largest_at = time(track.largest_at);
  d.deviation = std::sqrt(track.squares / track.paired) / d.noise;
  if (const WhatIfCourse* course = course_of(sensor)) {
    for (std::size_t i = 0; i < course->changed.size() && !d.first_at; ++i) {
      const double off = std::abs(course->changed[i] - course->unchanged[i]);
      if (off >= first_at_noises * d.noise) d.first_at = time(static_cast<std::int64_t>(i));
    }
  }
  return d;
}

std::vector<Divergence> Race::divergences(const WhatIf& of) const {
  std::vector<Divergence> all;
  all.reserve(tracks_.size());
  for (std::size_t i = 0; i < tracks_.size(); ++i) all.push_back(divergence(i, of));
  std::ranges::stable_sort(all, std::ranges::greater(), &Divergence::deviation);
  return all;
}

bool is_nothing(const WhatIfChange& change) {
  return change.faults.empty() && change.setpoints.empty() && change.weather.empty() &&
         change.undo.empty();
}

Result<void> check(const Plant& plant, const WhatIfQuestion& question) {
  if (is_nothing(question.change)) {
    return Error{Errc::invalid,
                 "nothing is changed; expected a fault, a setpoint, a weather or a fault to undo"};
  }
  const auto& lasts = question.change.weather_lasts;
  if (lasts && *lasts <= Duration::zero()) {
    return Error{Errc::invalid,
                 fmt::format("a weather of {:g} hours; expected more than 0", to_hours(*lasts))};
  }
  if (lasts && question.change.weather.empty()) {
    return Error{Errc::invalid, "how long the weather lasts, and no weather"};
  }
  const Duration period = plant.period();
  if (question.ahead < period || question.ahead > WhatIfQuestion::longest) {
    return Error{
        Errc::invalid,
        fmt::format("{:g} hours ahead where {:.3g} (a step) to {:g} were expected",
                    to_hours(question.ahead), to_hours(period), to_hours(WhatIfQuestion::longest))};
  }
  const auto a_step = 2 * static_cast<double>(plant.sensor_count());
  const double steps = static_cast<double>(question.ahead / period);
  if (steps * a_step > WhatIfQuestion::most_values) {
    return Error{
        Errc::invalid,
        fmt::format("{:g} hours ahead are too much for {} sensors; expected at most {:.3g}",
                    to_hours(question.ahead), plant.sensor_count(),
                    to_hours(period) * WhatIfQuestion::most_values / a_step)};
  }
  for (const std::size_t sensor : question.sensors) {
    if (sensor >= plant.sensor_count()) {
      return Error{Errc::not_found,
                   fmt::format("sensor {} where {} are there", sensor, plant.sensor_count())};
    }
  }
  return {};
}

std::string named(const std::vector<Label>& running) {
  if (running.empty()) return "none runs";
  std::vector<std::string> names;
  names.reserve(running.size());
  for (const Label& label : running)
    names.push_back(fmt::format("{} ({})", label.id, label.text.en));
  return fmt::format("running: {}", fmt::join(names, ", "));
}

Result<void> undo(Plant& plant, std::uint64_t id, WhatIf& told) {
  const auto running = plant.running();
  const auto found = std::ranges::find(running, id, &Label::id);
  if (found == running.end()) {
    return Error{Errc::not_found, fmt::format("no fault {} to undo; {}", id, named(running))};
  }
  TRY(plant.cancel(id));
  told.undone.push_back(*found);
  return {};
}

Result<void> apply(Plant& plant, const WhatIfChange& change, WhatIf& told) {
  for (const std::uint64_t id : change.undo) {
    TRY(undo(plant, id, told));
  }
  if (!change.weather.empty()) {
    TRY(plant.set_weather(change.weather));
  }
  for (const SetpointOrder& order : change.setpoints) {
    const auto before = plant.setpoints();
    const auto which = TRY(find_setpoint(before, order.name, order.value));
    TRY(plant.set_setpoint(order.name, order.value));
    told.setpoints.push_back({order.name, before[which].value});
  }
  for (const FaultOrder& order : change.faults) {
    const auto id = TRY(plant.inject(order));
    const auto running = plant.running();
    const auto found = std::ranges::find(running, id, &Label::id);
    if (found != running.end()) told.began.push_back(*found);
  }
  return {};
}

std::vector<std::size_t> kept_sensors(const Plant& plant, const WhatIfQuestion& question) {
  std::vector<std::size_t> sensors = question.sensors;
  if (sensors.empty()) {
    sensors.resize(std::min(plant.sensor_count(), WhatIfQuestion::most_courses));
    std::iota(sensors.begin(), sensors.end(), std::size_t{0});
  }
  std::ranges::sort(sensors);
  const auto twice = std::ranges::unique(sensors);
  sensors.erase(twice.begin(), twice.end());
  return sensors;
}

}  // namespace

Result<std::unique_ptr<Plant>> fork(const Plant& plant) {
  auto copy = plant.blank();
  TRY(copy->load(plant.save()));
  return copy;
}

Result<WhatIf> what_if(const Plant& plant, const WhatIfQuestion& question) {
  TRY(check(plant, question));
  auto unchanged = TRY(fork(plant));
  unchanged->set_fault_rate(0);
  auto changed = TRY(fork(*unchanged));
  WhatIf told;
  told.running = unchanged->running();
  TRY(apply(*changed, question.change, told));

  const Duration period = plant.period();
  told.bucket = std::min(bucket_for(question.ahead, period), question.ahead / period * period);
  const auto buckets = question.ahead / told.bucket;
  const auto steps = told.bucket / period;
  told.ahead = buckets * told.bucket;
  Race race(std::move(unchanged), std::move(changed));
  if (question.change.weather_lasts) {
    race.end_weather_after((*question.change.weather_lasts + period - Duration(1)) / period);
  }
  race.keep(kept_sensors(plant, question), static_cast<std::size_t>(buckets));
  for (std::int64_t i = 0; i < buckets; ++i) {
    const Timestamp ended = race.live(steps);
    if (i == 0) told.from = ended - told.bucket;
  }
  told.divergences = race.divergences(told);
  told.courses = race.take_courses();
  return told;
}

}  // namespace sosie
