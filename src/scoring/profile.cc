#include "scoring/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

double middle_of(const Block& block, std::size_t column) {
  std::vector<double> values;
  values.reserve(block.rows());
  for (std::size_t r = 0; r < block.rows(); ++r) {
    const double x = block.row(r)[column];
    if (!std::isnan(x)) values.push_back(x);
  }
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

Profile profile_of(const Block& block, std::size_t column) {
  Profile profile;
  const auto rows = block.rows();
  Moments means;
  double within = 0;
  double known = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t b = 0; b < blocks; ++b) {
    Moments inside;
    for (auto r = b * rows / blocks; r < (b + 1) * rows / blocks; ++r) {
      const double x = block.row(r)[column];
      if (std::isnan(x)) continue;
      inside.add(x);
      low = std::fmin(low, x);
      high = std::fmax(high, x);
    }
    known += inside.n;
    within += inside.square;
    if (inside.n > 0) means.add(inside.mean);
  }
  profile.known = rows > 0 ? known / static_cast<double>(rows) : 0;
  profile.is_constant = !(low < high);
  if (known > means.n) within /= known - means.n;
  profile.middle = middle_of(block, column);
  profile.is_slow = means.variance() >= slow_from * within;
  return profile;
}

}  // namespace

std::vector<Profile> profiles_of(const Block& block) {
  std::vector<Profile> profiles;
  profiles.reserve(block.columns);
  for (std::size_t c = 0; c < block.columns; ++c) profiles.push_back(profile_of(block, c));
  return profiles;
}

}  // namespace sosie::scoring
