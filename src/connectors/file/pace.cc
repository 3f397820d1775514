#include "connectors/file/pace.h"

#include <algorithm>

namespace sosie::file {

Pace::Pace(Clock& clock, double speed, Duration max_gap)
    : clock_(clock),
      scaled_(dynamic_cast<ScaledClock*>(&clock)),
      speed_(speed),
      max_gap_(max_gap) {}

bool Pace::is_plausible(Timestamp at, std::optional<Timestamp> next) const {
  if (latest_ && at <= *latest_ + max_gap_) return true;
  if (!next) return !latest_;  // a leap at the very end is believed by nobody
  return *next >= at - max_gap_ && *next <= at + max_gap_;
}

void Pace::start(Timestamp first) {
  if (scaled_ != nullptr) {
    scaled_->advance(first);
    scaled_->set_speed(speed_);
  }
  first_ = first;
  started_ = clock_.now();
  latest_ = first;
}

Timestamp Pace::due(Timestamp at) const {
  if (scaled_ != nullptr) return at;  // it runs at the speed itself
  const Duration since_first = at - first_;
  const double real_us = static_cast<double>(since_first.count()) / speed_;
  return started_ + Duration(static_cast<Duration::rep>(real_us));
}

bool Pace::must_wait(Timestamp at, std::optional<Timestamp> next) const {
  if (!is_plausible(at, next)) return false;
  const double speed = scaled_ != nullptr ? scaled_->speed() : speed_;
  return latest_ && at > *latest_ && speed > 0 && due(at) > clock_.now();
}

void Pace::wait(Timestamp at, std::optional<Timestamp> next, const std::stop_token& stop) {
  if (!is_plausible(at, next)) return;
  if (!latest_) start(at);
  const Timestamp latest = latest_.value_or(at);
  if (at <= latest) return;
  const bool leaps = at > latest + max_gap_;
  latest_ = at;
  const double speed = scaled_ != nullptr ? scaled_->speed() : speed_;
  if (scaled_ != nullptr && (leaps || speed <= 0)) {
    scaled_->advance(due(at));
  } else if (leaps) {
    first_ = at;
    started_ = clock_.now();
  } else if (speed > 0) {
    clock_.sleep(due(at), stop);
  }
}

}  // namespace sosie::file
