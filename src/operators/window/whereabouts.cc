#include "operators/window/whereabouts.h"

namespace sosie::window {

std::uint32_t Whereabouts::add_object() {
  objects_.emplace_back();
  return static_cast<std::uint32_t>(objects_.size() - 1);
}

std::uint32_t Whereabouts::find(double longitude, double latitude) const {
  if (longitude == 0 && latitude == 0) return nowhere;  // a receiver that has no fix says so
  if (const auto zone = zoning_->zone_at(longitude, latitude)) return *zone;
  return zoning_->zone_at(latitude, longitude) ? swapped : outside;
}

void Whereabouts::place(std::uint32_t object, double longitude, double latitude) {
  objects_[object].zone = find(longitude, latitude);
  objects_[object].is_placed = true;
}

bool Whereabouts::take(std::uint32_t object, Half half, const Reading& reading) {
  Object& it = objects_[object];
  const Micros at = reading.at.time_since_epoch().count();
  Value& mine = half == Half::latitude ? it.latitude : it.longitude;
  const Value& other = half == Half::latitude ? it.longitude : it.latitude;
  if (at < mine.at) return false;  // it has moved on since
  mine = {at, reading.value};
  if (other.at != at) return false;
  const bool is_first = !it.is_placed;
  place(object, it.longitude.value, it.latitude.value);
  return is_first;
}

bool Whereabouts::wait(std::uint32_t object, const Reading& reading) {
  auto& waiting = objects_[object].waiting;
  if (waiting.size() >= most_waiting) return false;
  waiting.push_back(reading);
  return true;
}

}  // namespace sosie::window
