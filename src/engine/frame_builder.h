#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/series.h"

namespace sosie {

/// Aligns the readings of one asset into frames, one a period. A frame is closed when every column
/// has brought a value for it, when a reading of a later one comes, or when time has run past it.
///
/// A sensor under maintenance is there and says nothing: its column is fresh, and NaN.
///
/// A value that has not come for five times its sensor's own cadence is stale, and NaN in the
/// frame. Threads: the lane's.
class FrameBuilder {
 public:
  using Closed = std::function<void(const Frame&)>;

  /// After a gap, at most so many frames with nothing new in them are given before the next
  /// reading.
  static constexpr std::int64_t longest_gap_frames = 720;

  FrameBuilder(std::string asset, Duration period, const SeriesTable& series);

  const AssetColumns& columns() const { return columns_; }

  /// Looks for new series of the asset. True: the columns have grown, tell the detectors.
  bool refresh();

  /// REQUIRES: `reading` is not older than the latest of its series. Calls `closed` for each frame
  /// that ends by it.
  void add(const Reading& reading, const Closed& closed);

  /// Closes what ended before `now`: for when sources are silent.
  void advance(Timestamp now, const Closed& closed);

 private:
  void close(const Closed& closed);
  void skip_to(std::int64_t slot, const Closed& closed);

  AssetColumns columns_;
  const SeriesTable* series_;
  std::size_t known_ = 0;                 ///< rows of the table that were looked at
  std::vector<std::uint32_t> column_of_;  ///< by series index; no_column: not of this asset
  std::optional<std::int64_t> slot_;      ///< the frame being filled
  bool closed_early_ = false;             ///< it was complete, and is out already
  std::size_t fresh_count_ = 0;

  // One entry a column.
  std::vector<double> latest_;
  std::vector<double> values_;  ///< latest_, or NaN where stale
  std::vector<Timestamp> measured_at_;
  std::vector<std::uint8_t> fresh_;
  std::vector<std::int64_t> cadence_us_;  ///< mean time between values, 0: not known yet
};

}  // namespace sosie
