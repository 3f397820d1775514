#pragma once

#include <array>
#include <vector>

namespace sosie::fusion {

/// How rare a magnitude is, against a sample of ordinary ones: its *surprise* is -log10 of the
/// chance to see as much or more. Up to the sample's 90 % quantile by rank; beyond, the chance
/// falls as a power (Weissman: Estimation of Parameters and Large Quantiles, JASA 1978) through the
/// 90 % and the 99 % quantile, so that a few faults in the sample do not bend it and what was never
/// seen still has an order.
class Tail {
 public:
  Tail() = default;
  /// `sample`: magnitudes, >= 0 and finite; taken over. Empty: nothing is ever surprising.
  static Tail fit(std::vector<double> sample);

  /// 0 … : 1 is one in ten, 3 one in a thousand.
  double surprise(double magnitude) const;

  /// For a model's file: what `of` makes the same again.
  std::array<double, 4> numbers() const { return {median_, start_, at_start_, power_}; }
  static Tail of(const std::array<double, 4>& numbers) {
    Tail tail;
    tail.median_ = numbers[0];
    tail.start_ = numbers[1];
    tail.at_start_ = numbers[2];
    tail.power_ = numbers[3];
    return tail;
  }

 private:
  double median_ = 0;
  double start_ = 0;     ///< of the power law
  double at_start_ = 0;  ///< the surprise there
  double power_ = 0;     ///< 0: nothing is surprising
};

}  // namespace sosie::fusion
