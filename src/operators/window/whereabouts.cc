#include "operators/window/whereabouts.h"

#include <algorithm>

namespace sosie::window {

std::uint32_t Whereabouts::add_object() {
  objects_.emplace_back();
  return static_cast<std::uint32_t>(objects_.size() - 1);
}

std::uint32_t Whereabouts::find(const Spot& spot) const {
  const auto [longitude, latitude] = spot;
  if (longitude == 0 && latitude == 0) return nowhere;  // a receiver that has no fix says so
  if (const auto zone = zoning_->zone_at(longitude, latitude)) return *zone;
  return zoning_->zone_at(latitude, longitude) ? swapped : outside;
}

void Whereabouts::place(std::uint32_t object, const Spot& spot) {
  Object& it = objects_[object];
  it.latitude = {never, spot.latitude};
  it.longitude = {never, spot.longitude};
  insert(it.stays, never, find(spot));
}

std::optional<Whereabouts::Spot> Whereabouts::spot(std::uint32_t object) const {
  const Object& it = objects_[object];
  if (it.stays.empty()) return std::nullopt;
  return Spot{it.longitude.value, it.latitude.value};
}

std::uint32_t Whereabouts::zone(std::uint32_t object, Micros at) const {
  const Stays& stays = objects_[object].stays;
  if (stays.empty()) return nowhere;
  if (stays.back().from <= at) return stays.back().zone;
  const auto after = std::ranges::upper_bound(stays, at, {}, &Stay::from);
  return after == stays.begin() ? after->zone : (after - 1)->zone;
}

/// Mostly the youngest, and where it was before.
void Whereabouts::insert(Stays& stays, Micros at, std::uint32_t zone) {
  const auto after = std::ranges::upper_bound(stays, at, {}, &Stay::from);
  if (after != stays.begin()) {
    Stay& stay = *(after - 1);
    if (stay.zone == zone) {
      stay.to = std::max(stay.to, at);
    } else if (stay.from == at && stay.to == at) {
      stay.zone = zone;  // said anew
    } else if (at >= stay.to) {
      stays.insert(after, Stay{at, at, zone});
    } else {
      // It had left meanwhile, and come back when it was said to be there again at the latest.
      const Stay back{stay.to, stay.to, stay.zone};
      stay.to = stay.from;
      stays.insert(after, {Stay{at, at, zone}, back});
    }
  } else if (after != stays.end() && after->zone == zone) {
    after->from = at;
  } else {
    stays.insert(after, Stay{at, at, zone});
  }
}

/// What was said before this batch, and no late value may ask for any more.
void Whereabouts::forget(Object& object) const {
  if (object.batch == batch_) return;
  object.batch = batch_;
  Stays& stays = object.stays;
  if (stays.size() < 2) return;
  const Micros oldest = stays.back().to - kept_;
  const auto needed = std::ranges::upper_bound(stays, oldest, {}, &Stay::from);
  if (needed - stays.begin() > 1) stays.erase(stays.begin(), needed - 1);
}

bool Whereabouts::take(std::uint32_t object, Half half, const Reading& reading) {
  Object& it = objects_[object];
  const Micros at = reading.at.time_since_epoch().count();
  Value& mine = half == Half::latitude ? it.latitude : it.longitude;
  const Value& other = half == Half::latitude ? it.longitude : it.latitude;
  mine = {at, reading.value};
  if (other.at != at) return false;
  const bool is_first = it.stays.empty();
  forget(it);
  insert(it.stays, at, find({it.longitude.value, it.latitude.value}));
  return is_first;
}

bool Whereabouts::wait(std::uint32_t object, const Reading& reading) {
  auto& waiting = objects_[object].waiting;
  if (waiting.size() >= most_waiting) return false;
  if (waiting.empty()) waiting_.push_back(object);
  waiting.push_back(reading);
  return true;
}

std::vector<Whereabouts::GivenUp> Whereabouts::give_up(Timestamp oldest) {
  std::vector<GivenUp> all;
  std::erase_if(waiting_, [&](std::uint32_t object) {
    auto& waiting = objects_[object].waiting;
    std::erase_if(waiting, [&](const Reading& reading) {
      if (reading.at >= oldest) return false;
      all.push_back({object, reading});
      return true;
    });
    return waiting.empty();
  });
  return all;
}

}  // namespace sosie::window
