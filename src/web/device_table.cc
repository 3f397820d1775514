#include "web/device_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace sosie::web {
namespace {

constexpr std::uint16_t too_many = std::numeric_limits<std::uint16_t>::max();

/// "position.Latitude" → "latitude": nested fields often become attributes with their path.
std::string last_word(std::string_view attribute) {
  const auto at = attribute.find_last_of("._/ ");
  std::string word(attribute.substr(at == std::string_view::npos ? 0 : at + 1));
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word;
}

bool is_latitude(std::string_view word) {
  return word == "latitude" || word == "lat";
}

bool is_longitude(std::string_view word) {
  constexpr std::array<std::string_view, 4> known{"longitude", "lon", "lng", "long"};
  return std::ranges::find(known, word) != known.end();
}

}  // namespace

void DeviceTable::refresh(const SeriesTable& series) {
  const auto end = static_cast<std::uint32_t>(series.size());
  for (auto i = static_cast<std::uint32_t>(links_.size()); i < end; ++i) {
    add(SeriesId{i}, series[SeriesId{i}]);
  }
}

void DeviceTable::add(SeriesId id, const SeriesInfo& info) {
  const Index index = device_named(info.entity);
  Device& device = devices_[index];
  links_.push_back({index, none});
  attributes_.push_back(attribute_named(info.attribute));
  if (device.last == none) {
    device.first = id.index;
  } else {
    links_[device.last].next = id.index;
  }
  device.last = id.index;
  const bool had_place = device.has_place();
  const auto word = last_word(info.attribute);
  if (device.latitude == none && is_latitude(word)) device.latitude = id.index;
  if (device.longitude == none && is_longitude(word)) device.longitude = id.index;
  if (!had_place && device.has_place()) placed_.push_back(index);
}

DeviceTable::Index DeviceTable::device_named(std::string_view entity) {
  const auto [at, is_new] = by_name_.try_emplace(entity, static_cast<Index>(devices_.size()));
  if (is_new) devices_.push_back({.name = entity});
  return at->second;
}

std::uint16_t DeviceTable::attribute_named(const std::string& name) {
  const auto known = by_attribute_.find(name);
  if (known != by_attribute_.end()) return known->second;
  if (by_attribute_.size() >= too_many) return too_many;
  const auto number = static_cast<std::uint16_t>(by_attribute_.size());
  by_attribute_.emplace(name, number);
  return number;
}

std::optional<DeviceTable::Index> DeviceTable::find(std::string_view name) const {
  const auto at = by_name_.find(name);
  if (at == by_name_.end()) return std::nullopt;
  return at->second;
}

std::optional<DeviceTable::Index> DeviceTable::device_of(SeriesId series) const {
  if (series.index >= links_.size()) return std::nullopt;
  return links_[series.index].device;
}

std::vector<SeriesId> DeviceTable::series_of(Index device) const {
  std::vector<SeriesId> found;
  for (auto i = devices_[device].first; i != none; i = links_[i].next) found.push_back({i});
  return found;
}

std::optional<std::uint16_t> DeviceTable::attribute(std::string_view name) const {
  const auto at = by_attribute_.find(std::string(name));
  if (at == by_attribute_.end()) return std::nullopt;
  return at->second;
}

std::optional<SeriesId> DeviceTable::series_of(Index device, std::uint16_t attribute) const {
  for (auto i = devices_[device].first; i != none; i = links_[i].next) {
    if (attributes_[i] == attribute) return SeriesId{i};
  }
  return std::nullopt;
}

}  // namespace sosie::web
