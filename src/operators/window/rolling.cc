#include "operators/window/rolling.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace sosie::window {

namespace {
constexpr std::uint32_t pushes_between = 4096;  ///< then the sums' rounding is begun anew
}

RollingWindows::RollingWindows(const Shape& shape) : shape_(shape) {
  needs_points_ = !std::ranges::all_of(shape.aggregates, &Aggregate::is_of_parts);
}

std::uint32_t RollingWindows::add_key() {
  make_room(rings_.emplace_back(), 2 * block);
  return static_cast<std::uint32_t>(rings_.size() - 1);
}

void RollingWindows::prefetch_points(std::uint32_t key) const {
  const Ring& ring = rings_[key];
  __builtin_prefetch(&ring.at(ring.end), 1);
  __builtin_prefetch(&ring.at(ring.first));
  __builtin_prefetch(&ring.extremes(ring.end), 1);
}

void RollingWindows::make_room(Ring& ring, std::uint32_t capacity) {
  const Ring old = ring;
  ring.points = static_cast<Point*>(blocks_.take(bytes_of(capacity)));
  ring.capacity = capacity;
  std::uninitialized_default_construct_n(ring.points, capacity);
  for (std::uint32_t place = ring.kept; place != ring.end; ++place) ring.at(place) = old.at(place);
  find_block_extremes(ring);
  if (old.points != nullptr) blocks_.give_back(old.points, bytes_of(old.capacity));
}

void RollingWindows::find_block_extremes(Ring& ring) {
  std::uninitialized_fill_n(&ring.extremes(0), ring.capacity / block, Extremes());
  for (std::uint32_t place = ring.kept; place != ring.end; ++place) {
    ring.extremes(place).add(ring.at(place).value);
  }
}

void RollingWindows::append(Ring& ring, const Point& point) {
  // A block is never begun while its oldest points are still in the ring.
  if (ring.end - ring.kept + block > ring.capacity) make_room(ring, 2 * ring.capacity);
  if (ring.end == ring.first) ring.origin = point.value;
  ring.at(ring.end) = point;
  Extremes& extremes = ring.extremes(ring.end);
  if (ring.end % block == 0) extremes = {};
  extremes.add(point.value);
  ++ring.end;
  const double off = point.value - ring.origin;
  ring.sum += off;
  ring.squares += off * off;
  ring.window.add(point.value);
}

/// What has become too old for the window ending at `newest`, and what for late readings.
void RollingWindows::let_go(Ring& ring, Micros newest) const {
  bool has_lost_extreme = false;
  while (ring.at(ring.first).at <= newest - shape_.length) {
    const double value = ring.at(ring.first++).value;
    const double off = value - ring.origin;
    ring.sum -= off;
    ring.squares -= off * off;
    has_lost_extreme |= value <= ring.window.min || value >= ring.window.max;
  }
  const Micros oldest = newest - shape_.length - shape_.lateness;
  // But for the last of them: its value holds until the next one comes.
  while (ring.kept != ring.first && ring.at(ring.kept + 1).at <= oldest) ++ring.kept;
  if (ring.end % pushes_between == 0) {
    calculate(ring);
  } else if (has_lost_extreme) {
    look_for_extremes(ring);
  }
}

void RollingWindows::look_for_extremes(Ring& ring) {
  Extremes found;
  std::uint32_t place = ring.first;
  while (place != ring.end && place % block != 0) found.add(ring.at(place++).value);
  while (place != ring.end) {
    const Extremes& extremes = ring.extremes(place);
    found.add(extremes.min);
    found.add(extremes.max);
    place += std::min(block, ring.end - place);
  }
  ring.window = found;
}

void RollingWindows::calculate(Ring& ring) {
  ring.sum = 0;
  ring.squares = 0;
  ring.origin = ring.at(ring.first).value;
  for (std::uint32_t place = ring.first; place != ring.end; ++place) {
    const double off = ring.at(place).value - ring.origin;
    ring.sum += off;
    ring.squares += off * off;
  }
  look_for_extremes(ring);
}

