#include "app/table_times.h"

#include <algorithm>

namespace sosie::app {

Duration period_of(const std::vector<Timestamp>& times) {
  std::vector<Duration> steps;
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] > times[i - 1]) steps.push_back(times[i] - times[i - 1]);
  }
  if (steps.empty()) return {};
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

bool has_days(const std::vector<Timestamp>& times) {
  return !times.empty() && times.front().time_since_epoch() >= std::chrono::years(3);
}

double share_of_day(std::optional<Timestamp> at) {
  if (!at) return -1;
  const auto day = std::chrono::floor<std::chrono::days>(*at);
  return static_cast<double>((*at - day).count()) / 86.4e9;
}

}  // namespace sosie::app
