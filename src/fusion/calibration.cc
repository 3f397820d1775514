#include "fusion/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fusion/combine.h"
#include "fusion/ordinary.h"

namespace sosie::fusion {
namespace {

constexpr std::size_t hold_looks = 5;
constexpr double tail_chance = 0.025;
constexpr double quiet_level = 0.8;  ///< of an episode's end
constexpr std::size_t quiet_looks = 10;
/// Where the sample itself has more episodes than can be by chance, the body was no guide; but what
/// was faulty in the sample must not hide the next: so far, and no further.
constexpr double most_raised = 1.5;

/// How many looks an episode lasts, as the highest hundredth of a sample lies in time.
double looks_an_episode(const std::vector<double>& sequence) {
  auto sorted = sequence;
  const auto at =
      sorted.begin() + static_cast<std::ptrdiff_t>(0.99 * static_cast<double>(sorted.size() - 1));
  std::ranges::nth_element(sorted, at);
  double above = 0;
  double episodes = 0;
  std::size_t quiet = hold_looks;
  for (const double value : sequence) {
    if (value > *at) {
      above += 1;
      episodes += quiet >= hold_looks ? 1 : 0;
      quiet = 0;
    } else {
      ++quiet;
    }
  }
  return episodes > 0 ? above / episodes : 1;
}

std::size_t episodes_of(std::span<const double> sequence, double on) {
  Episode episode({.on = on, .off = quiet_level * on, .hold = quiet_looks});
  std::size_t count = 0;
  for (const double value : sequence) {
    const bool was_active = episode.is_active();
    count += episode.look(value) && !was_active ? 1U : 0U;
  }
  return count;
}

/// The chance that a Poisson variable of that mean is at most k.
double chance_of_at_most(std::size_t k, double mean) {
  double term = std::exp(-mean);
  double sum = term;
  for (std::size_t i = 1; i <= k; ++i) {
    term *= mean / static_cast<double>(i);
    sum += term;
  }
  return std::min(sum, 1.0);
}

/// The mean at which `chance_of_at_most(k, mean)` is p: it falls with the mean.
double mean_where(std::size_t k, double p) {
  double low = 0;
  double high = static_cast<double>(k) + 10 * std::sqrt(static_cast<double>(k) + 1) + 10;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (chance_of_at_most(k, middle) > p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Limit limit_for(const std::vector<double>& surprises, double per_day, double allowed) {
  Limit made;
  if (surprises.empty()) return made;
  const double share = allowed * looks_an_episode(surprises) / per_day;
  const double by_body = ordinary_rule(surprises, -std::log10(share) - 1, hold_looks).on;
  made.days = static_cast<double>(surprises.size()) / per_day;
  made.on = by_body;
  made.episodes = episodes_of(surprises, made.on);
  while (rate_of(made.episodes, made.days).low > allowed && made.on < most_raised * by_body) {
    made.on *= 1.05;
    made.episodes = episodes_of(surprises, made.on);
  }
  return made;
}

Calibration Calibration::fit(std::span<const double> values, std::size_t statistics, double per_day,
                             double allowed) {
  Calibration made;
  if (statistics == 0 || values.size() < statistics) return made;
  std::vector<double> sample;
  sample.reserve(values.size() / statistics);
  for (std::size_t s = 0; s < statistics; ++s) {
    sample.clear();
    for (std::size_t at = s; at < values.size(); at += statistics) sample.push_back(values[at]);
    made.tails.push_back(Tail::fit(sample));
  }
  sample.clear();
  std::size_t unused = 0;
  for (std::size_t at = 0; at + statistics <= values.size(); at += statistics) {
    sample.push_back(made.surprise(values.subspan(at, statistics), unused));
  }
  made.limit = limit_for(sample, per_day, allowed);
  return made;
}

double Calibration::surprise(std::span<const double> values, std::size_t& most) const {
  constexpr std::size_t most_statistics = 16;
  std::array<double, most_statistics> surprises{};
  const auto count = std::min(most_statistics, tails.size());
  for (std::size_t s = 0; s < count; ++s) surprises[s] = tails[s].surprise(values[s]);
  most = static_cast<std::size_t>(
      std::max_element(surprises.begin(), surprises.begin() + static_cast<std::ptrdiff_t>(count)) -
      surprises.begin());
  return std::max(0.0, combined(std::span(surprises).first(count)));
}

Rate rate_of(std::size_t episodes, double days) {
  if (!(days > 0)) return {};
  return {.per_day = static_cast<double>(episodes) / days,
          .low = episodes == 0 ? 0 : mean_where(episodes - 1, 1 - tail_chance) / days,
          .high = mean_where(episodes, tail_chance) / days};
}

}  // namespace sosie::fusion
