#include "scoring/shapes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace sosie::scoring {
namespace {

constexpr std::size_t coarse_values = 2048;  ///< that a whole record is thinned to
constexpr std::size_t fine_values = 4096;    ///< of its end, looked at as they are
constexpr std::size_t least_period = 16;     ///< values: a quarter of it has to have a shape
constexpr std::size_t least_repeats = 4;
constexpr double least_strength = 0.2;
constexpr double nearly = 0.8;
constexpr std::size_t steps_in_a_period = 128;
/// The longest window is such a part of a period, the others are half and a quarter of it. A long
/// one sees more shape, and keeps what is over for longer: a column among others is disturbed by
/// what happens to them, too.
constexpr std::size_t part_alone = 2;
constexpr std::size_t part_among_others = 4;
constexpr std::size_t most_steps = 8192;  ///< that are remembered
constexpr std::size_t most_cells =
    24'576;                         ///< windows compared with in one row, all columns together
constexpr float furthest_off = 10;  ///< deviations: what is beyond counts as that far
/// Of how far two windows are from each other that have nothing to do with each other: the nearest
/// of a shape is as near, in the middle.
constexpr double most_unforetold = 0.08;
constexpr double twice_the_variance = 2;
constexpr std::size_t quarters = 4;
/// How far the nearest ordinarily is, is followed: up to ten times as far within a quarter of as
/// many rows as were learned from, and back nine times as slowly, so that it ends where one in ten
/// is beyond. Shapes that are wrong now and then do not carry it; one that stays does.
constexpr double decades_while_learning = 4;
constexpr double one_in_ten = 1;  ///< as a surprise
constexpr double back = 1.0 / 9;
constexpr std::size_t lanes = 16;

float square(float x) {
  return x * x;
}

struct Spread {
  double count = 0;
  double sum = 0;
  double squares = 0;

  void add(double value) {
    if (std::isnan(value)) return;
    count += 1;
    sum += value;
    squares += value * value;
  }
  double mean() const { return count > 0 ? sum / count : NAN; }
  double variance() const { return count > 0 ? squares / count - mean() * mean() : 0; }
};

/// Means of so many values in a row; those that are missing do not count.
std::vector<float> means_over(std::span<const float> values, std::size_t step) {
  std::vector<float> means;
  means.reserve(values.size() / step);
  for (std::size_t begin = 0; begin + step <= values.size(); begin += step) {
    Spread of_step;
    for (const float value : values.subspan(begin, step)) of_step.add(value);
    means.push_back(static_cast<float>(of_step.mean()));
  }
  return means;
}

/// The sum of the products of each value with that `lag` values later.
double product(std::span<const float> values, std::size_t lag) {
  std::array<float, lanes> sums{};
  const auto n = values.size() - lag;
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += values[i + k] * values[i + lag + k];
  }
  double sum = 0;
  for (const float part : sums) sum += static_cast<double>(part);
  for (; i < n; ++i) sum += static_cast<double>(values[i] * values[i + lag]);
  return sum;
}

/// The first peak that is nearly as high as any, of those behind where it is below zero first, and
/// from `least` on.
Period first_peak(std::span<const double> alike, std::size_t least) {
  const auto below = std::ranges::find_if(alike, [](double x) { return x < 0; });
  if (below == alike.end()) return {};
  const auto from = static_cast<std::size_t>(below - alike.begin());
  const double highest = std::ranges::max(alike.subspan(from));
  for (auto lag = std::max(least, from + 1); lag + 1 < alike.size(); ++lag) {
    const bool is_peak = alike[lag] >= alike[lag - 1] && alike[lag] >= alike[lag + 1];
    if (is_peak && alike[lag] >= nearly * highest) return {.rows = lag, .strength = alike[lag]};
  }
  return {};
}

