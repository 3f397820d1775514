#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/detector.h"
#include "core/frame.h"
#include "core/series.h"

namespace sosie {

/// Aligns the readings of one asset into frames, one a period. A frame is closed when every column
/// has brought a value for it, when more than half of as many as spoke in the last ones have gone
/// on to later ones, or when time has run past it.
///
/// So one clock that is fast closes no frame for the others. What says it is of later waits: who
/// goes on again while nobody else speaks is believed; of who goes on again while others still
/// speak of earlier, what waited counts for the frame being filled, with the time that it has
/// (`Frame::measured_at` behind the frame's end), which is for detectors to see. What comes for a
/// frame that is out, or again, says nothing of the time.
///
/// A value of an instant of which its sensor has brought one already was sent *again*: that is
/// marked in the next frame in which it has a new value (`Frame::fresh` is 2).
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

  /// A reading that is older than the latest of its series; it changes no value. True: there was
  /// one of its frame already, as far as is known (64 frames back, of sensors that send no oftener
  /// than about once a frame).
  bool again(const Reading& reading);

  /// Closes what ended before `now`: for when sources are silent.
  void advance(Timestamp now, const Closed& closed);

 private:
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t remembered_slots = 64;  ///< bits of `had_`

  /// A value of a later frame than the one being filled.
  struct Early {
    std::int64_t slot = none;
    Reading reading;
    std::uint64_t spoken = 0;  ///< `spoken_behind_` when it came
    bool is_stranger = false;  ///< of a column that was in none of the last frames
  };
  void close(const Closed& closed);
  void skip_to(std::int64_t slot, const Closed& closed);
  std::uint32_t column_of(SeriesId series) const;
  std::int64_t earliest_waiting() const;
  void wait(std::uint32_t column, std::int64_t slot, const Reading& reading, const Closed& closed);
  bool are_enough_waiting() const;
  void go_to_next(const Closed& closed);
  void stop_waiting(std::uint32_t column);
  void fill(std::uint32_t column, const Reading& reading);
  void close_if_complete(const Closed& closed);

  AssetColumns columns_;
  const SeriesTable* series_;
  std::size_t known_ = 0;                 ///< rows of the table that were looked at
  std::vector<std::uint32_t> column_of_;  ///< by series index; no_column: not of this asset
  std::optional<std::int64_t> slot_;      ///< the frame being filled
  bool closed_early_ = false;             ///< it was complete, and is out already
  std::size_t fresh_count_ = 0;
  std::array<std::size_t, 2> spoke_{};  ///< columns with a value in the last frames that had any
  std::uint64_t filled_ = 1;            ///< frames with any so far, and the one being filled
  std::uint32_t last_in_time_ = no_column;  ///< who brought the latest value for its own frame
  std::size_t waiting_ = 0;                 ///< of `early_`
  std::int64_t latest_waiting_ = none;
  std::size_t strangers_ = 0;        ///< of them
  std::uint64_t spoken_behind_ = 0;  ///< readings so far that came behind a later one

  // One entry a column.
  std::vector<double> latest_;
  std::vector<double> values_;  ///< latest_, or NaN where stale
  std::vector<Timestamp> measured_at_;
  std::vector<std::uint8_t> fresh_;
  std::vector<std::int64_t> cadence_us_;  ///< mean time between values, 0: not known yet
  std::vector<Early> early_;
  std::vector<std::uint64_t> spoke_in_;  ///< the last of `filled_` in which it had a value
  std::vector<std::uint64_t> had_;   ///< bit k: a value of the frame k before the one being filled
  std::vector<std::uint8_t> again_;  ///< 1: a value came again, and no frame says so yet
};

}  // namespace sosie
