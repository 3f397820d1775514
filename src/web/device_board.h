#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.h"
#include "twin/live/latest.h"
#include "web/device_table.h"

namespace sosie::web {

/// What people see of a fleet at a glance: where each device is, what alarm it has, how old its
/// data are. Keeps what it last told of each place, so that it can tell what has changed since.
///
/// Reads `Latest` and nothing of the lane's. Threads: one at a time; `series` and `latest` outlive
/// it.
class DeviceBoard {
 public:
  /// The most urgent live alarm of a device that nobody has shelved.
  struct Trouble {
    std::uint8_t priority = 0;  ///< as Priority; 0: none
    bool acknowledged = false;
    bool operator==(const Trouble&) const = default;
  };

  static constexpr std::size_t most_on_map = 50'000;
  static constexpr std::size_t head_bytes = 24;
  static constexpr std::size_t record_bytes = 20;
  static constexpr std::size_t valued_record_bytes = 24;

  /// Versions grow from `first_version` on: one that is larger than any of an earlier run makes
  /// what a page still knows of that run old.
  DeviceBoard(const SeriesTable& series, const Latest& latest, std::uint64_t first_version)
      : series_(series), latest_(latest), version_(first_version) {}

  /// Takes in new series and, where `alarm_version` is another than before, the alarms that
  /// `ask` gives.
  template <class Ask>
  void refresh(std::uint64_t alarm_version, Ask ask) {
    const auto known = table_.size();
    table_.refresh(series_);
    if (alarm_version == alarm_version_ && known == table_.size()) return;
    alarm_version_ = alarm_version;
    take(ask());
  }

  const DeviceTable& table() const { return table_; }
  Trouble trouble(DeviceTable::Index device) const { return troubles_[device]; }
  /// The event time of the youngest reading; none: nothing came yet.
  std::optional<Timestamp> newest(DeviceTable::Index device) const;

  /// The places that are others, or say something else of their device, than at `version`; 0: all.
  /// The first `most_on_map` devices with a place. Little-endian: float64 version, float64 `now` in
  /// ms, uint32 devices with a place, uint32 records; then a record each: uint32 index, int32
  /// latitude and longitude in 1e-7 degrees, uint32 time of the youngest reading in s, uint32
  /// state: priority | acknowledged << 3 | quality of the place << 4. With an `attribute` also what
  /// the device has of it: float32 (NaN: nothing), and its quality in the state, << 6.
  std::string places_since(std::uint64_t version, Timestamp now,
                           std::optional<std::string_view> attribute = std::nullopt);

 private:
  struct Spot {
    std::int32_t latitude = 0;
    std::int32_t longitude = 0;
    std::uint32_t at_s = 0;  ///< 0: it has no place yet
    std::uint32_t state = 0;
    std::uint64_t mark = 0;  ///< another when one of its values is
    bool operator==(const Spot&) const = default;
  };
  struct Known {
    std::optional<Timestamp> newest;
    std::uint64_t mark = 0;
  };
  struct Told {
    Spot spot;
    std::uint64_t version = 0;
  };
  void take(std::span<const Alarm> alarms);
  Known look_at(DeviceTable::Index device) const;
  Spot spot(DeviceTable::Index device) const;
  std::optional<Reading> value(DeviceTable::Index device,
                               std::optional<std::uint16_t> attribute) const;
  void look();

  const SeriesTable& series_;
  const Latest& latest_;
  DeviceTable table_;
  std::vector<Trouble> troubles_;  ///< by device
  std::vector<Told> told_;         ///< as placed() of the table
  std::uint64_t alarm_version_ = ~std::uint64_t{0};
  std::uint64_t version_;
};

}  // namespace sosie::web
