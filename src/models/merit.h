#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/series.h"
#include "diagnosis/profile.h"

namespace sosie::models {

/// What a shadow and the active model said of the same frames, which neither has learned from.
struct Trial {
  struct Side {
    std::uint64_t episodes = 0;   ///< findings that began
    std::uint64_t wrong = 0;      ///< of those that people called wrong, said by it too
    std::uint64_t confirmed = 0;  ///< of those that people called right, said by it too
    std::uint64_t sensors = 0;    ///< that it knows an ordinary band of
    bool operator==(const Side&) const = default;
  };
  Timestamp from;
  Timestamp to;
  std::uint64_t frames = 0;
  Side active;
  Side shadow;
  /// The shadow's prediction error over the active one's (ErrorRatio); 0: not known.
  double error_ratio = 0;
  double budget_per_day = 0;  ///< [detection] false_alarms_per_day; 0: none
  bool operator==(const Trial&) const = default;

  double days() const { return std::chrono::duration<double>(to - from).count() / 86'400; }
};

/// How well two models foresee the same values: for each sensor the mean interval score of the
/// band that each expects at that hour (Winkler 1972; Gneiting, Raftery, JASA 2007, eq. 43: the
/// band's width, and 2/0.01 for each unit that a value lies outside of it; the least in the mean
/// for the true 99 % band, so that neither a wide nor a narrow one flatters), and of all sensors
/// the geometric mean of the ratios.
class ErrorRatio {
 public:
  /// A value of `column`, and what either expected.
  void add(std::size_t column, double value, const NormalProfile::Band& active,
           const NormalProfile::Band& shadow);
  /// Shadow over active; 0: no sensor has `least` values.
  double ratio(std::uint64_t least = 60) const;

 private:
  struct Sum {
    double active = 0;
    double shadow = 0;
    std::uint64_t count = 0;
  };
  std::vector<Sum> sums_;
};

/// When a trial is over, and what counts as better.
struct MeritRule {
  Duration period = std::chrono::hours(24);  ///< of event time, at least
  std::uint64_t least_frames = 100;
  double better = 0.95;  ///< an error ratio from here on is better
  double worse = 1.02;   ///< and from here on worse
};

struct Judgement {
  enum class What : std::uint8_t { wait, promote, retire };
  What what = What::wait;
  std::vector<Words> reasons;
};

/// Promotes a shadow only by what was measured. Never while it is too early, and never one that
///   - misses what people confirmed and the active one said;
///   - has begun more findings than the active one, and more than the budget of false alarms
///     allows (without a budget: more than the active one and a quarter);
///   - foresees worse (error ratio of 1.02 and more), or knows fewer sensors.
/// Otherwise where it is better in one of these:
///   - it foresees better (error ratio of 0.95 and less);
///   - it does not repeat all of what people called wrong;
///   - it keeps to the budget, and the active one does not.
/// All else is not better, and is retired.
Judgement judge(const Trial& trial, const MeritRule& rule);

/// All reasons as one sentence.
Words joined(std::span<const Words> reasons);

}  // namespace sosie::models
