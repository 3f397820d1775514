#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/series.h"

namespace sosie::web {

/// Which series belong to which device. Every entity is one; it has a place on the map where it has
/// a latitude and a longitude among its series.
///
/// Costs 10 bytes a series and some 90 a device, so that a million of them can be listed.
/// Threads: one at a time.
class DeviceTable {
 public:
  using Index = std::uint32_t;  ///< of a device, in the order of declaration; it never changes
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  struct Device {
    std::string_view name;  ///< the entity's, in the table of series
    std::uint32_t first = none;
    std::uint32_t last = none;
    std::uint32_t latitude = none;
    std::uint32_t longitude = none;

    bool has_place() const { return latitude != none && longitude != none; }
  };

  /// Takes in the series that are new. `series` is the same table at each call, and outlives this.
  void refresh(const SeriesTable& series);

  std::size_t size() const { return devices_.size(); }
  const Device& operator[](Index device) const { return devices_[device]; }
  /// Those with a place, in the order in which they got it.
  const std::vector<Index>& placed() const { return placed_; }

  std::optional<Index> find(std::string_view name) const;
  /// None: a series that came since the last refresh.
  std::optional<Index> device_of(SeriesId series) const;
  /// The series of a device, in the order of declaration.
  std::vector<SeriesId> series_of(Index device) const;
  /// None: no device has such a thing.
  std::optional<std::uint16_t> attribute(std::string_view name) const;
  /// That attribute's series at a device.
  std::optional<SeriesId> series_of(Index device, std::uint16_t attribute) const;

 private:
  struct Link {
    Index device = none;
    std::uint32_t next = none;  ///< of the same device
  };
  void add(SeriesId id, const SeriesInfo& info);
  Index device_named(std::string_view entity);
  std::uint16_t attribute_named(const std::string& name);

  std::vector<Device> devices_;
  std::vector<Link> links_;                ///< by series
  std::vector<std::uint16_t> attributes_;  ///< by series
  std::vector<Index> placed_;
  std::unordered_map<std::string_view, Index> by_name_;
  std::unordered_map<std::string, std::uint16_t> by_attribute_;
};

}  // namespace sosie::web
