#include "scoring/season.h"

#include <cmath>

namespace sosie::scoring {
namespace {

constexpr double enough_explained = 0.25;
constexpr double enough_covered = 0.8;

struct Mean {
  double sum = 0;
  double n = 0;
  double value() const { return sum / n; }
};

/// Calls `use(i, place)` for each row, with its part of its day: days one after the other.
template <class F>
void for_parts(std::span<const double> of_day, F&& use) {
  std::size_t day = 0;
  double before = -1;
  for (std::size_t i = 0; i < of_day.size(); ++i) {
    if (of_day[i] < 0) continue;
    if (of_day[i] < before) ++day;
    before = of_day[i];
    use(i, day * season_parts + part_of_day(of_day[i]));
  }
}

/// Means of each part of each day, day by day.
std::vector<Mean> means_of(std::span<const double> values, std::span<const double> of_day) {
  std::vector<Mean> means;
  for_parts(of_day, [&](std::size_t i, std::size_t place) {
    if (place >= means.size()) means.resize(place / season_parts * season_parts + season_parts);
    if (std::isnan(values[i])) return;
    means[place].sum += values[i];
    means[place].n += 1;
  });
  return means;
}

/// What is known of one part of the day: the means of the days that have it.
struct Part {
  Mean days;
  double squares = 0;

  void add(double mean) {
    days.sum += mean;
    days.n += 1;
    squares += mean * mean;
  }
  /// Sum over days of (mean - mean of the other days)^2.
  double left_out_error() const {
    const double around = squares - days.sum * days.sum / days.n;
    const double grow = days.n / (days.n - 1);
    return around * grow * grow;
  }
};

/// Sum over parts of (mean - mean of the half-day before)^2.
double course_error(std::span<const Mean> means) {
  constexpr std::size_t half_day = season_parts / 2;
  double error = 0;
  Mean before;
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (i >= half_day && means[i - half_day].n > 0) {
      before.sum -= means[i - half_day].value();
      before.n -= 1;
    }
    if (means[i].n == 0) continue;
    const double mean = means[i].value();
    if (before.n > 0) error += (mean - before.value()) * (mean - before.value());
    before.sum += mean;
    before.n += 1;
  }
  return error;
}

}  // namespace

Season season_of(std::span<const double> values, std::span<const double> of_day) {
  if (values.size() != of_day.size()) return {};
  const auto means = means_of(values, of_day);
  std::vector<Part> parts(season_parts);
  Mean all;
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (means[i].n == 0) continue;
    const double mean = means[i].value();
    parts[i % season_parts].add(mean);
    all.sum += mean;
    all.n += 1;
  }
  double error = 0;
  std::size_t covered = 0;
  for (const auto& part : parts) {
    if (part.days.n < 2) continue;
    error += part.left_out_error();
    ++covered;
  }
  const bool is_covered = static_cast<double>(covered) >= enough_covered * season_parts;
  if (!is_covered || !(error < enough_explained * course_error(means))) return {};
  Season season;
  season.reserve(season_parts);
  for (const auto& part : parts) {
    season.push_back(static_cast<float>(part.days.n > 0 ? part.days.value() : all.value()));
  }
  return season;
}

std::vector<double> left_out_course(std::span<const double> values,
                                    std::span<const double> of_day) {
  const auto means = means_of(values, of_day);
  std::vector<Mean> parts(season_parts);  // of the days' means
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (means[i].n == 0) continue;
    parts[i % season_parts].sum += means[i].value();
    parts[i % season_parts].n += 1;
  }
  std::vector<double> course(values.size(), 0.0);
  for_parts(of_day, [&](std::size_t i, std::size_t place) {
    auto others = parts[place % season_parts];
    if (means[place].n > 0 && others.n > 1) {
      others.sum -= means[place].value();
      others.n -= 1;
    }
    if (others.n > 0) course[i] = others.value();
  });
  return course;
}

}  // namespace sosie::scoring
