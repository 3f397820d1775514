#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fusion/episode.h"
#include "fusion/tail.h"

namespace sosie::fusion {

/// Where a surprise becomes an alarm, and what that gives on the sample itself.
struct Limit {
  double on = 0;  ///< surprise; 0: nothing was learned
  std::size_t episodes = 0;
  double days = 0;
};

/// The limit at which ordinary life, as the body of the sample shows it, begins so many episodes a
/// day as are allowed; higher, by half at most, where the sample has more of them than can be by
/// chance. `surprises`: of looks at what was held out of learning, in order of time. `per_day`:
/// looks. What is learned from a few days is an estimate.
Limit limit_for(const std::vector<double>& surprises, double per_day, double allowed);

/// Several statistics of one look as one surprise, and where that becomes an alarm.
///
/// Each becomes a chance by rank among looks at ordinary life (which it must not have been learned
/// from), the chances become one by their harmonic mean, which holds however they depend on each
/// other (combine.h), and the alarm's limit keeps to a number of false episodes.
struct Calibration {
  std::vector<Tail> tails;  ///< one a statistic
  Limit limit;

  /// `values`: of each look in order of time, `statistics` each; the rest as of `limit_for`.
  static Calibration fit(std::span<const double> values, std::size_t statistics, double per_day,
                         double allowed);

  bool is_empty() const { return tails.empty(); }
  /// The looks' surprise. `most`: which statistic has most part in it. REQUIRES: one value a tail.
  double surprise(std::span<const double> values, std::size_t& most) const;
};

/// How many false episodes there are: seen so many in so many days, and so between `low` and `high`
/// in 95 of 100 such times (Garwood: Fiducial limits for the Poisson distribution, Biometrika
/// 1936, exact).
struct Rate {
  double per_day = 0;
  double low = 0;
  double high = 0;
};
Rate rate_of(std::size_t episodes, double days);

}  // namespace sosie::fusion
