#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scoring/profile.h"

namespace sosie::scoring {

/// What is followed of every column from row to row.
enum class Feature : std::uint8_t {
  high_long,   ///< less its slow course over `Horizons::slow`
  high_short,  ///< less its course over `Horizons::quick`
  change,      ///< since the row before
  noise,       ///< mean square of the change, lately
  still,       ///< rows since it last changed
  absent,      ///< rows since it was last there
  main_1,      ///< what it is judged on: the level, or for a slow column high_long; now,
  main_5,      ///< and as means of the last 5, 15 and 40 rows (each forgets as 1/n)
  main_15,
  main_40,
  fresh,  ///< mean of what it is judged on since `Features::start_afresh`
  count
};
inline constexpr auto features = static_cast<std::size_t>(Feature::count);
inline constexpr std::array<double, 4> main_rows{1, 5, 15, 40};

struct Horizons {
  double slow = 100;  ///< rows
  double quick = 10;
  double season = 28;    ///< rows of one part of the day: a week of it
  double steady = 1000;  ///< of a steady column's level: all rows of learning
};

/// How courses follow: as ever; hardly, as what comes is not as it should be; so but for those that
/// wander, as that has been so for a while, and they will not come back; at once, as it has been so
/// for so long that it is how things are.
enum class Pace : std::uint8_t { ordinary, alarmed, wandering, accepting };

/// Turns rows into features, causally: a row's features know that row and those before it, never
/// when the record began.
///
/// A slow course follows its column by a bounded step, so that a short excursion leaves no trace in
/// it; where the distance persists the bound grows with it, and a new level is accepted within
/// about a horizon, four times as long while it is held back by an alarm. Threads: one. 5 ns a
/// column.
class Features {
 public:
  Features(std::span<const Profile> profiles, Horizons horizons);

  /// NaN: missing. Values must be finite otherwise.
  /// `of_day`: the share of the day that is over; below 0: not known.
  void take(std::span<const double> values, double of_day, Pace pace);

  /// From the next row on `fresh` is gathered anew.
  void start_afresh();
  /// What was before is over: its noise and, if they are told to, the means of many rows are from
  /// now on those of the rows since `start_afresh`. REQUIRES: a row was taken since.
  void forget(bool means_too);

  /// The same of a row of learning, where what is usual at its time is given, column by column: 0
  /// where there is no season.
  void learn(std::span<const double> values, std::span<const double> usual);

  std::size_t columns() const { return is_slow_.size(); }
  /// All features of all columns: feature by feature, each over all columns. NaN: not known.
  std::span<const float> row() const { return row_; }

 private:
  struct Course {
    double level = 0;
    double spread = 0;
    double seen = 0;

    double follow(double value, double rows, double pace);
  };
  struct Track {
    Course slow;
    Course quick;
    Course steady;
    Season season;
    double last = 0;
    double noise = 0;
    double seen = 0;
    double still = 0;
    double absent = 0;
    bool may_rest = false;  ///< it moves seldom, or never: `steady` is its one value
    std::array<double, main_rows.size()> main{};
    double fresh_main = 0;  ///< sums over the rows since `start_afresh` that had a value
    double fresh_noise = 0;
    double fresh = 0;  ///< how many
  };
  void put(std::size_t column, Feature feature, double value) {
    row_[static_cast<std::size_t>(feature) * columns() + column] = static_cast<float>(value);
  }
  void miss(std::size_t column, Track& track);
  void take(std::size_t column, Track& track, double raw, double usual, Pace pace);
  double usual(Track& track, double value, double of_day, Pace pace) const;

  std::vector<std::uint8_t> is_slow_;
  Horizons horizons_;
  std::vector<Track> tracks_;
  std::vector<float> row_;
};

}  // namespace sosie::scoring
