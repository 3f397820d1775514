#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sosie::normal {

/// What is usual: a centre and a spread that outliers move little, learned as values come.
///
/// Both are means that forget, of what is clipped at `clip` spreads from the centre (Huber: Robust
/// Estimation of a Location Parameter, 1964): a value off by a hundred spreads moves them as one
/// off by three does.
struct Usual {
  static constexpr double clip = 3;
  static constexpr double to_deviation = 1.2533141373155;  ///< of a mean absolute one: sqrt(pi/2)

  double count = 0;
  double centre = 0;
  double off = 0;  ///< mean absolute deviation

  double spread() const { return off * to_deviation; }
  /// `memory`: a new value weighs no less than one in so many.
  void learn(double value, double memory);
};

/// What is usual of one series at each hour of the week; where too little is known of that, at the
/// hour of the day, or at any time.
class Profile {
 public:
  static constexpr std::size_t hours_of_week = 168;
  static constexpr std::size_t hours_of_day = 24;
  enum class Period : std::uint8_t { day, week };

  struct Config {
    Period period = Period::week;
    double memory = 500;       ///< values
    double least_values = 30;  ///< of an hour, before it is believed
    double least_spread = 0;   ///< in the series' unit
  };

  Profile() : usual_(hours_of_week + hours_of_day + 1) {}

  /// In spreads, -100 to 100; none: too little is known.
  std::optional<double> deviation(double value, std::size_t hour, const Config& config) const;
  void learn(double value, std::size_t hour, const Config& config);

  /// Three numbers each (count, centre, off), to keep and to bring back.
  std::vector<double> numbers() const;
  /// False: they are not as many as `numbers` gives.
  bool restore(std::span<const double> numbers);

 private:
  const Usual& best(std::size_t hour, const Config& config) const;

  std::vector<Usual> usual_;  ///< hours of the week from Monday on, hours of the day, all of it
};

}  // namespace sosie::normal
