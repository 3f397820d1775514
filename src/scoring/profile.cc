#include "scoring/profile.h"

#include <algorithm>
#include <cmath>

namespace sosie::scoring {
namespace {

constexpr std::size_t blocks = 10;
constexpr double slow_from = 0.5;

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

bool is_wandering(std::span<const double> values) {
  Moments means;
  double within = 0;
  double known = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    Moments inside;
    for (auto r = b * values.size() / blocks; r < (b + 1) * values.size() / blocks; ++r) {
      if (!std::isnan(values[r])) inside.add(values[r]);
    }
    known += inside.n;
    within += inside.square;
    if (inside.n > 0) means.add(inside.mean);
  }
  if (known > means.n) within /= known - means.n;
  return means.variance() >= slow_from * within;
}

Profile profile_of(std::vector<double> values, std::span<const double> of_day) {
  Profile profile;
  profile.season = season_of(values, of_day);
  std::vector<double> known;
  known.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    known.push_back(values[i]);
    if (profile.season.empty() || of_day[i] < 0) continue;
    values[i] -= static_cast<double>(profile.season[part_of_day(of_day[i])]);
  }
  profile.known =
      values.empty() ? 0 : static_cast<double>(known.size()) / static_cast<double>(values.size());
  profile.is_constant = known.empty() || std::ranges::min(known) == std::ranges::max(known);
  profile.is_slow = is_wandering(values);
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
