#include "app/table_times.h"

#include <algorithm>

#include <fmt/format.h>

namespace sosie::app {
namespace {

constexpr std::size_t least_steps = 5;  ///< for saying how often rows come

double in_seconds(Duration span) {
  return std::chrono::duration<double>(span).count();
}

bool are_unlike(Duration a, Duration b) {
  return a > Duration{} && b > Duration{} && 2 * std::max(a, b) > 3 * std::min(a, b);
}

}  // namespace

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

void TimeCheck::see(std::optional<Timestamp> at) {
  if (!at) return;
  if (before_ && *at < *before_) ++back_;
  if (before_ && *at == *before_) ++twice_;
  if (before_ && *at > *before_) steps_.push_back(*at - *before_);
  before_ = at;
}

Duration TimeCheck::middle_step(std::size_t from, std::size_t to) const {
  if (to < from + least_steps) return {};
  std::vector<Duration> steps(steps_.begin() + static_cast<std::ptrdiff_t>(from),
                              steps_.begin() + static_cast<std::ptrdiff_t>(to));
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

Duration TimeCheck::tell_rates(std::vector<std::string>& notes) const {
  const auto learned = learned_steps_;
  const auto usual = middle_step(0, learned);
  const auto early = middle_step(0, learned / 3);
  const auto late = middle_step(learned - learned / 3, learned);
  const auto judged = middle_step(learned, steps_.size());
  if (are_unlike(early, late)) {
    notes.push_back(
        fmt::format("the sampling rate changed while learning: a row every {:g} s at first, every "
                    "{:g} s at last; rows are counted as if they came evenly",
                    in_seconds(early), in_seconds(late)));
  }
  if (are_unlike(usual, judged)) {
    notes.push_back(
        fmt::format("another sampling rate than in learning: a row every {:g} s, learned was one "
                    "every {:g} s; what is expected from row to row does not fit",
                    in_seconds(judged), in_seconds(usual)));
  }
  return std::max({usual, early, late, judged});
}

void TimeCheck::tell(std::vector<std::string>& notes) const {
  if (back_ > 0) {
    notes.push_back(fmt::format("{} rows go back in time; they are judged in their order", back_));
  }
  if (twice_ > 0) notes.push_back(fmt::format("{} rows have the time of the row before", twice_));
  const auto longest = tell_rates(notes);
  if (longest <= Duration{}) return;
  const auto gaps =
      std::ranges::count_if(steps_, [&](Duration step) { return step > 3 * longest; });
  if (gaps > 0) {
    notes.push_back(fmt::format("{} gaps of more than three times the usual step in time", gaps));
  }
}

}  // namespace sosie::app
