#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/clock.h"
#include "statistics/sketch.h"

namespace sosie::noise {

/// Finds the sensor whose own trembling is gone from beneath a noise that lies on all of them: it
/// froze, and what it shows still trembles, by what the noise alone makes.
///
/// Of each column the variance v of new values around the mean of those before them is followed for
/// hours. With its own variance o, which was learned before the noise came, v - o is left of it
/// where it freezes. Whether the values of late were drawn from that or from v is summed up value
/// by value, from zero on (the cumulative sum of log-likelihood ratios; Page: Continuous inspection
/// schemes, Biometrika 41, 1954): no window has to fit how long it lasts, and an own part that is
/// small in the noise only takes longer. What is left must be v - o: where it is less, v was not
/// what it is usually (another fault began before the noise did), and it is followed anew. An own
/// part of less than `least_share` is never judged, nor is a column whose trembling wavered while
/// learning.
///
/// Memory: of its columns. Threads: one. `look` allocates nothing.
class Hush {
 public:
  void resize(std::size_t columns);
  /// Another noise lies on all of them: what was followed is no longer so.
  void restart();

  /// `news`: the columns' new values, NaN where there is none.
  void learn(std::span<const double> news);
  void look(Timestamp at, std::span<const double> news);

  /// A column's own variance by what was learned so far; 0: it is not to be judged.
  double learned(std::size_t column) const;
  double own(std::size_t column) const { return columns_[column].own; }
  void set_own(std::size_t column, double variance) { columns_[column].own = variance; }

  /// 1 and above: it fell silent. At most `highest`.
  double level(std::size_t column) const;
  /// When it did.
  Timestamp since(std::size_t column) const { return columns_[column].since; }
  /// How much the column trembles, as a deviation: of late, and what it should.
  double now(std::size_t column) const;
  double usual(std::size_t column) const;

  static constexpr double highest = 1.25;

 private:
  /// What the sum reaches by chance in some exp(19) values, of which sixty columns have as many in
  /// six months; to be multiplied by how far it falls with each ordinary value.
  static constexpr double rarely = 19;
  static constexpr double least_share = 0.15;
  static constexpr double most_share = 0.5;  ///< more is not needed to be sure soon
  static constexpr std::size_t weigh_every = 64;
  static constexpr double pace = 0.25;  ///< of the mean that a value is held against
  static constexpr double late_values = 240;
  static constexpr double most_values = 5760;  ///< that the variance is taken over
  static constexpr double known_values = 720;
  static constexpr double clip = 9;        ///< times the variance: what one value counts for
  static constexpr double loud = 1.3;      ///< times the variance: of late it is no ordinary life
  static constexpr double doubted = 0.02;  ///< what a value counts for then
  /// Independent normal values are quieter than that for a twentieth of the time; learning may hold
  /// faults.
  static constexpr double quiet = 0.9;
  static constexpr double most_quiet = 0.09;
  static constexpr double too_quiet = 0.75;  ///< times what is left without its own part

  struct Column {
    double mean = 0;
    double variance = 0;
    double values = 0;  ///< that the variance is made of
    double late = 0;    ///< the variance of late
    double own = 0;     ///< variance
    double sum = 0;
    double gain = 0;     ///< of a value that does not tremble
    double loss = 0;     ///< less that, times the square of how far it is off
    double certain = 0;  ///< the sum from which on it fell silent; 0: it is not judged
    std::size_t judged = 0;
    Timestamp since;
  };
  /// What is seen of a column while learning.
  struct Seen {
    std::size_t values = 0;
    std::size_t quiet = 0;  ///< of them, the variance of late was below the usual one
    Sketch variance;        ///< of late, each time that another `late_values` are in it
  };
  /// Takes a value in. Returns the square of how far it is off, clipped; before enough is known,
  /// NaN.
  static double take(Column& column, double value);
  static void weigh(Column& column, double usual);
  static void judge(Column& column, Timestamp at, double square, double usual);

  std::vector<Column> columns_;
  std::vector<Seen> seen_;
};

}  // namespace sosie::noise
