#include "operators/window/course.h"

#include <algorithm>

namespace sosie::window {
namespace {
constexpr std::size_t least_to_move = 64;  ///< forgotten, before the rest is moved to the front
}

/// Where this speaker's of this time is; the end: nowhere.
std::size_t Course::find(const Point& point, const Speaker& speaker) const {
  const std::size_t end = points_.size();
  if (!speaker.may_repeat || begin_ == end || point.at > points_.back().at) return end;
  const auto first = points_.begin() + static_cast<std::ptrdiff_t>(begin_);
  const auto from = std::ranges::lower_bound(first, points_.end(), point.at, {}, &Point::at);
  for (auto i = static_cast<std::size_t>(from - points_.begin()); i < end; ++i) {
    if (points_[i].at != point.at) return end;
    if (is_single_ || whose_[i] == speaker.series) return i;
  }
  return end;
}

Course::Said Course::correct(const Point& point, const Speaker& speaker) {
  const std::size_t there = find(point, speaker);
  if (there == points_.size()) return Said::first;
  if (points_[there].value == point.value) return Said::again;
  points_[there].value = point.value;
  return Said::anew;
}

Course::Said Course::say(const Point& point, const Speaker& speaker) {
  const auto said = correct(point, speaker);
  if (said != Said::first) return said;
  if (points_.empty() || point.at >= points_.back().at) {
    points_.push_back(point);
    if (!is_single_) whose_.push_back(speaker.series);
    return said;
  }
  const auto first = points_.begin() + static_cast<std::ptrdiff_t>(begin_);
  const auto at = std::ranges::upper_bound(first, points_.end(), point.at, {}, &Point::at);
  const auto place = at - points_.begin();
  points_.insert(at, point);
  if (!is_single_) whose_.insert(whose_.begin() + place, speaker.series);
  return said;
}

void Course::append(const Course& later) {
  const auto points = later.points();
  points_.insert(points_.end(), points.begin(), points.end());
  const auto first =
      later.whose_.begin() + (is_single_ ? 0 : static_cast<std::ptrdiff_t>(later.begin_));
  whose_.insert(whose_.end(), first, later.whose_.end());
}

void Course::forget_before(Micros at) {
  while (begin_ + 1 < points_.size() && points_[begin_ + 1].at < at) ++begin_;
  if (begin_ <= least_to_move || begin_ * 2 <= points_.size()) return;
  const auto gone = static_cast<std::ptrdiff_t>(begin_);
  points_.erase(points_.begin(), points_.begin() + gone);
  if (!is_single_) whose_.erase(whose_.begin(), whose_.begin() + gone);
  begin_ = 0;
}

}  // namespace sosie::window
