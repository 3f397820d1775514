#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/series.h"

namespace sosie::rules {

/// The devices (entities) of the series that rules look at, by number. A hash table of numbers that
/// finds names in the SeriesTable: 12 bytes a device and no string.
class Devices {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  explicit Devices(const SeriesTable& series) : series_(&series) {}

  /// The device of this series, which becomes its youngest. New if its entity is.
  std::uint32_t add(SeriesId id);
  std::uint32_t find(std::string_view entity) const;

  SeriesId youngest(std::uint32_t device) const { return youngest_[device]; }
  std::string_view name(std::uint32_t device) const { return (*series_)[youngest_[device]].entity; }
  std::size_t size() const { return youngest_.size(); }
  std::size_t bytes() const {
    return (youngest_.capacity() + slots_.capacity()) * sizeof(SeriesId);
  }

 private:
  std::size_t slot_of(std::string_view entity) const;
  void grow();

  const SeriesTable* series_;
  std::vector<SeriesId> youngest_;
  std::vector<std::uint32_t> slots_;  ///< a power of two, at most half of them taken
};

}  // namespace sosie::rules
