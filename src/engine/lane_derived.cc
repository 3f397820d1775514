#include <algorithm>

#include "engine/lane.h"

namespace sosie {
namespace {

/// Readings may be under way for so long when nothing has come: a window does not end before.
constexpr auto under_way = std::chrono::seconds(10);

constexpr auto between_saves = std::chrono::minutes(10);

}  // namespace

/// What operators give goes the way of what it is made of.
void Lane::derive(const Reading& reading, const FrameBuilder::Closed& closed) {
  const std::size_t begin = derived_.size();
  operators_.take(reading, derived_);
  know_derived(begin, closed);
}

/// Where objects are is known before what they say, in whatever order a message has its fields.
void Lane::derive_places(const Parcel& parcel, const FrameBuilder::Closed& closed) {
  for (const Reading& reading : parcel.readings) {
    if (reading.reason == QualityReason::clock_skew || !operators_.is_place(reading.series)) {
      continue;
    }
    derive(reading, closed);
  }
}

void Lane::know_derived(std::size_t begin, const FrameBuilder::Closed& closed) {
  for (std::size_t i = begin; i < derived_.size(); ++i) know(derived_[i], closed);
}

/// It is committed with what it is made of, or not at all.
void Lane::settle_derived(Parcel& parcel, const FrameBuilder::Closed& closed) {
  const std::size_t begin = derived_.size();
  operators_.settle(derived_);
  know_derived(begin, closed);
  parcel.readings.insert(parcel.readings.end(), derived_.begin(), derived_.end());
  derived_.clear();
}

void Lane::derive_from_passing_time(Timestamp now, Parcel& parcel) {
  if (frame_at_ == Timestamp{}) return;  // nothing has ever come
  const FrameBuilder::Closed closed = [&](const Frame& frame) {
    take_frame(frame, parcel.findings);
  };
  operators_.advance(std::min(now, frame_at_ + (now - quiet_since_)) - under_way, derived_);
  know_derived(0, closed);
  parcel.readings.insert(parcel.readings.end(), derived_.begin(), derived_.end());
  derived_.clear();
}

/// Now and then: with what the parcel has brought, so it is as old as what is stored.
void Lane::save_learned(Parcel& parcel) {
  if (operators_.empty() || stopwatch() - saved_ < between_saves) return;
  saved_ = stopwatch();
  operators_.save(parcel.remembered);
}

}  // namespace sosie
