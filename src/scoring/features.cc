#include "scoring/features.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sosie::scoring {
namespace {

constexpr double reach = 3;  ///< a course follows at most so many spreads at a time
constexpr double pace_alarmed = 0.1;
constexpr double pace_steady_alarmed = 0.05;
constexpr double noise_rows = 15;
constexpr double furthest =
    1e15;  ///< what is beyond counts as that far: its square is still a float

bool is_held(Pace pace) {
  return pace == Pace::alarmed || pace == Pace::wandering;
}

}  // namespace

Features::Features(std::span<const Profile> profiles, Horizons horizons)
    : horizons_(horizons),
      tracks_(profiles.size()),
      row_(features * profiles.size(), std::numeric_limits<float>::quiet_NaN()) {
  is_slow_.reserve(profiles.size());
  for (std::size_t c = 0; c < profiles.size(); ++c) {
    is_slow_.push_back(profiles[c].is_slow ? 1 : 0);
    tracks_[c].season = profiles[c].season;
    tracks_[c].may_rest = profiles[c].is_constant || profiles[c].is_resting;
    tracks_[c].steady = {.level = profiles[c].middle, .spread = 0, .seen = horizons.steady};
  }
}

/// The distance from the course before this row, which then follows it.
double Features::Course::follow(double value, double rows, double pace) {
  if (seen == 0) level = value;
  seen += 1;
  const double off = value - level;
  const double bound = seen < 10 ? std::abs(off) : reach * spread;
  // Of an alarm only those are held back that are far out themselves: the others go on as ever, or
  // the alarm of one would in time become that of all.
  const double held = std::abs(off) > spread ? pace : 1.0;
  const double share = std::max(held / rows, 1 / seen);  // at first the mean of all there was
  level += share * std::clamp(off, -bound, bound);
  spread += share * (std::abs(off) - spread);
  return off;
}

void Features::miss(std::size_t column, Track& track) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  track.absent += 1;
  for (std::size_t f = 0; f < features; ++f) put(column, static_cast<Feature>(f), none);
  put(column, Feature::absent, track.absent);
}

/// What is usual at that time of day, before it follows this value.
double Features::usual(Track& track, double value, double of_day, Pace pace) const {
  if (track.season.empty() || of_day < 0) return 0;
  auto& part = track.season[part_of_day(of_day)];
  const auto before = static_cast<double>(part);
  const double bound = reach * track.steady.spread;
  const double share = (is_held(pace) ? pace_alarmed : 1.0) / horizons_.season;
  part += static_cast<float>(share * std::clamp(value - before, -bound, bound));
  return before;
}

void Features::take(std::size_t column, Track& track, double raw, double usual, Pace pace) {
  const bool may_wander = pace == Pace::wandering && is_slow_[column] != 0;
  const double held = is_held(pace) && !may_wander ? pace_alarmed : 1.0;
  const bool is_first = track.seen == 0;
  const double change = is_first ? 0 : raw - track.last;
  const double value = raw - usual;
  const double high_long = track.slow.follow(value, horizons_.slow, held);
  const double high_short = track.quick.follow(value, horizons_.quick, held);
  track.seen += 1;
  track.last = raw;
  track.absent = 0;
  track.still = change == 0 && !is_first ? track.still + 1 : 0;
  track.noise += std::max(1 / noise_rows, 1 / track.seen) * (change * change - track.noise);
  put(column, Feature::high_long, high_long);
  put(column, Feature::high_short, high_short);
  put(column, Feature::change, change);
  put(column, Feature::noise, track.noise);
  put(column, Feature::still, track.still);
  put(column, Feature::absent, 0);
  double off = value - track.steady.level;
  if (!track.may_rest) {
    off = track.steady.follow(value, pace == Pace::accepting ? horizons_.slow : horizons_.steady,
                              is_held(pace) ? pace_steady_alarmed : 1.0);
  } else if (pace == Pace::accepting) {
    track.steady.level = value;
  }
  const double main = is_slow_[column] != 0 ? high_long : off;
  for (std::size_t w = 0; w < main_rows.size(); ++w) {
    track.main[w] += std::max(1 / main_rows[w], 1 / track.seen) * (main - track.main[w]);
    put(column, static_cast<Feature>(static_cast<std::size_t>(Feature::main_1) + w), track.main[w]);
  }
  track.fresh += 1;
  track.fresh_main += main;
  track.fresh_noise += change * change;
  put(column, Feature::fresh, track.fresh_main / track.fresh);
}

void Features::start_afresh() {
  for (auto& track : tracks_) track.fresh = track.fresh_main = track.fresh_noise = 0;
}

void Features::take(std::span<const double> values, double of_day, Pace pace) {
  for (std::size_t c = 0; c < tracks_.size(); ++c) {
    auto& track = tracks_[c];
    if (std::isnan(values[c])) {
      miss(c, track);
      continue;
    }
    const double value = std::clamp(values[c], -furthest, furthest);
    take(c, track, value, usual(track, value, of_day, pace), pace);
  }
}

void Features::forget(bool means_too) {
  for (auto& track : tracks_) {
    if (track.fresh == 0) continue;
    track.noise = std::min(track.noise, track.fresh_noise / track.fresh);
    if (!means_too) continue;
    // A mean of few rows trembles more than one of many: less of it, so that it trembles as much.
    for (std::size_t w = 1; w < main_rows.size(); ++w) {
      const double share = std::min(1.0, std::sqrt(track.fresh / main_rows.at(w)));
      track.main.at(w) = share * track.fresh_main / track.fresh;
    }
  }
}

void Features::learn(std::span<const double> values, std::span<const double> usual) {
  for (std::size_t c = 0; c < tracks_.size(); ++c) {
    if (std::isnan(values[c])) {
      miss(c, tracks_[c]);
    } else {
      take(c, tracks_[c], std::clamp(values[c], -furthest, furthest), usual[c], Pace::ordinary);
    }
  }
}

}  // namespace sosie::scoring
