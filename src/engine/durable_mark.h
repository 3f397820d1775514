#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/result.h"

namespace sosie {

/// How far the journal is: everything up to this number is on disk. Any thread.
class DurableMark {
 public:
  void publish(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    number_ = number;
    moved_.notify_all();
  }

  /// An attempt to write has failed: those who wait are told so at once.
  void fail(Error trouble) {
    const std::scoped_lock lock(mutex_);
    trouble_ = std::move(trouble);
    ++failures_;
    moved_.notify_all();
  }
  void succeed() {
    const std::scoped_lock lock(mutex_);
    trouble_.reset();
  }
  /// Why the last attempt failed; none: it did not.
  std::optional<Error> trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
  }

  /// False: not by `patience`, or an attempt failed meanwhile. Also makes the committer hurry: it
  /// commits at once while somebody waits.
  bool wait(std::uint64_t number, std::chrono::microseconds patience) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    asked_.notify_all();
    const auto failures = failures_;
    moved_.wait_for(lock, patience, [&] { return number_ >= number || failures_ != failures; });
    --waiting_;
    return number_ >= number;
  }

  /// As if somebody waited for `number`, but nobody does.
  void hurry(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    wanted_ = std::max(wanted_, number);
    asked_.notify_all();
  }

  /// As if somebody who can wait a moment longer waited for what stands before the committer.
  void hurry() {
    const std::scoped_lock lock(mutex_);
    is_urgent_ = true;
    asked_.notify_all();
  }

  enum class Heeds : std::uint8_t { all, who_cannot_wait };

  /// The committer's: true as soon as somebody waits, false when nobody has by `patience`. Who can
  /// wait and was not heeded is next time.
  bool wait_for_asker(std::chrono::microseconds patience, Heeds heeds = Heeds::all) {
    std::unique_lock lock(mutex_);
    const bool is_asked = asked_.wait_for(lock, patience, [&] {
      return waiting_ > 0 || wanted_ > number_ || (is_urgent_ && heeds == Heeds::all);
    });
    if (is_asked || heeds == Heeds::all) is_urgent_ = false;
    return is_asked;
  }

  std::uint64_t number() const {
    const std::scoped_lock lock(mutex_);
    return number_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::condition_variable asked_;
  std::uint64_t number_ = 0;
  std::uint64_t wanted_ = 0;
  std::optional<Error> trouble_;
  std::uint64_t failures_ = 0;
  int waiting_ = 0;
  bool is_urgent_ = false;
};

}  // namespace sosie
