#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/series.h"

namespace sosie::window {

using Micros = std::int64_t;

/// One value and its event time.
struct Point {
  Micros at = 0;
  double value = 0;
};

/// What is made of a window's values.
struct Aggregate {
  enum class What : std::uint8_t {
    count,
    sum,
    mean,
    min,
    max,
    stddev,  ///< of the sample (n - 1); 0 of one value
    last,    ///< the youngest value
    /// Of levels in decibels: 10 log10 of the mean of 10^(level / 10), as of an equivalent
    /// continuous sound level (ISO 1996-1, LAeq) of measurements that lasted equally long.
    energy_mean,
    quantile,  ///< linear between the two values next to it (Hyndman and Fan's type 7)
    rate,      ///< change a second, from the first value to the last
    above,     ///< share of the time in which the value was above `bound`
    below,
    in,        ///< in which it was just `bound`
    duration,  ///< seconds from the first value to the last
  };
  What what = What::mean;
  double bound = 0;  ///< of above, below and in; of a quantile its share (0..1)
  std::string name;  ///< as attributes have it: "mean", "p95", "above_30"

  /// "mean", "p95", "above(30)" … None: it is no such thing.
  static std::optional<Aggregate> of_text(std::string_view text);
  static constexpr std::string_view expected =
      "count, sum, mean, min, max, stddev, last, p0 to p100, rate, duration, above(x), below(x) or "
      "in(x)";

  /// Whether sums and extremes of parts say it of the whole.
  bool is_of_parts() const { return what <= What::last; }
  /// Whether it is asked of how one value follows the other, so of one series only.
  bool is_of_course() const { return what >= What::rate; }

  std::string unit(std::string_view of_values) const;
  Words words() const;  ///< "mean", "moyenne"
};

/// A window over points in order of time.
struct View {
  std::span<const Point> points;      ///< those in [from, to)
  std::optional<double> before = {};  ///< the value at `from`, if a point before it says so
  Micros from = 0;
  Micros to = 0;
};

/// Calculates aggregates of points. Keeps its memory. Threads: one.
class Measurer {
 public:
  /// None: the window does not say (no point in it; no time known).
  std::optional<double> measure(const Aggregate& aggregate, const View& view);

 private:
  double quantile(std::span<const Point> points, double share);
  std::vector<double> sorted_;
};

}  // namespace sosie::window
