#pragma once

#include <algorithm>
#include <cstdint>

#include "rules/spell.h"

namespace sosie::rules {

/// How far the event time of several devices has gone on: to the newest that any of them says, but
/// for a leap, which counts only when a second device has made it too. So one whose clock runs far
/// ahead pushes nothing (one whose clock runs a little ahead is the business of who knows the time,
/// see QualityReason::clock_skew).
class Watermark {
 public:
  static constexpr Micros leap = Micros{15} * 60 * 1'000'000;

  void see(std::uint32_t device, Micros at) {
    if (at <= newest_ && is_confirmed_) return;
    if (newest_ != never && at > newest_ && at - newest_ <= leap) {
      newest_ = at;
      is_confirmed_ = is_confirmed_ || device != who_;
      return;
    }
    see_rare(device, at);
  }

  /// never: nothing has been seen.
  Micros agreed() const { return newest_; }

 private:
  static constexpr std::uint32_t nobody = 0xFFFFFFFF;

  void see_rare(std::uint32_t device, Micros at) {
    if (newest_ == never) {
      newest_ = at;
      who_ = device;
    } else if (at > newest_) {
      if (leaper_ == nobody || leaper_ == device) {
        leaper_ = device;
        leapt_to_ = at;
        return;
      }
      newest_ = std::min(at, leapt_to_);
      leaper_ = nobody;
      is_confirmed_ = true;
    } else if (device != who_) {  // of two, and far apart: rather the one that is behind
      is_confirmed_ = newest_ - at <= leap;
      if (is_confirmed_) return;
      leaper_ = who_;
      leapt_to_ = newest_;
      newest_ = at;
      who_ = device;
    }
  }

  Micros newest_ = never;
  Micros leapt_to_ = never;
  std::uint32_t who_ = nobody;     ///< who said `newest_` first, until another confirms it
  std::uint32_t leaper_ = nobody;  ///< who has leapt, alone so far
  bool is_confirmed_ = false;
};

}  // namespace sosie::rules
