#include "models/level_step.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace sosie::models {
namespace {

constexpr std::size_t least_of_side = 20;
constexpr std::size_t least_share_of_side = 20;  ///< one in so many
constexpr std::size_t blocks_of_side = 8;
constexpr std::size_t neighbours = 5;
constexpr double least_usual_steps = 8;   ///< that a step is, and that a converted one is not
constexpr double most_doubts = 6;         ///< that levels are apart, by eight blocks a side
constexpr double step_deviations = 1.25;  ///< of a step, in mean steps
constexpr double doubt_of_steps = 0.05;   ///< of the logarithm of their ratio
constexpr double normal_width = 3.1;      ///< of the middle 88 %, in deviations

struct Conversion {
  double factor = 1;
  double offset = 0;
  double of(double value) const { return factor * value + offset; }
  Conversion inverse() const { return {.factor = 1 / factor, .offset = -offset / factor}; }
};

/// Each also the other way round.
constexpr std::array conversions{
    Conversion{10},      Conversion{100},       Conversion{1e3},  Conversion{1e4},
    Conversion{1e5},     Conversion{1e6},       Conversion{3.6},  Conversion{24},
    Conversion{60},      Conversion{86.4},      Conversion{3600}, Conversion{86400},
    Conversion{2.20462},                         // kg, pounds
    Conversion{2.54},    Conversion{25.4},       // inches
    Conversion{3.28084},                         // metres, feet
    Conversion{3.78541},                         // gallons, litres
    Conversion{4.184},                           // calories, joules
    Conversion{4.40287},                         // m3/h, gallons a minute
    Conversion{6.89476}, Conversion{14.5038},    // psi, kPa; bar, psi
    Conversion{7.50062}, Conversion{133.322},    // kPa, mmHg, Pa
    Conversion{16.6667},                         // m3/h, litres a minute
    Conversion{28.3168},                         // cubic feet, litres
    Conversion{101.325},                         // atmospheres, kPa
    Conversion{1.8, 32}, Conversion{1, 273.15},  // Celsius, Fahrenheit, kelvin
};

double quantile_of(const std::vector<double>& sorted, double p) {
  return sorted[static_cast<std::size_t>(std::lround(p * static_cast<double>(sorted.size() - 1)))];
}

double median_of(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::ranges::nth_element(sorted, middle);
  return *middle;
}

/// The mean of the smaller nine tenths of all steps from value to value.
double usual_step(std::span<const double> values) {
  std::vector<double> steps;
  steps.reserve(values.size());
  for (std::size_t i = 1; i < values.size(); ++i) {
    steps.push_back(std::abs(values[i] - values[i - 1]));
  }
  std::ranges::sort(steps);
  steps.resize(std::max<std::size_t>(1, steps.size() * 9 / 10));
  return std::accumulate(steps.begin(), steps.end(), 0.0) / static_cast<double>(steps.size());
}

/// How well the median is known, by the medians of blocks.
double doubt_of_median(std::span<const double> values) {
  std::array<double, blocks_of_side> medians{};
  for (std::size_t b = 0; b < blocks_of_side; ++b) {
    const auto from = b * values.size() / blocks_of_side;
    const auto to = (b + 1) * values.size() / blocks_of_side;
    medians.at(b) = median_of(values.subspan(from, to - from));
  }
  const auto n = static_cast<double>(blocks_of_side);
  const double mean = std::accumulate(medians.begin(), medians.end(), 0.0) / n;
  double squares = 0;
  for (const double median : medians) squares += (median - mean) * (median - mean);
  return std::sqrt(squares / (n - 1) / n);
}

struct Side {
  double low = 0;
  double middle = 0;
  double high = 0;
  double step = 0;   ///< the usual one
  double doubt = 0;  ///< of `middle`
  double edge = 0;   ///< the median next to the cut
  double last = 0;   ///< the value next to it
  double width() const { return high - low; }
};

Side side_of(std::span<const double> values, double edge, double last) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  return {.low = quantile_of(sorted, 0.06),
          .middle = quantile_of(sorted, 0.5),
          .high = quantile_of(sorted, 0.94),
          .step = usual_step(values),
          .doubt = doubt_of_median(values),
          .edge = edge,
          .last = last};
}

/// From -0.5 to 0.5; equal values have equal ranks.
std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  const auto n = static_cast<double>(values.size());
  for (std::size_t from = 0; from < order.size();) {
    auto to = from + 1;
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    const double rank = static_cast<double>(from + to - 1) / 2 / (n - 1) - 0.5;
    for (; from < to; ++from) ranks[order[from]] = rank;
  }
  return ranks;
}

