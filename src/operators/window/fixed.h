#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "operators/window/panes.h"
#include "operators/window/shape.h"

namespace sosie::window {

/// Windows that end at multiples of `every`: [end - length, end), dated `end`. Tumbling: every is
/// the length. A window in which nothing lies is not told of.
///
/// Store: PaneStore or PointStore.
template <class Store>
class FixedWindows final : public Windows {
 public:
  explicit FixedWindows(const Shape& shape)
      : every_(shape.every),
        lateness_(shape.lateness),
        wait_(shape.wait),
        panes_(shape.length / shape.every),
        store_(shape) {}

  std::uint32_t add_key() override {
    keys_.emplace_back();
    return store_.add_key();
  }

  Taken take_of(const Speaker& speaker, std::uint32_t key, const Point& point,
                Results& out) override {
    Key& it = keys_[key];
    const std::int64_t pane = pane_of(point.at);
    const bool is_late = it.newest != never && point.at < it.newest;
    if (is_late && pane < floor_of(it.newest - lateness_, every_)) return Taken::too_late;
    if (point.at > newest_) advance(point.at, out);  // before the ring forgets what is told of
    // Who is behind the others goes on as well: what a batch of the past has filled is told of.
    if (it.is_dirty && pane > it.pane) tell_dirty(key, pane, out);
    if (pane < closed_) note_first(key, pane);
    if (!store_.add(key, pane, point, speaker)) return Taken::copy;
    if (!is_late) {
      it.newest = point.at;
      it.pane = pane;
    }
    if (pane < closed_) amend(key, pane);
    return is_late ? Taken::late : Taken::in_time;
  }

  std::uint64_t settle(Results& out) override {
    for (const std::uint32_t key : dirty_) {
      tell_dirty(key, closed_, out);
      keys_[key].is_dirty = false;
    }
    dirty_.clear();
    return std::exchange(amended_, 0);
  }

  void advance(Micros now, Results& out) override {
    if (now <= newest_) return;
    newest_ = now;
    if (now - wait_ < next_close_) return;
    const std::int64_t closed = floor_of(now - wait_, every_);
    if (closed_ != Pane::none) close(closed, out);
    closed_ = closed;
    next_close_ = (closed + 1) * every_;
  }

 private:
  static constexpr Micros never = std::numeric_limits<Micros>::min();
  struct Key {
    Micros newest = never;
    std::int64_t pane = Pane::none;
    std::int64_t dirty_from = 0;  ///< ends of windows to be told of, mostly again
    std::int64_t dirty_to = 0;
    bool is_dirty = false;
  };

  /// Most readings lie in the pane of the one before.
  std::int64_t pane_of(Micros at) {
    if (at < pane_begin_ || at >= pane_begin_ + every_) {
      pane_ = floor_of(at, every_);
      pane_begin_ = pane_ * every_;
    }
    return pane_;
  }

  void close(std::int64_t closed, Results& out) {
    for (std::uint32_t key = 0; key < keys_.size(); ++key) {
      if (keys_[key].newest == never) continue;
      const std::int64_t last = std::min(closed, keys_[key].pane + panes_);
      for (std::int64_t end = closed_ + 1; end <= last; ++end) store_.tell(key, end, panes_, out);
    }
  }

  /// Windows that nothing was told of, for the pane is the first in them that is not empty: who
  /// lies behind the others fills those.
  void note_first(std::uint32_t key, std::int64_t pane) {
    if (store_.holds(key, pane)) return;
    std::int64_t before = pane - 1;
    while (before > pane - panes_ && !store_.holds(key, before)) --before;
    const std::int64_t last = std::min(pane + panes_, closed_);
    std::int64_t after = pane + 1;
    while (after < last && !store_.holds(key, after)) ++after;
    for (std::int64_t end = before + panes_ + 1; end <= std::min(after, last); ++end) {
      first_.emplace(key, end);
    }
  }

  /// Windows of the key that end at `until` or before.
  void tell_dirty(std::uint32_t key, std::int64_t until, Results& out) {
    Key& it = keys_[key];
    for (; it.dirty_from <= std::min({it.dirty_to, until, closed_}); ++it.dirty_from) {
      const auto told = store_.tell(key, it.dirty_from, panes_, out);
      if (told == 0) continue;
      if (first_.empty() || first_.erase({key, it.dirty_from}) == 0) amended_ += told;
    }
  }

  void amend(std::uint32_t key, std::int64_t pane) {
    Key& it = keys_[key];
    if (!it.is_dirty) {
      it.dirty_from = pane + 1;
      it.dirty_to = pane + panes_;
      it.is_dirty = true;
      dirty_.push_back(key);
      return;
    }
    it.dirty_from = std::min(it.dirty_from, pane + 1);
    it.dirty_to = std::max(it.dirty_to, pane + panes_);
  }

  const Micros every_;
  const Micros lateness_;
  const Micros wait_;
  const std::int64_t panes_;  ///< of a window
  Store store_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> dirty_;  ///< keys
  std::set<std::pair<std::uint32_t, std::int64_t>>
      first_;                  ///< by key and end: told of by nobody yet
  std::uint64_t amended_ = 0;  ///< results, since the last batch
  Micros newest_ = never;
  std::int64_t closed_ = Pane::none;  ///< the end of the youngest window that was told of
  Micros next_close_ = never;
  std::int64_t pane_ = 0;
  Micros pane_begin_ = 0;
};

}  // namespace sosie::window
