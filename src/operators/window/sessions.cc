#include "operators/window/sessions.h"

#include <algorithm>

namespace sosie::window {
namespace {

Micros begin_of(const Course& session) {
  return session.points().front().at;
}
Micros end_of(const Course& session) {
  return session.points().back().at;
}

}  // namespace

std::uint32_t SessionWindows::add_key() {
  keys_.emplace_back();
  return static_cast<std::uint32_t>(keys_.size() - 1);
}

/// Into the session that it is near enough to; it may make one of two.
void SessionWindows::insert(Key& key, const Point& point, const Speaker& speaker) const {
  auto& open = key.open;
  const auto is_before = [&](const Session& session) {
    return end_of(session) + shape_.gap < point.at ||
           end_of(session) - begin_of(session) >= shape_.longest;
  };
  auto it = std::ranges::find_if_not(open, is_before);
  if (it == open.end() || point.at + shape_.gap < begin_of(*it)) {
    it = open.insert(it, Session(shape_.is_single));
    it->say(point, speaker);
    return;
  }
  it->say(point, speaker);
  const auto next = it + 1;
  if (next != open.end() && begin_of(*next) <= end_of(*it) + shape_.gap &&
      end_of(*next) - begin_of(*it) <= shape_.longest) {
    it->append(*next);
    open.erase(next);
  }
}

Taken SessionWindows::take_of(const Speaker& speaker, std::uint32_t key, const Point& point,
                              Results& out) {
  Key& it = keys_[key];
  if (point.at <= it.told) return Taken::too_late;
  bool is_late = false;
  for (Session& session : it.open) {
    if (session.correct(point, speaker) != Course::Said::first) return Taken::copy;
    is_late = is_late || end_of(session) > point.at;
  }
  insert(it, point, speaker);
  close(key, end_of(it.open.back()), out);
  if (point.at > newest_) advance(point.at, out);
  return is_late ? Taken::late : Taken::in_time;
}

void SessionWindows::close(std::uint32_t key, Micros now, Results& out) {
  Key& it = keys_[key];
  while (!it.open.empty()) {
    const Session& session = it.open.front();
    const Micros last = end_of(session);
    const bool is_full = last - begin_of(session) >= shape_.longest;
    if (last + (is_full ? 0 : shape_.gap) + shape_.lateness >= now) return;
    View view;
    view.points = session.points();
    view.from = begin_of(session);
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