/// Autocorrelation up to a `least_repeats`-th of the values; none where nothing moves.
std::vector<double> alike_later(std::vector<float> values) {
  Spread spread;
  for (const float value : values) spread.add(static_cast<double>(value));
  if (spread.variance() <= 0) return {};
  const auto mean = static_cast<float>(spread.mean());
  for (float& value : values) value = std::isnan(value) ? 0 : value - mean;
  const double power = product(values, 0) / static_cast<double>(values.size());
  std::vector<double> alike(values.size() / least_repeats + 1, 1.0);
  for (std::size_t lag = 1; lag < alike.size(); ++lag) {
    alike[lag] = product(values, lag) / static_cast<double>(values.size() - lag) / power;
  }
  return alike;
}

/// Infinite of none.
float least_of(std::span<const float> values) {
  std::array<float, lanes> least{};
  least.fill(std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) {
      least[k] = values[i + k] < least[k] ? values[i + k] : least[k];
    }
  }
  for (; i < values.size(); ++i) least[0] = std::min(least[0], values[i]);
  return std::ranges::min(least);
}

/// Of those that are known; infinite of none.
double middle_of_known(std::span<const float> values) {
  std::vector<float> known;
  known.reserve(values.size());
  std::ranges::copy_if(values, std::back_inserter(known), [](float x) { return x > 0; });
  if (known.empty()) return std::numeric_limits<double>::infinity();
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::ranges::nth_element(known, middle);
  return static_cast<double>(*middle);
}

std::vector<float> column_of(std::span<const float> cells, std::size_t columns, std::size_t c) {
  std::vector<float> values;
  values.reserve(cells.size() / columns);
  for (std::size_t i = c; i < cells.size(); i += columns) values.push_back(cells[i]);
  return values;
}

bool moves(std::span<const float> values) {
  Spread spread;
  for (const float value : values) spread.add(static_cast<double>(value));
  return spread.variance() > 0;
}

}  // namespace

Period period_of(std::span<const float> values) {
  const auto step = values.size() / coarse_values + 1;
  const auto coarse = alike_later(means_over(values, step));
  auto found = first_peak(coarse, step == 1 ? least_period : least_period / 2);
  found.rows *= step;
  if (step > 1) {
    const auto end = values.last(std::min(values.size(), fine_values));
    const auto alike = alike_later({end.begin(), end.end()});
    const auto fine = first_peak(alike, least_period);
    // Means tremble less than values: as values they are as alike as these say.
    if (found.rows < alike.size()) found.strength = std::min(found.strength, alike[found.rows]);
    if (fine.rows > 0 && fine.strength >= nearly * found.strength) found = fine;
  }
  return found.strength >= least_strength ? found : Period{};
}

Shapes::Course::Course(std::span<const float> cells, std::size_t columns, std::size_t column,
                       Period period, std::size_t longest)
    : column_(static_cast<std::uint32_t>(column)),
      step_(std::max<std::size_t>(1, period.rows / steps_in_a_period)) {
  Spread spread;
  for (std::size_t i = column; i < cells.size(); i += columns) {
    spread.add(static_cast<double>(cells[i]));
  }
  center_ = static_cast<float>(spread.mean());
  if (spread.variance() > 0) {
    one_over_scale_ = static_cast<float>(1 / std::sqrt(spread.variance()));
  }
  const auto steps = cells.size() / columns / step_;
  first_ = steps - std::min(steps, most_steps);
  reference_.assign(steps - first_, 0.0F);
  for (std::size_t k = 0; k < lengths; ++k) {
    const auto part = longest << (lengths - 1 - k);
    windows_.at(k).length = std::max<std::size_t>(1, period.rows / step_ / part);
  }
  lately_.assign(windows_.back().length + 1, 0.0F);
}

/// Fills the reference; which of its steps are not learned from.
std::vector<bool> Shapes::Course::remember(std::span<const float> cells, std::size_t columns,
                                           std::span<const std::uint32_t> left_out) {
  const auto n = reference_.size();
  std::vector<bool> is_out(n);
  for (const auto r : left_out) {
    const auto step = r / step_;
    if (step >= first_ && step - first_ < n) is_out[step - first_] = true;
  }
  Course reader = *this;
  reader.reference_.clear();
  for (std::size_t r = 0; r < (first_ + n) * step_; ++r) {
    const auto step = reader.steps_;
    reader.take(cells[r * columns + column_], {});
    if (reader.steps_ == step || step < first_) continue;
    reference_[step - first_] = reader.lately_[step % lately_.size()];
    if (reader.since_gap_ == 0) is_out[step - first_] = true;
  }
  return is_out;
}