RollingWindows::Rolling RollingWindows::push(std::uint32_t key, const Point& point) {
  Ring& ring = rings_[key];
  append(ring, point);
  let_go(ring, point.at);
  const std::uint32_t count = ring.count();
  return {count, ring.origin + (ring.sum / count), ring.window.min, ring.window.max};
}

Taken RollingWindows::take_of(const Speaker& /*speaker*/, std::uint32_t key, const Point& point,
                              Results& out) {
  const Ring& ring = rings_[key];
  if (ring.count() > 0 && point.at <= ring.at(ring.end - 1).at) {
    return take_late(key, point, out);
  }
  push(key, point);
  tell(key, out);
  return Taken::in_time;
}

/// Puts it where it belongs, and tells again of each reading whose window it lies in.
Taken RollingWindows::take_late(std::uint32_t key, const Point& point, Results& out) {
  Ring& ring = rings_[key];
  const Micros newest = ring.at(ring.end - 1).at;
  if (point.at < newest - shape_.lateness) return Taken::too_late;
  std::uint32_t place = ring.end;
  while (place != ring.kept && ring.at(place - 1).at >= point.at) {
    const Point& there = ring.at(place - 1);
    if (there.at == point.at && there.value == point.value) return Taken::copy;
    --place;
  }
  const bool is_anew = place != ring.end && ring.at(place).at == point.at;
  if (is_anew) {
    ring.at(place).value = point.value;
  } else {
    const bool is_in_window = point.at > newest - shape_.length;
    append(ring, point);
    for (std::uint32_t i = ring.end - 1; i != place; --i) ring.at(i) = ring.at(i - 1);
    ring.at(place) = point;
    if (!is_in_window) ++ring.first;
  }
  find_block_extremes(ring);
  calculate(ring);
  const Micros until = point.at + shape_.length;
  for (; place != ring.end && ring.at(place).at < until; ++place) {
    const auto told = tell_at(key, place, out);
    if (is_anew || ring.at(place).at != point.at) amended_ += told;
  }
  return Taken::late;
}

void RollingWindows::tell(std::uint32_t key, Results& out) {
  const Ring& ring = rings_[key];
  if (needs_points_) {
    tell_at(key, ring.end - 1, out);
    return;
  }
  using Which = Aggregate::What;
  const Point& newest = ring.at(ring.end - 1);
  const auto count = static_cast<double>(ring.count());
  for (std::size_t i = 0; i < shape_.aggregates.size(); ++i) {
    double value = newest.value;
    switch (shape_.aggregates[i].what) {
      case Which::count:
        value = count;
        break;
      case Which::sum:
        value = (ring.origin * count) + ring.sum;
        break;
      case Which::mean:
        value = ring.origin + (ring.sum / count);
        break;
      case Which::min:
        value = ring.window.min;
        break;
      case Which::max:
        value = ring.window.max;
        break;
      case Which::stddev:
        value = count < 2 ? 0
                          : std::sqrt(std::max(
                                0.0, (ring.squares - (ring.sum * ring.sum / count)) / (count - 1)));
        break;
      default:
        break;
    }
    out.put(key, i, newest.at, value);
  }
}

/// Of the window that ends with the reading at `place`, from its points.
std::size_t RollingWindows::tell_at(std::uint32_t key, std::uint32_t place, Results& out) {
  const Ring& ring = rings_[key];
  View view;
  view.to = ring.at(place).at;
  view.from = view.to - shape_.length;
  std::uint32_t first = place;
  while (first != ring.kept && ring.at(first - 1).at > view.from) --first;
  view_.clear();
  for (std::uint32_t i = first; i != place + 1; ++i) view_.push_back(ring.at(i));
  view.points = view_;
  if (first != ring.kept) view.before = ring.at(first - 1).value;
  std::size_t told = 0;
  for (std::size_t i = 0; i < shape_.aggregates.size(); ++i) {
    if (const auto value = measurer_.measure(shape_.aggregates[i], view)) {
      out.put(key, i, view.to, *value);
      ++told;
    }
  }
  return told;
}

}  // namespace sosie::window
