#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/reading.h"
#include "core/series.h"

namespace sosie {

/// The readings of one asset aligned at one instant, for detectors that look at many sensors at
/// once. Column i of every span is the asset's series i.
struct Frame {
  Timestamp at;
  std::span<const double> values;          ///< the latest by event time; NaN: none, or stale
  std::span<const Timestamp> measured_at;  ///< when; epoch where there was never one
  /// What came since the last frame. 0: nothing; 1: a new value; 2: that, and one that had come
  /// before. A sensor under maintenance is fresh, and NaN.
  std::span<const std::uint8_t> fresh;
};

/// What a detector is told of the asset it watches: column i is series[i], described by *info[i].
struct AssetColumns {
  std::string asset;
  Duration period{};  ///< from one frame to the next
  std::vector<SeriesId> series;
  std::vector<const SeriesInfo*> info;

  std::size_t size() const { return series.size(); }
};

}  // namespace sosie