/// Where the two sides' mean ranks differ most, for their sizes.
std::size_t best_cut(std::span<const double> values, std::size_t margin) {
  const auto ranks = ranks_of(values);
  std::size_t best = margin;
  double most = -1;
  double sum = 0;
  for (std::size_t i = 0; i + margin < values.size(); ++i) {
    if (i >= margin) {
      const double size = static_cast<double>(i) * static_cast<double>(values.size() - i);
      const double differs = std::abs(sum) / std::sqrt(size);
      if (differs > most) {
        most = differs;
        best = i;
      }
    }
    sum += ranks[i];
  }
  return best;
}

/// How far the converted first side is from the second, in deviations; none: it is another.
std::optional<double> misfit(const Conversion& conversion, const Side& before, const Side& after) {
  const auto differs = [&](double first, double second) {
    return std::abs(std::log(second / first / conversion.factor));
  };
  const bool has_steps = before.step > 0 && after.step > 0;
  const double steps = has_steps ? differs(before.step, after.step) : 0.0;
  const double widths = differs(before.width(), after.width()) / std::log(has_steps ? 2 : 1.35);
  const double doubt = std::hypot(conversion.factor * before.doubt, after.doubt);
  const double off = std::abs(conversion.of(before.middle) - after.middle);
  if (steps > std::log(1.35) || widths > 1 || off > most_doubts * doubt) return std::nullopt;
  const double usual = has_steps ? std::max(conversion.factor * before.step, after.step)
                                 : std::max(conversion.factor * before.width(), after.width());
  if (std::abs(conversion.of(before.edge) - after.edge) > least_usual_steps * usual) {
    return std::nullopt;
  }
  // Where a sensor wanders, levels are known badly, and what it said just before and just after
  // tells like factors apart.
  const double at_cut = std::abs(conversion.of(before.last) - after.last) / usual;
  const double levels = doubt > 0 ? off / doubt : 0.0;
  return std::hypot(at_cut / step_deviations, levels, steps / doubt_of_steps);
}

std::optional<Conversion> conversion_between(const Side& before, const Side& after) {
  std::optional<Conversion> best;
  double least = 0;
  for (const auto& one : conversions) {
    for (const auto& way : {one, one.inverse()}) {
      const auto off = misfit(way, before, after);
      if (!off || (best && *off >= least)) continue;
      least = *off;
      best = way;
    }
  }
  return best;
}

/// The longest way from one value to the next, at the cut or beside it.
double longest_near(std::span<const double> values, std::size_t cut) {
  double longest = 0;
  for (auto i = cut - 1; i <= cut + 1; ++i) {
    longest = std::max(longest, std::abs(values[i] - values[i - 1]));
  }
  return longest;
}

bool is_step(const Side& before, const Side& after, double longest) {
  const double moved = std::abs(after.middle - before.middle);
  const double at_once = std::abs(after.edge - before.edge);
  const double narrow = std::min(before.width(), after.width()) / normal_width;
  const double wide = std::max(before.width(), after.width()) / normal_width;
  if (!(narrow > 0)) return false;  // a state, or a setpoint
  return moved > 3 * narrow && moved > wide && at_once > moved / 2 && longest > moved / 2 &&
         at_once > least_usual_steps * std::min(before.step, after.step);
}

std::optional<LevelStep> step_at(std::span<const double> values, std::size_t cut) {
  const auto before = side_of(
      values.first(cut), median_of(values.subspan(cut - neighbours, neighbours)), values[cut - 1]);
  const auto after =
      side_of(values.subspan(cut), median_of(values.subspan(cut, neighbours)), values[cut]);
  if (!is_step(before, after, longest_near(values, cut))) return std::nullopt;
  LevelStep step{.at = cut, .before = before.middle, .after = after.middle};
  if (const auto conversion = conversion_between(before, after)) {
    step.is_unit = true;
    step.factor = conversion->factor;
    step.offset = conversion->offset;
    return step;
  }
  const double apart = std::max(after.low - before.high, before.low - after.high);
  const double wide = std::max(before.width(), after.width()) / normal_width;
  if (apart <= 0 || std::abs(after.middle - before.middle) < 3 * wide) return std::nullopt;
  return step;
}

}  // namespace

std::optional<LevelStep> lasting_step(std::span<const double> values) {
  const auto margin = std::max(least_of_side, values.size() / least_share_of_side);
  if (values.size() < 2 * margin + 1) return std::nullopt;
  auto found = step_at(values, best_cut(values, margin));
  if (found && found->is_unit) return found;
  // A unit that makes values wider on both sides of the others shows in their distance from these.
  const double middle = median_of(values);
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values) distances.push_back(std::abs(value - middle));
  const auto other = step_at(values, best_cut(distances, margin));
  return other && (other->is_unit || !found) ? other : found;
}

}  // namespace sosie::models
