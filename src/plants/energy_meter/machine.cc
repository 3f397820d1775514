#include "plants/energy_meter/machine.h"

#include <algorithm>

namespace sosie::energy_meter {
namespace {

Duration seconds(double count) {
  return std::chrono::milliseconds(
      std::max<std::int64_t>(static_cast<std::int64_t>(count * 1e3), 1));
}
double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// How busy the laboratory is, 0 to 1.
double bustle(const CivilTime& time) {
  if (time.is_weekend() || time.hour < 7.5 || time.hour >= 19) return 0;
  return time.hour >= 12 && time.hour < 13.5 ? 0.5 : 1;
}

/// A waiting machine asks this often whether someone starts it.
constexpr double asks_s = 60;

}  // namespace

Machine::Machine(const Traits& traits, Timestamp at, const Random& random)
    : traits_(traits), random_(random), now_(at), next_(at + seconds(random_.uniform() * asks_s)) {}

double Machine::power_kw() const {
  if (!running_) return 0;
  return bursting_ ? traits_.power_kw : traits_.idle_kw;
}

void Machine::start(Timestamp at) {
  running_ = true;
  bursting_ = true;
  cycle_ends_ = at + seconds(60 * random_.uniform(traits_.cycle_min_low, traits_.cycle_min_high));
  const double first = traits_.pause_s > 0 ? traits_.burst_s * random_.exponential() : 1e9;
  next_ = std::min(cycle_ends_, at + seconds(std::min(first, 1e6)));
}

void Machine::switch_over(CivilClock& clock) {
  const Timestamp at = next_;
  if (running_ && at >= cycle_ends_) {
    running_ = bursting_ = false;
    next_ = at + seconds(asks_s);
    return;
  }
  if (running_) {
    bursting_ = !bursting_;
    const double mean = bursting_ ? traits_.burst_s : traits_.pause_s;
    next_ = std::min(cycle_ends_, at + seconds(mean * random_.exponential()));
    return;
  }
  const double busy = bustle(clock.at(at));
  const double rate =
      traits_.starts_per_hour * (traits_.night_share + (1 - traits_.night_share) * busy);
  next_ = at + seconds(asks_s);
  if (random_.uniform() < rate * asks_s / 3600) start(at);
}

double Machine::advance(Timestamp to, CivilClock& clock) {
  double drawn_kws = 0;
  while (next_ <= to) {
    drawn_kws += power_kw() * to_seconds(next_ - now_);
    now_ = next_;
    switch_over(clock);
  }
  drawn_kws += power_kw() * to_seconds(to - now_);
  now_ = to;
  return drawn_kws;
}

}  // namespace sosie::energy_meter