/// Those that have no step in them that is not learned from.
void Shapes::Course::open(Windows& windows, const std::vector<bool>& is_out) {
  windows.distance.assign(is_out.size(), 0.0F);
  windows.next.assign(is_out.size(), 0.0F);
  std::size_t clean = 0;
  for (std::size_t i = 0; i < is_out.size(); ++i) {
    clean = is_out[i] ? 0 : clean + 1;
    if (clean < windows.length) continue;
    if (clean == windows.length) windows.open.push_back({i, i});
    windows.open.back().end = i + 1;
  }
}

/// The quarter of the reference that a step lies in; none if it is not remembered.
Shapes::Range Shapes::Course::quarter_of(std::size_t step) const {
  const auto n = reference_.size();
  if (step < first_ || step - first_ >= n) return {};
  const auto quarter = (step - first_) * quarters / n;
  return {quarter * n / quarters, (quarter + 1) * n / quarters};
}

std::array<std::vector<float>, Shapes::lengths> Shapes::Course::learn(
    std::span<const float> cells, std::size_t columns, std::span<const std::uint32_t> left_out) {
  const auto is_out = remember(cells, columns, left_out);
  for (auto& windows : windows_) open(windows, is_out);
  std::array<std::vector<float>, lengths> found;
  std::array<std::vector<double>, lengths> samples;
  for (auto i = static_cast<std::size_t>(column_); i < cells.size(); i += columns) {
    const auto step = steps_;
    const auto own = quarter_of(step);
    take(cells[i], own);
    const bool is_left_out = own.begin < own.end && is_out[step - first_];
    for (std::size_t k = 0; k < lengths; ++k) {
      const double nearest = windows_.at(k).nearest;
      found.at(k).push_back(static_cast<float>(nearest));
      if (steps_ != step && !is_left_out && nearest > 0) samples.at(k).push_back(nearest);
    }
  }
  for (std::size_t k = 0; k < lengths; ++k) {
    windows_.at(k).tail = fusion::Tail::fit(std::move(samples.at(k)));
  }
  pace_ = decades_while_learning * std::log(10.0) / static_cast<double>(steps_);
  return found;
}

void Shapes::Course::look(float value) {
  const auto step = steps_;
  take(value, {});
  if (steps_ == step) return;
  for (auto& windows : windows_) {
    if (windows.nearest <= 0) continue;
    const bool is_far = windows.tail.surprise(windows.nearest / windows.usual) > one_in_ten;
    windows.usual = std::max(1.0, windows.usual * std::exp(is_far ? pace_ : -back * pace_));
  }
}

/// A value that is missing is the last one; half of the shortest window of them is a gap.
void Shapes::Course::take(float value, Range closed) {
  missing_ = std::isnan(value) ? missing_ + 1 : 0;
  if (missing_ == 0) {
    known_ = std::clamp((value - center_) * one_over_scale_, -furthest_off, furthest_off);
  }
  has_gap_ = has_gap_ || missing_ * 2 > step_ * windows_.front().length;
  sum_ += known_;
  if (++summed_ < step_) return;
  const float mean = sum_ / static_cast<float>(step_);
  sum_ = 0;
  summed_ = 0;
  since_gap_ = has_gap_ ? 0 : since_gap_ + 1;
  has_gap_ = false;
  for (auto& windows : windows_) advance(windows, mean, closed);
  lately_[steps_ % lately_.size()] = mean;
  ++steps_;
}

