#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace sosie::mechanistic {

/// The paces of everything, per look.
struct Paces {
  double fast = 0.2;    ///< of the residual's short average
  double slow = 0.02;   ///< of its long one
  double adapt = 1e-3;  ///< of the offset
};

/// One column under the model: what is measured is `offset + gain * said`, more or less.
struct Calibrated {
  std::string name;
  double gain = 1;
  double scale = 1;   ///< the residual's ordinary size
  double skill = 0;   ///< 1: the model says all of it; 0: no more than the column's own slow mean
  double offset = 0;  ///< at the end of learning
  double usual = 1;   ///< the short average's 99 % quantile
  double fast_limit = 0;
  double slow_limit = 0;
  double middle = 0;  ///< of what the model said in learning
  double reach = 1;   ///< how far from it it went
};

/// Where one column is: how far from the model, over a short and a long time.
class Track {
 public:
  void begin(double offset) {
    offset_ = offset;
    fast_ = 0;
    slow_ = 0;
    has_begun_ = true;
  }
  bool has_begun() const { return has_begun_; }

  /// `leftover`: measured less gain * said. The offset follows it by no more than `most` at a look.
  void step(double leftover, double most, const Paces& paces);

  /// Only finds the offset, by `share` of the way.
  void find(double leftover, double share) {
    if (!has_begun_) begin(leftover);
    offset_ += (share < 0.5 ? share : 0.5) * (leftover - offset_);
    fast_ = 0;
    slow_ = 0;
  }

  double offset() const { return offset_; }
  double fast() const { return fast_; }
  double slow() const { return slow_; }

 private:
  bool has_begun_ = false;
  double offset_ = 0;
  double fast_ = 0;
  double slow_ = 0;
};

/// What a column measured and what the model said of it, look by look; NaN: nothing.
struct Course {
  std::vector<float> measured;
  std::vector<float> said;
};

/// Calibrates one column from `course` and gives what `Track` makes of it: |fast| and |slow| of
/// each look from `first` on, NaN where there was none. Robust: what is faulty for a tenth of the
/// time does not bend it. Less than 200 looks, or a column that does not move: skill 0.
struct Fitted {
  Calibrated column;
  std::vector<float> fast;
  std::vector<float> slow;
};
Fitted calibrate(const Course& course, std::size_t first, const Paces& paces);

/// The limit of `magnitudes`, look by look, NaN: none: `margin` times the highest, but of no more
/// than twice what 19 of 20 parts stay below: what is faulty in learning is no yardstick.
double limit_of(const std::vector<float>& magnitudes, std::size_t looks_a_part, double margin);

/// How far beyond what it said in learning the model is: 1 at least.
inline double strain(const Calibrated& column, double said) {
  const double away = std::abs(said - column.middle) / column.reach;
  return away > 1 ? away : 1;
}

/// How much wider all bands are while a fifth of the columns is off at once: the 80 % quantile of
/// |fast| / usual, and 1 at least. `ratios` is overwritten.
double widening(std::vector<double>& ratios);

}  // namespace sosie::mechanistic
