#include "scoring/profile.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace sosie::scoring {
namespace {

constexpr std::size_t blocks = 10;
constexpr double slow_from = 0.5;
constexpr double least_for_trend = 200;  ///< values

struct Moments {
  double n = 0;
  double mean = 0;
  double square = 0;  ///< sum of squared distances from the mean

  void add(double x) {
    n += 1;
    const double before = x - mean;
    mean += before / n;
    square += before * (x - mean);
  }
  double variance() const { return n > 1 ? square / (n - 1) : 0; }
};

/// REQUIRES: at least one is known. Reorders.
double middle_of(std::vector<double>& known) {
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::ranges::nth_element(known, middle);
  return *middle;
}

/// Whether block means follow a line: its slope is so many times its own error, and the way along
/// it a good part of the values' deviation.
bool has_trend(std::span<const double> means, double variance) {
  constexpr double least_errors = 4;
  constexpr double least_way = 0.3;
  const auto n = static_cast<double>(means.size());
  const double middle = std::reduce(means.begin(), means.end()) / n;
  double slope = 0;
  double square = 0;
  for (std::size_t b = 0; b < means.size(); ++b) {
    const double x = static_cast<double>(b) - (n - 1) / 2;
    slope += x * means[b];
    square += x * x;
  }
  slope /= square;
  double rest = 0;
  for (std::size_t b = 0; b < means.size(); ++b) {
    const double x = static_cast<double>(b) - (n - 1) / 2;
    const double off = means[b] - middle - slope * x;
    rest += off * off;
  }
  const double error = std::sqrt(rest / (n - 2) / square);
  return std::abs(slope) > least_errors * error &&
         std::abs(slope) * n > least_way * std::sqrt(variance);
}

bool is_wandering(std::span<const double> values) {
  Moments means;
  std::vector<double> course;
  course.reserve(blocks);
  double within = 0;
  double known = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    Moments inside;
    for (auto r = b * values.size() / blocks; r < (b + 1) * values.size() / blocks; ++r) {
      if (!std::isnan(values[r])) inside.add(values[r]);
    }
    known += inside.n;
    within += inside.square;
    if (inside.n == 0) continue;
    means.add(inside.mean);
    course.push_back(inside.mean);
  }
  if (known > means.n) within /= known - means.n;
  const bool is_whole = course.size() == blocks && known >= least_for_trend;
  return means.variance() >= slow_from * within || (is_whole && has_trend(course, within));
}

bool rests(std::vector<double> known) {
  const double rest = middle_of(known);
  return 10 * std::ranges::count(known, rest) >= 9 * std::ssize(known);
}

Profile profile_of(std::vector<double> values, std::span<const double> of_day) {
  Profile profile;
  std::vector<double> known;
  known.reserve(values.size());
  std::ranges::copy_if(values, std::back_inserter(known), [](double x) { return !std::isnan(x); });
  profile.known =
      values.empty() ? 0 : static_cast<double>(known.size()) / static_cast<double>(values.size());
  profile.is_constant = known.empty() || std::ranges::min(known) == std::ranges::max(known);
  profile.is_resting = !profile.is_constant && rests(known);
  // The means of what never moves differ by their rounding, which would be a daily course.
  if (!profile.is_constant && !profile.is_resting) profile.season = season_of(values, of_day);
  for (std::size_t i = 0; i < values.size() && !profile.season.empty(); ++i) {
    if (of_day[i] >= 0) values[i] -= static_cast<double>(profile.season[part_of_day(of_day[i])]);
  }
  profile.is_slow = !profile.is_constant && !profile.is_resting && is_wandering(values);
  std::erase_if(values, [](double x) { return std::isnan(x); });
  if (!values.empty()) profile.middle = middle_of(values);
  return profile;
}

}  // namespace

std::vector<Profile> profiles_of(const Block& block, std::span<const double> of_day) {
  std::vector<Profile> profiles;
  profiles.reserve(block.columns);
  std::vector<double> values(block.rows());
  for (std::size_t c = 0; c < block.columns; ++c) {
    for (std::size_t r = 0; r < block.rows(); ++r) values[r] = block.row(r)[c];
    profiles.push_back(profile_of(values, of_day));
  }
  return profiles;
}

}  // namespace sosie::scoring
