#include "engine/frame_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sosie {
namespace {

constexpr std::int64_t stale_after_cadences = 5;
constexpr std::int64_t cadence_memory = 16;  ///< a new interval weighs one in so many
constexpr std::uint8_t came_again = 2;       ///< Frame::fresh: it is, and a value came again

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
  early_.resize(count);
  spoke_in_.resize(count, 0);
  had_.resize(count, 0);
  again_.resize(count, 0);
  return count != before;
}

void FrameBuilder::add(const Reading& reading, const Closed& closed) {
  const std::uint32_t column = column_of(reading.series);
  if (column == no_column) return;
  const std::int64_t slot = reading.at.time_since_epoch() / columns_.period;
  if (!slot_) slot_ = slot;
  const bool is_again = reading.at == measured_at_[column] ||
                        (early_[column].slot != none && reading.at == early_[column].reading.at);
  if (is_again) again_[column] = 1;
  if (slot > *slot_) {
    wait(column, slot, reading, closed);
    return;
  }
  if (slot < *slot_) return;  // its frame is out: it is kept and shown, but judged no more
  if (!is_again) ++spoken_behind_;
  fill(column, reading);
  last_in_time_ = column;
  close_if_complete(closed);
}

bool FrameBuilder::again(const Reading& reading) {
  const std::uint32_t column = column_of(reading.series);
  if (column == no_column || !slot_) return false;
  const auto ago = *slot_ - reading.at.time_since_epoch() / columns_.period;
  const bool is_slower = cadence_us_[column] * 2 > columns_.period.count();
  if (!is_slower || ago < 0 || ago >= remembered_slots) return false;
  if (((had_[column] >> static_cast<unsigned>(ago)) & 1U) == 0) return false;
  again_[column] = 1;
  return true;
}

std::uint32_t FrameBuilder::column_of(SeriesId series) const {
  return series.index < column_of_.size() ? column_of_[series.index] : no_column;
}

/// A reading of a later frame than is being filled waits for what the others say.
void FrameBuilder::wait(std::uint32_t column, std::int64_t slot, const Reading& reading,
                        const Closed& closed) {
  Early& early = early_[column];
  if (early.slot != none && slot > early.slot) {
    if (spoken_behind_ != early.spoken) {
      const Reading before = early.reading;
      stop_waiting(column);
      fill(column, before);
      close_if_complete(closed);
    } else {
      const std::int64_t until = early.slot;
      while (*slot_ < until) go_to_next(closed);  // nobody else speaks
    }
  }
  if (early.slot == none) {
    ++waiting_;
    early.is_stranger = spoke_in_[column] + spoke_.size() < filled_;
    strangers_ += early.is_stranger ? 1 : 0;
  }
  const bool is_behind = slot < latest_waiting_ && slot != early.slot;
  if (is_behind) ++spoken_behind_;
  latest_waiting_ = std::max(latest_waiting_, slot);
  early.slot = slot;
  early.reading = reading;
  early.spoken = spoken_behind_;
  while (are_enough_waiting()) go_to_next(closed);
}

/// One alone is enough where nobody else has brought a value of its frame since it did itself.
bool FrameBuilder::are_enough_waiting() const {
  if (waiting_ == 1) return last_in_time_ != no_column && early_[last_in_time_].slot != none;
  return 2 * waiting_ > std::min(spoke_[0], spoke_[1]) + strangers_;
}

void FrameBuilder::stop_waiting(std::uint32_t column) {
  Early& early = early_[column];
  early.slot = none;
  --waiting_;
  strangers_ -= early.is_stranger ? 1 : 0;
}

std::int64_t FrameBuilder::earliest_waiting() const {
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  for (const Early& early : early_) {
    if (early.slot != none) earliest = std::min(earliest, early.slot);
  }
  return earliest;
}

/// REQUIRES: one is waiting. To the next frame for which there is a value.
void FrameBuilder::go_to_next(const Closed& closed) {
  skip_to(earliest_waiting(), closed);
  latest_waiting_ = none;
  for (std::uint32_t column = 0; column < early_.size(); ++column) {
    const Early& early = early_[column];
    if (early.slot == *slot_) {
      stop_waiting(column);
      fill(column, early.reading);
      last_in_time_ = column;
    } else {
      latest_waiting_ = std::max(latest_waiting_, early.slot);
    }
  }
  close_if_complete(closed);
}

void FrameBuilder::fill(std::uint32_t column, const Reading& reading) {
  const Timestamp before = measured_at_[column];
  if (before != Timestamp{} && reading.at > before) {
    const std::int64_t interval = (reading.at - before).count();
    auto& cadence = cadence_us_[column];
    cadence = cadence == 0 ? interval : cadence + (interval - cadence) / cadence_memory;
  }
  const bool is_judged = reading.reason != QualityReason::maintenance;
  latest_[column] = is_judged ? reading.value : std::numeric_limits<double>::quiet_NaN();
  measured_at_[column] = reading.at;
  had_[column] |= 1U;
  spoke_in_[column] = filled_;
  if (fresh_[column] == 0) {
    fresh_[column] = 1;
    ++fresh_count_;
  }
}

void FrameBuilder::close_if_complete(const Closed& closed) {
  if (closed_early_ || fresh_count_ != columns_.size()) return;
  close(closed);
  closed_early_ = true;
}

void FrameBuilder::advance(Timestamp now, const Closed& closed) {
  if (!slot_) return;
  const auto slot = now.time_since_epoch() / columns_.period;
  while (waiting_ > 0 && earliest_waiting() <= slot) go_to_next(closed);
  if (slot > *slot_) skip_to(slot, closed);
}

void FrameBuilder::skip_to(std::int64_t slot, const Closed& closed) {
  if (!closed_early_) close(closed);
  closed_early_ = false;
  const std::int64_t before = *slot_;
  const std::int64_t last_empty = std::min(slot - 1, *slot_ + longest_gap_frames);
  while (*slot_ < last_empty) {
    ++*slot_;
    close(closed);
  }
  const std::int64_t further = slot - before;
  for (auto& had : had_) had = further < remembered_slots ? had << further : 0;
  slot_ = slot;
}

void FrameBuilder::close(const Closed& closed) {
  const std::int64_t period = columns_.period.count();
  const Timestamp at(Duration(*slot_ * period));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const std::int64_t patience = stale_after_cadences * std::max(period, cadence_us_[i]);
    const bool stale = (at - measured_at_[i]).count() > patience;
    values_[i] = stale ? std::numeric_limits<double>::quiet_NaN() : latest_[i];
    if (again_[i] != 0 && fresh_[i] != 0) {
      fresh_[i] = came_again;
      again_[i] = 0;
    }
  }
  closed(Frame{at, values_, measured_at_, fresh_});
  std::fill(fresh_.begin(), fresh_.end(), std::uint8_t{0});
  if (fresh_count_ > 0) {
    spoke_ = {fresh_count_, spoke_[0]};
    ++filled_;
  }
  fresh_count_ = 0;
}

}  // namespace sosie
