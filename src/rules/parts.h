#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "rules/spell.h"

namespace sosie::rules {

/// How far the parts have come by which devices send (partitions of a topic), of which some are
/// read behind the others: what is judged of several devices together waits for those of which more
/// lies unread. Part 0 has the devices of no part, and is waited for never.
///
/// Threads: one.
class Parts {
 public:
  static constexpr std::uint16_t most = 1U << 14U;
  /// Nothing is waited for.
  static constexpr Micros no_bound = std::numeric_limits<Micros>::max() / 4;

  void see(std::uint16_t part, Micros at) {
    if (part < parts_.size()) parts_[part].newest = std::max(parts_[part].newest, at);
  }

  /// More of it lies unread; `is_read`: no more.
  void wait_for(std::uint16_t part) {
    is_read(part);
    if (part >= parts_.size()) parts_.resize(part + std::size_t{1});
    parts_[part].is_waited_for = true;
    ++waited_for_;
  }
  void is_read(std::uint16_t part) {
    if (!is_waited_for(part)) return;
    parts_[part].is_waited_for = false;
    --waited_for_;
  }
  bool is_waited_for(std::uint16_t part) const {
    return part < parts_.size() && parts_[part].is_waited_for;
  }
  bool is_any_waited_for() const { return waited_for_ > 0; }

  /// So far all have come that are waited for; never: of one nothing has come yet.
  Micros slowest() const {
    Micros slowest = no_bound;
    if (waited_for_ == 0) return slowest;
    for (const Part& part : parts_) {
      if (part.is_waited_for) slowest = std::min(slowest, part.newest);
    }
    return slowest;
  }

 private:
  struct Part {
    Micros newest = never;
    bool is_waited_for = false;
  };
  std::vector<Part> parts_;
  std::size_t waited_for_ = 0;
};

}  // namespace sosie::rules
