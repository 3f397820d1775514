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
      per_micro_(4294967295.0 / static_cast<double>(shape.every)),
      kept_(static_cast<std::uint32_t>(
          (shape.length / shape.every) +
          ((shape.lateness + shape.wait + shape.every - 1) / shape.every) + 1)) {}

std::uint32_t PaneStore::add_key() {
  panes_.resize(panes_.size() + kept_);
  return static_cast<std::uint32_t>((panes_.size() / kept_) - 1);
}

bool PaneStore::tell(std::uint32_t key, std::int64_t end, std::int64_t panes, Results& out) const {
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
  if (all.count == 0) return false;
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    out.put(key, i, end * every_, all.measure(aggregates_[i]));
  }
  return true;
}

PointStore::PointStore(const Shape& shape)
    : aggregates_(shape.aggregates),
      every_(shape.every),
      is_single_(shape.is_single),
      // One length more: the value that held when a window began.
      kept_for_((2 * shape.length) + shape.lateness + shape.wait + shape.every) {}

std::uint32_t PointStore::add_key() {
  keys_.emplace_back();
  return static_cast<std::uint32_t>(keys_.size() - 1);
}

bool PointStore::add(std::uint32_t key, std::int64_t /*pane*/, const Point& point) {
  Kept& kept = keys_[key];
  auto& points = kept.points;
  auto at = points.end();
  while (at != points.begin() + static_cast<std::ptrdiff_t>(kept.begin) &&
         (at - 1)->at >= point.at) {
    if (is_single_ && (at - 1)->at == point.at) {
      const bool is_other = (at - 1)->value != point.value;
      (at - 1)->value = point.value;
      return is_other;
    }
    --at;
  }
  points.insert(at, point);
  while (points[kept.begin].at < points.back().at - kept_for_) ++kept.begin;
  if (kept.begin > 64 && kept.begin * 2 > points.size()) {
    points.erase(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(kept.begin));
    kept.begin = 0;
  }
  return true;
}

bool PointStore::tell(std::uint32_t key, std::int64_t end, std::int64_t panes, Results& out) {
  const Kept& kept = keys_[key];
  View view;
  view.from = (end - panes) * every_;
  view.to = end * every_;
  const auto first = kept.points.begin() + static_cast<std::ptrdiff_t>(kept.begin);
  const auto from = std::ranges::lower_bound(first, kept.points.end(), view.from, {}, &Point::at);
  const auto to = std::ranges::lower_bound(from, kept.points.end(), view.to, {}, &Point::at);
  if (from == to) return false;
  if (from != first) view.before = (from - 1)->value;
  view.points = {from, to};
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (const auto value = measurer_.measure(aggregates_[i], view)) {
      out.put(key, i, view.to, *value);
    }
  }
  return true;
}

}  // namespace sosie::window
