#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace sosie {

/// A queue with an end: who puts into a full one waits, which is how a slow consumer slows its
/// source instead of losing readings. Carries batches, not readings: its lock is paid once a batch.
///
/// Threads: any number of producers and consumers.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. The item's place in the order of all ever put in, from 1; 0, and `item`
  /// untouched, when `stop` was requested or the queue is closed.
  std::uint64_t put(T& item, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!has_room_.wait(lock, stop, [&] { return closed_ || items_.size() < capacity_; })) {
      return 0;
    }
    if (closed_) return 0;
    return push(item);
  }

  /// Never waits. 0, and `item` untouched, when there is no room or the queue is closed.
  std::uint64_t try_put(T& item) {
    const std::scoped_lock lock(mutex_);
    if (closed_ || items_.size() >= capacity_) return 0;
    return push(item);
  }

  /// Waits for an item. None once the queue is closed and empty.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    has_item_.wait(lock, [&] { return closed_ || !items_.empty(); });
    return pop();
  }

  /// Never waits.
  std::optional<T> try_take() {
    const std::scoped_lock lock(mutex_);
    return pop();
  }

  /// Waits for an item until `patience` has passed.
  template <class Rep, class Period>
  std::optional<T> take_for(std::chrono::duration<Rep, Period> patience) {
    std::unique_lock lock(mutex_);
    has_item_.wait_for(lock, patience, [&] { return closed_ || !items_.empty(); });
    return pop();
  }

  /// Nothing more goes in; what is inside can still be taken.
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    has_item_.notify_all();
    has_room_.notify_all();
  }

  bool is_closed() const {
    const std::scoped_lock lock(mutex_);
    return closed_;
  }
  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return items_.size();
  }
  std::size_t capacity() const { return capacity_; }

 private:
  std::uint64_t push(T& item) {
    items_.push_back(std::move(item));
    has_item_.notify_one();
    return ++pushed_;
  }

  std::optional<T> pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    has_room_.notify_one();
    return item;
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any has_room_;
  std::condition_variable_any has_item_;
  std::deque<T> items_;
  bool closed_ = false;
  std::uint64_t pushed_ = 0;
};

}  // namespace sosie
