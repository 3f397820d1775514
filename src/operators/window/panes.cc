#include "operators/window/panes.h"

#include <algorithm>
#include <cmath>

namespace sosie::window {

void Pane::merge(const Pane& later) {
  const double shift = later.origin - origin;
  const auto others = static_cast<double>(later.count);
  squares += later.squares + (2 * shift * later.sum) + (others * shift * shift);
  sum += later.sum + (others * shift);
  count += later.count;
  min = std::min(min, later.min);
  max = std::max(max, later.max);
  last = later.last;
}

double Pane::measure(const Aggregate& aggregate) const {
  using Which = Aggregate::What;
  const auto many = static_cast<double>(count);
  switch (aggregate.what) {
    case Which::count:
      return many;
    case Which::sum:
      return (origin * many) + sum;
    case Which::mean:
      return origin + (sum / many);
    case Which::min:
      return min;
    case Which::max:
      return max;
    case Which::stddev:
      return count < 2 ? 0 : std::sqrt(std::max(0.0, (squares - (sum * sum / many)) / (many - 1)));
    default:
      return last;
  }
}

PaneStore::PaneStore(const Shape& shape)
    : aggregates_(shape.aggregates),
      every_(shape.every),
      lateness_(shape.lateness),
      per_micro_(4294967295.0 / static_cast<double>(shape.every)),
      kept_(static_cast<std::uint32_t>(
          (shape.length / shape.every) +
          ((shape.lateness + shape.wait + shape.every - 1) / shape.every) + 1)),
      knows_copies_(shape.knows_copies),
      is_single_(shape.is_single) {}

std::uint32_t PaneStore::add_key() {
  if (knows_copies_) courses_.emplace_back(is_single_);
  panes_.resize(panes_.size() + kept_);
  return static_cast<std::uint32_t>((panes_.size() / kept_) - 1);
}

/// One of its values was another before: extremes cannot be taken back, so all is added anew.
bool PaneStore::add_again(std::uint32_t key, Pane& pane) {
  const std::int64_t number = pane.number;
  const auto points = courses_[key].points();
  auto at = std::ranges::lower_bound(points, number * every_, {}, &Point::at);
  pane.begin(number, at->value);
  for (; at != points.end() && at->at < (number + 1) * every_; ++at) {
    pane.add(at->value, part_of(number, at->at));
  }
  return true;
}

/// What no late reading may amend any more.
void PaneStore::forget(std::uint32_t key) {
  const Micros newest = courses_[key].points().back().at;
  courses_[key].forget_before(floor_of(newest - lateness_, every_) * every_);
}

std::size_t PaneStore::tell(std::uint32_t key, std::int64_t end, std::int64_t panes,
                            Results& out) const {
  Pane all;
  for (std::int64_t pane = end - panes; pane < end; ++pane) {
    const Pane& one = panes_[(std::size_t{key} * kept_) + place_of(pane)];
    if (one.number != pane) continue;
    if (all.count == 0) {
      all = one;
    } else {
      all.merge(one);
    }
  }
  if (all.count == 0) return 0;
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    out.put(key, i, end * every_, all.measure(aggregates_[i]));
  }
  return aggregates_.size();
}

PointStore::PointStore(const Shape& shape)
    : aggregates_(shape.aggregates),
      every_(shape.every),
      is_single_(shape.is_single),
      kept_for_(shape.length + shape.lateness + shape.wait + (2 * shape.every)) {}

std::uint32_t PointStore::add_key() {
  keys_.emplace_back(is_single_);
  return static_cast<std::uint32_t>(keys_.size() - 1);
}

bool PointStore::add(std::uint32_t key, std::int64_t /*pane*/, const Point& point,
                     const Speaker& speaker) {
  Course& course = keys_[key];
  if (course.say(point, speaker) == Course::Said::again) return false;
  course.forget_before(course.points().back().at - kept_for_);
  return true;
}

bool PointStore::holds(std::uint32_t key, std::int64_t pane) const {
  const auto points = keys_[key].points();
  const auto at = std::ranges::lower_bound(points, pane * every_, {}, &Point::at);
  return at != points.end() && at->at < (pane + 1) * every_;
}

std::size_t PointStore::tell(std::uint32_t key, std::int64_t end, std::int64_t panes,
                             Results& out) {
  const auto points = keys_[key].points();
  View view;
  view.from = (end - panes) * every_;
  view.to = end * every_;
  const auto from = std::ranges::lower_bound(points, view.from, {}, &Point::at);
  const auto to = std::ranges::lower_bound(from, points.end(), view.to, {}, &Point::at);
  if (from == to) return 0;
  if (from != points.begin()) view.before = (from - 1)->value;
  view.points = {from, to};
  std::size_t told = 0;
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (const auto value = measurer_.measure(aggregates_[i], view)) {
      out.put(key, i, view.to, *value);
      ++told;
    }
  }
  return told;
}

}  // namespace sosie::window
