#include "fusion/tail.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sosie::fusion {
namespace {

constexpr double log10_of_2 = 0.301;
constexpr double least_power = 1;
constexpr double most_power = 12;  // what is not smooth (steps of a counter) has no tail to measure
constexpr double power_of_few = 4;
constexpr std::size_t few = 10;

/// REQUIRES: `sorted` is not empty.
double quantile(const std::vector<double>& sorted, double p) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(p * last))];
}

/// The power law through (a, p_a) and (b, p_b).
double power_through(double a, double p_a, double b, double p_b) {
  if (b <= a) return most_power;
  return std::clamp(std::log(p_a / p_b) / std::log(b / a), least_power, most_power);
}

}  // namespace

Tail Tail::fit(std::vector<double> sample) {
  Tail tail;
  if (sample.empty()) return tail;
  std::ranges::sort(sample);
  const auto n = static_cast<double>(sample.size());
  tail.median_ = quantile(sample, 0.5);
  tail.start_ = quantile(sample, 0.9);
  tail.at_start_ = 1;
  if (tail.start_ > 0 && sample.size() >= 30) {
    const double rare = std::max(0.01, 3 / n);
    tail.power_ = power_through(tail.start_, 0.1, quantile(sample, 1 - rare), rare);
    return tail;
  }
  if (tail.start_ > 0) {
    tail.power_ = power_of_few;
    return tail;
  }
  // Nearly always zero (a state that seldom moves): the tail is that of the rest.
  const auto first = std::ranges::upper_bound(sample, 0.0);
  const std::vector<double> rest(first, sample.end());
  const double share = static_cast<double>(rest.size()) / n;
  if (rest.empty()) {
    tail.start_ = 1e-300;
    tail.at_start_ = std::log10(n + 1);
    return tail;  // power 0 with a start: all that is not zero is equally strange
  }
  const bool is_enough = rest.size() >= few;
  tail.start_ = is_enough ? quantile(rest, 0.5) : rest.back();
  tail.at_start_ = -std::log10(is_enough ? share / 2 : 1 / n);
  tail.power_ =
      is_enough ? power_through(tail.start_, 0.5, quantile(rest, 0.9), 0.1) : power_of_few;
  return tail;
}

double Tail::surprise(double magnitude) const {
  if (magnitude >= start_ && start_ > 0 && power_ == 0) return at_start_;
  if (magnitude >= start_ && start_ > 0) return at_start_ + power_ * std::log10(magnitude / start_);
  if (magnitude <= 0 || start_ <= 0) return 0;
  if (magnitude < median_) return log10_of_2 * magnitude / median_;
  const double from = median_ > 0 ? log10_of_2 : 0;
  if (start_ <= median_) return from;
  return from + (at_start_ - from) * (magnitude - median_) / (start_ - median_);
}

}  // namespace sosie::fusion
