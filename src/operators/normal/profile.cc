#include "operators/normal/profile.h"

#include <algorithm>
#include <cmath>

namespace sosie::normal {
namespace {

constexpr double farthest = 100;        ///< what is farther off says no more
constexpr double learned_quickly = 10;  ///< values before any is taken for an outlier
constexpr std::size_t day_begin = Profile::hours_of_week;
constexpr std::size_t always = day_begin + Profile::hours_of_day;

}  // namespace

void Usual::learn(double value, double memory) {
  if (count == 0) {
    count = 1;
    centre = value;
    return;
  }
  count = std::min(count + 1, memory);
  const double limit = clip * spread();
  double step = value - centre;
  if (count > learned_quickly && limit > 0) step = std::clamp(step, -limit, limit);
  centre += step / count;
  off += (std::abs(step) - off) / (count - 1);
}

const Usual& Profile::best(std::size_t hour, const Config& config) const {
  const Usual& of_week = usual_[hour];
  if (config.period == Period::week && of_week.count >= config.least_values) return of_week;
  const Usual& of_day = usual_[day_begin + (hour % hours_of_day)];
  return of_day.count >= config.least_values ? of_day : usual_[always];
}

std::optional<double> Profile::deviation(double value, std::size_t hour,
                                         const Config& config) const {
  const Usual& usual = best(hour, config);
  if (usual.count < config.least_values) return std::nullopt;
  const double smallest = 1e-9 * std::max(1.0, std::abs(usual.centre));
  const double spread = std::max({usual.spread(), config.least_spread, smallest});
  return std::clamp((value - usual.centre) / spread, -farthest, farthest);
}

void Profile::learn(double value, std::size_t hour, const Config& config) {
  if (config.period == Period::week) usual_[hour].learn(value, config.memory);
  usual_[day_begin + (hour % hours_of_day)].learn(value, config.memory);
  usual_[always].learn(value, config.memory);
}

std::vector<double> Profile::numbers() const {
  std::vector<double> all;
  all.reserve(3 * usual_.size());
  for (const Usual& usual : usual_) {
    all.push_back(usual.count);
    all.push_back(usual.centre);
    all.push_back(usual.off);
  }
  return all;
}

bool Profile::restore(std::span<const double> numbers) {
  if (numbers.size() != 3 * usual_.size()) return false;
  for (std::size_t i = 0; i < usual_.size(); ++i) {
    usual_[i] = {numbers[3 * i], numbers[(3 * i) + 1], numbers[(3 * i) + 2]};
  }
  return true;
}

}  // namespace sosie::normal
