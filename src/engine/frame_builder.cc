#include "engine/frame_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/detector.h"

namespace sosie {
namespace {

constexpr std::int64_t stale_after_cadences = 5;
constexpr std::int64_t cadence_memory = 16;  ///< a new interval weighs one in so many

}  // namespace

FrameBuilder::FrameBuilder(std::string asset, Duration period, const SeriesTable& series)
    : series_(&series) {
  columns_.asset = std::move(asset);
  columns_.period = period;
}

bool FrameBuilder::refresh() {
  const std::size_t size = series_->size();
  if (size == known_) return false;
  const std::size_t before = columns_.size();
  column_of_.resize(size, no_column);
  for (; known_ < size; ++known_) {
    const SeriesId id{static_cast<std::uint32_t>(known_)};
    const SeriesInfo& info = (*series_)[id];
    if (info.asset != columns_.asset) continue;
    column_of_[known_] = static_cast<std::uint32_t>(columns_.size());
    columns_.series.push_back(id);
    columns_.info.push_back(&info);
  }
  const std::size_t count = columns_.size();
  latest_.resize(count, std::numeric_limits<double>::quiet_NaN());
  values_.resize(count, std::numeric_limits<double>::quiet_NaN());
  measured_at_.resize(count);
  fresh_.resize(count, 0);
  cadence_us_.resize(count, 0);
  return count != before;
}

void FrameBuilder::add(const Reading& reading, const Closed& closed) {
  if (reading.series.index >= column_of_.size()) return;
  const std::uint32_t column = column_of_[reading.series.index];
  if (column == no_column) return;
  const auto slot = reading.at.time_since_epoch() / columns_.period;
  if (!slot_) slot_ = slot;
  if (slot > *slot_) skip_to(slot, closed);
  if (slot < *slot_) return;  // its frame is out: it is kept and shown, but judged no more

  const Timestamp before = measured_at_[column];
  if (before != Timestamp{} && reading.at > before) {
    const std::int64_t interval = (reading.at - before).count();
    auto& cadence = cadence_us_[column];
    cadence = cadence == 0 ? interval : cadence + (interval - cadence) / cadence_memory;
  }
  const bool is_judged = reading.reason != QualityReason::maintenance;
  latest_[column] = is_judged ? reading.value : std::numeric_limits<double>::quiet_NaN();
  measured_at_[column] = reading.at;
  if (fresh_[column] == 0) {
    fresh_[column] = 1;
    ++fresh_count_;
  }
  if (!closed_early_ && fresh_count_ == columns_.size()) {
    close(closed);
    closed_early_ = true;
  }
}

void FrameBuilder::advance(Timestamp now, const Closed& closed) {
  if (!slot_) return;
  const auto slot = now.time_since_epoch() / columns_.period;
  if (slot > *slot_) skip_to(slot, closed);
}

void FrameBuilder::skip_to(std::int64_t slot, const Closed& closed) {
  if (!closed_early_) close(closed);
  closed_early_ = false;
  const std::int64_t last_empty = std::min(slot - 1, *slot_ + longest_gap_frames);
  while (*slot_ < last_empty) {
    ++*slot_;
    close(closed);
  }
  slot_ = slot;
}

void FrameBuilder::close(const Closed& closed) {
  const std::int64_t period = columns_.period.count();
  const Timestamp at(Duration(*slot_ * period));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const std::int64_t patience = stale_after_cadences * std::max(period, cadence_us_[i]);
    const bool stale = (at - measured_at_[i]).count() > patience;
    values_[i] = stale ? std::numeric_limits<double>::quiet_NaN() : latest_[i];
  }
  closed(Frame{at, values_, measured_at_, fresh_});
  std::fill(fresh_.begin(), fresh_.end(), std::uint8_t{0});
  fresh_count_ = 0;
}

}  // namespace sosie
