#include "operators/window/sessions.h"

#include <algorithm>
#include <iterator>

namespace sosie::window {

std::uint32_t SessionWindows::add_key() {
  keys_.emplace_back();
  return static_cast<std::uint32_t>(keys_.size() - 1);
}

/// Into the session that it is near enough to; it may make one of two.
void SessionWindows::insert(Key& key, const Point& point) const {
  auto& open = key.open;
  const auto is_before = [&](const Session& session) {
    return session.back().at + shape_.gap < point.at ||
           session.back().at - session.front().at >= shape_.longest;
  };
  const auto it = std::ranges::find_if_not(open, is_before);
  if (it == open.end() || point.at + shape_.gap < it->front().at) {
    open.insert(it, Session{point});
    return;
  }
  it->insert(std::ranges::upper_bound(*it, point.at, {}, &Point::at), point);
  const auto next = it + 1;
  if (next != open.end() && next->front().at <= it->back().at + shape_.gap &&
      next->back().at - it->front().at <= shape_.longest) {
    it->insert(it->end(), next->begin(), next->end());
    open.erase(next);
  }
}

Taken SessionWindows::take(std::uint32_t key, const Point& point, Results& out) {
  Key& it = keys_[key];
  if (point.at <= it.told) return Taken::too_late;
  bool is_late = false;
  for (Session& session : it.open) {
    const auto same = std::ranges::lower_bound(session, point.at, {}, &Point::at);
    if (shape_.is_single && same != session.end() && same->at == point.at) {
      same->value = point.value;
      return Taken::copy;
    }
    is_late = is_late || session.back().at > point.at;
  }
  insert(it, point);
  close(key, it.open.back().back().at, out);
  if (point.at > newest_) advance(point.at, out);
  return is_late ? Taken::late : Taken::in_time;
}

void SessionWindows::close(std::uint32_t key, Micros now, Results& out) {
  Key& it = keys_[key];
  while (!it.open.empty()) {
    const Session& session = it.open.front();
    const Micros last = session.back().at;
    const bool is_full = last - session.front().at >= shape_.longest;
    if (last + (is_full ? 0 : shape_.gap) + shape_.lateness >= now) return;
    View view;
    view.points = session;
    view.from = session.front().at;
    view.to = last;
    for (std::size_t i = 0; i < shape_.aggregates.size(); ++i) {
      if (const auto value = measurer_.measure(shape_.aggregates[i], view)) {
        out.put(key, i, last, *value);
      }
    }
    it.told = last;
    it.open.erase(it.open.begin());
  }
}

/// Who has fallen silent is found by the others' time, now and then.
void SessionWindows::advance(Micros now, Results& out) {
  newest_ = std::max(newest_, now);
  if (now < next_look_) return;
  next_look_ = now + std::max<Micros>(shape_.gap / 4, 1);
  for (std::uint32_t key = 0; key < keys_.size(); ++key) close(key, now - shape_.wait, out);
}

}  // namespace sosie::window
