#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/clock.h"

namespace sosie {

/// The history of one numeric attribute of one entity: its row in the SeriesTable, which alone
/// hands ids out. Dense: use it as an index.
struct SeriesId {
  std::uint32_t index = 0;
  auto operator<=>(const SeriesId&) const = default;
};

/// How far a value can be trusted (OPC UA Part 8).
enum class Quality : std::uint8_t { good, uncertain, bad };

/// Why a quality is not good.
enum class QualityReason : std::uint8_t {
  none,
  stale,          ///< no new value in the time the sensor usually takes
  out_of_range,   ///< outside what the sensor can measure
  sensor_fault,   ///< the device says so itself
  clock_skew,     ///< its time lies in the future
  late,           ///< came after younger ones of the same series
  substituted,    ///< held or replaced by the source
  not_connected,  ///< its source is away
  maintenance,    ///< being calibrated or cleaned, as announced: not judged
};

std::string_view to_text(Quality quality);
std::string_view to_text(QualityReason reason);

/// One value of one series at one instant: the word every room speaks.
struct Reading {
  Timestamp at;  ///< event time: when it was measured, never when we received it
  double value =
      0;  ///< in the unit the series declares; never NaN or infinite (intake refuses them)
  SeriesId series{};
  Quality quality = Quality::good;
  QualityReason reason = QualityReason::none;

  bool operator==(const Reading&) const = default;
};
static_assert(sizeof(Reading) == 24 && std::is_trivially_copyable_v<Reading>);

}  // namespace sosie