/// A window that ends a step later begins a step later.
void Shapes::Course::advance(Windows& windows, float value, Range closed) {
  const auto n = reference_.size();
  const auto length = windows.length;
  windows.nearest = 0;
  if (n == 0) return;
  const bool is_full = steps_ >= length;
  const float* const reference = reference_.data();
  const float* const was = windows.distance.data();
  float* const next = windows.next.data();
  next[0] = square(reference[0] - value);
  const auto growing = is_full ? std::min(length, n) : n;
  for (std::size_t i = 1; i < growing; ++i) next[i] = was[i - 1] + square(reference[i] - value);
  if (is_full) {
    const float gone = lately_[(steps_ - length) % lately_.size()];
    for (std::size_t i = length; i < n; ++i) {
      next[i] = was[i - 1] + square(reference[i] - value) - square(reference[i - length] - gone);
    }
  }
  std::swap(windows.distance, windows.next);
  if (steps_ + 1 < length || since_gap_ < length) return;
  const float least = least_in(windows, closed);
  if (std::isinf(least)) return;
  windows.nearest = std::max(0.0, static_cast<double>(least) / static_cast<double>(length));
}

/// Of the windows that have nothing in common with those that are closed, nor with the one at hand
/// if that ends in them.
float Shapes::Course::least_in(const Windows& windows, Range closed) const {
  float least = std::numeric_limits<float>::infinity();
  const auto look_at = [&](std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    least = std::min(least, least_of(std::span(windows.distance).subspan(begin, end - begin)));
  };
  if (closed.begin == closed.end) {
    for (const auto& range : windows.open) look_at(range.begin, range.end);
    return least;
  }
  closed.begin -= std::min(closed.begin, windows.length);
  closed.end += windows.length;
  for (const auto& range : windows.open) {
    look_at(range.begin, std::min(range.end, closed.begin));
    look_at(std::max(range.begin, closed.end), range.end);
  }
  return least;
}

Shapes::Shapes(std::span<const float> cells, std::size_t columns,
               std::span<const std::uint32_t> left_out) {
  struct Candidate {
    std::size_t column = 0;
    Period period;
  };
  std::vector<Candidate> periodic;
  std::size_t moving = 0;
  for (std::size_t c = 0; c < columns; ++c) {
    const auto values = column_of(cells, columns, c);
    if (!moves(values)) continue;
    ++moving;
    const auto period = period_of(values);
    if (period.rows > 0) periodic.push_back({c, period});
  }
  std::ranges::stable_sort(periodic, std::ranges::greater(),
                           [](const Candidate& one) { return one.period.strength; });
  const auto longest = moving > 1 ? part_among_others : part_alone;
  std::size_t cost = 0;
  for (const auto& one : periodic) {
    Course course(cells, columns, one.column, one.period, longest);
    if (cost + course.cost() > most_cells) continue;
    cost += course.cost();
    learn(std::move(course), cells, columns, left_out);
  }
}

void Shapes::learn(Course course, std::span<const float> cells, std::size_t columns,
                   std::span<const std::uint32_t> left_out) {
  const auto nearest = course.learn(cells, columns, left_out);
  if (middle_of_known(nearest.back()) > most_unforetold * twice_the_variance) return;
  learned_.resize(cells.size() / columns);
  for (std::size_t r = 0; r < learned_.size(); ++r) {
    for (std::size_t k = 0; k < lengths; ++k) {
      const double surprise = course.surprise(k, static_cast<double>(nearest.at(k)[r]));
      if (surprise <= learned_[r].surprise.at(k)) continue;
      learned_[r].surprise.at(k) = surprise;
      learned_[r].column.at(k) = course.column();
    }
  }
  courses_.push_back(std::move(course));
}

Shapes::Found Shapes::look(std::span<const float> values) {
  Found found;
  for (auto& course : courses_) {
    course.look(values[course.column()]);
    for (std::size_t k = 0; k < lengths; ++k) {
      const double surprise = course.surprise(k);
      if (surprise <= found.surprise.at(k)) continue;
      found.surprise.at(k) = surprise;
      found.column.at(k) = course.column();
    }
  }
  return found;
}

}  // namespace sosie::scoring
