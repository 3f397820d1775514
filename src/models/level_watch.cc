#include "models/level_watch.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace sosie::models {

void LevelWatch::take(Timestamp at, std::span<const Place> places) {
  tracks_.resize(std::max(tracks_.size(), places.size()));
  if (!last_) {
    last_ = at;
    return;
  }
  const double memory = std::chrono::duration<double>(config_.memory).count();
  const double step = std::min(std::chrono::duration<double>(at - *last_).count(), memory / 10);
  last_ = at;
  if (!(step > 0)) return;
  const double kept = std::exp(-step / memory);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] == Place::unknown) continue;
    Track& track = tracks_[i];
    track.outside = track.outside * kept + (places[i] == Place::outside ? step : 0);
    track.seen = track.seen * kept + step;
    track.in_all += step;
  }
}

double LevelWatch::share_outside(std::size_t column) const {
  if (column >= tracks_.size() || !(tracks_[column].seen > 0)) return 0;
  return tracks_[column].outside / tracks_[column].seen;
}

std::vector<std::size_t> LevelWatch::moved() const {
  const double memory = std::chrono::duration<double>(config_.memory).count();
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (tracks_[i].in_all >= memory && share_outside(i) > config_.moved) columns.push_back(i);
  }
  std::ranges::stable_sort(columns, std::greater<>(),
                           [this](std::size_t column) { return share_outside(column); });
  return columns;
}

void LevelWatch::reset() {
  last_.reset();
  tracks_.clear();
}

}  // namespace sosie::models
