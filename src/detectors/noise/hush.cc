#include "detectors/noise/hush.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sosie::noise {

void Hush::resize(std::size_t columns) {
  columns_.resize(columns);
  seen_.resize(columns);
}

void Hush::restart() {
  for (auto& column : columns_) {
    const double own = column.own;
    column = {};
    column.own = own;
  }
}

void Hush::learn(std::span<const double> news) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (std::isnan(news[i])) continue;
    auto& column = columns_[i];
    if (std::isnan(take(column, news[i]))) continue;
    auto& seen = seen_[i];
    seen.quiet += column.late < quiet * column.variance ? 1U : 0U;
    if (++seen.values % static_cast<std::size_t>(late_values) == 0) seen.variance.add(column.late);
  }
}

double Hush::learned(std::size_t column) const {
  const auto& seen = seen_[column];
  const auto values = static_cast<double>(seen.values);
  const bool is_steady =
      values >= most_values && static_cast<double>(seen.quiet) <= most_quiet * values;
  return is_steady ? seen.variance.quantile(0.5) : 0;
}

void Hush::look(Timestamp at, std::span<const double> news) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (std::isnan(news[i])) continue;
    auto& column = columns_[i];
    const double usual = column.variance;
    const double square = take(column, news[i]);
    if (!std::isnan(square) && usual > 0) judge(column, at, square, usual);
  }
}

double Hush::take(Column& column, double value) {
  if (column.values == 0) column.mean = value;
  const double off = value - column.mean;
  column.mean += pace * off;
  const double most = column.variance > 0 ? clip * column.variance : off * off;
  const double square = std::min(off * off, most);
  const bool is_known = column.values >= known_values;
  column.values = std::min(column.values + 1, most_values);
  column.late += std::max(1 / late_values, 1 / column.values) * (square - column.late);
  // What is louder of late, or may have fallen silent, says little of how it is usually.
  const bool is_doubted =
      is_known && (column.late > loud * column.variance || 2 * column.sum > column.certain);
  column.variance += (is_doubted ? doubted : 1) * (square - column.variance) / column.values;
  return is_known ? square : std::numeric_limits<double>::quiet_NaN();
}

/// What a value adds to the sum: log-likelihoods of its distance from the mean, without the own
/// part less with it.
void Hush::weigh(Column& column, double usual) {
  const double share = std::min(column.own / usual, most_share);
  column.certain = 0;
  if (share < least_share) return;
  const double left = 1 - share;
  column.gain = -0.5 * std::log(left);
  column.loss = 0.5 * (1 / left - 1) / usual;
  column.certain = rarely + std::log(column.loss * usual - column.gain);
}

void Hush::judge(Column& column, Timestamp at, double square, double usual) {
  if (column.judged++ % weigh_every == 0) weigh(column, usual);
  const double left = 1 - column.own / usual;
  const bool is_suspected = 2 * column.sum > column.certain;
  if (column.certain == 0 || (is_suspected && column.late < too_quiet * left * usual)) {
    if (is_suspected) {
      column.variance = column.late;
      column.values = late_values;
    }
    column.sum = 0;
    return;
  }
  if (column.sum == 0) column.since = at;
  column.sum =
      std::clamp(column.sum + column.gain - column.loss * square, 0.0, highest * column.certain);
}

double Hush::level(std::size_t column) const {
  const auto& followed = columns_[column];
  return followed.certain > 0 ? followed.sum / followed.certain : 0;
}

/// The mean that a value is held against trembles, too: a little of the variance is its.
double Hush::now(std::size_t column) const {
  return std::sqrt(columns_[column].late * (2 - pace) / 2);
}

double Hush::usual(std::size_t column) const {
  return std::sqrt(columns_[column].variance * (2 - pace) / 2);
}

}  // namespace sosie::noise
