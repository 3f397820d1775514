#include "models/survey.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "models/regression.h"

namespace sosie::models {
namespace {

constexpr std::size_t most_steps = 8192;
constexpr std::size_t most_long_steps = 4096;
constexpr Duration::rep gap_periods = 3;
constexpr double inside = 0.1;             ///< of all rows: so much later it has joined
constexpr std::size_t least_of_part = 20;  ///< values on each side of a jump
constexpr std::size_t jump_candidates = 18;

Duration middle_of(std::vector<Duration> steps) {
  if (steps.empty()) return {};
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

double quantile_of(const std::vector<float>& sorted, double p) {
  const auto place =
      static_cast<std::size_t>(std::lround(p * static_cast<double>(sorted.size() - 1)));
  return static_cast<double>(sorted[place]);
}

/// The values that are there, sorted.
std::vector<float> sorted_values(std::span<const float> values) {
  std::vector<float> kept;
  kept.reserve(values.size());
  for (const float value : values) {
    if (!std::isnan(value)) kept.push_back(value);
  }
  std::ranges::sort(kept);
  return kept;
}

/// One part of a column, by what most of its values are.
struct Part {
  double low = 0;
  double middle = 0;
  double high = 0;
  double width() const { return high - low; }
};

/// The cut is known to one in twenty rows: so many may lie on the wrong side.
Part part_of(const std::vector<float>& sorted) {
  return {.low = quantile_of(sorted, 0.06),
          .middle = quantile_of(sorted, 0.5),
          .high = quantile_of(sorted, 0.94)};
}

/// Level and width go by the same factor of two or more, or the level by what lies between kelvin
/// and degrees, or Celsius and Fahrenheit.
bool is_like_another_unit(const Part& before, const Part& after) {
  constexpr double kelvin = 273.15;
  const double moved = after.middle - before.middle;
  const double wider = after.width() / before.width();
  if (!(before.width() > 0) || !(after.width() > 0)) return false;  // a state, or a setpoint
  if (std::abs(std::abs(moved) - kelvin) < 10 && wider > 0.5 && wider < 2) return true;
  const auto is_fahrenheit_of = [](const Part& f, const Part& c) {
    return std::abs(f.middle - (1.8 * c.middle + 32)) < 3;
  };
  if (is_fahrenheit_of(after, before) || is_fahrenheit_of(before, after)) return true;
  const double factor = after.middle / before.middle;
  if (!(factor > 0) || (factor < 2 && factor > 0.5)) return false;
  return factor / wider < 2 && wider / factor < 2;
}

/// The most distant two parts of a column that do not overlap and look like another unit of the
/// same, where there are such.
std::optional<ColumnFacts::Jump> jump_in(std::span<const float> values,
                                         std::span<const Timestamp> at) {
  std::optional<ColumnFacts::Jump> best;
  double widest = 0;
  for (std::size_t k = 1; k <= jump_candidates; ++k) {
    const auto cut = k * values.size() / (jump_candidates + 1);
    const auto first = sorted_values(values.first(cut));
    const auto second = sorted_values(values.subspan(cut));
    if (first.size() < least_of_part || second.size() < least_of_part) continue;
    const auto before = part_of(first);
    const auto after = part_of(second);
    const double apart = std::max(after.low - before.high, before.low - after.high);
    const double within = std::max(before.width(), after.width());
    if (apart <= 2 * within || apart <= widest || !is_like_another_unit(before, after)) continue;
    widest = apart;
    best = ColumnFacts::Jump{.at = at[cut], .before = before.middle, .after = after.middle};
  }
  return best;
}

/// The same in all rows, and both missing in the same.
bool are_equal(std::span<const float> a, std::span<const float> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) != std::isnan(b[i])) return false;
    if (!std::isnan(a[i]) && a[i] != b[i]) return false;
  }
  return true;
}

/// Who is the same as an earlier one.
void find_twins(const std::vector<std::vector<float>>& values, std::vector<ColumnFacts>& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].is_constant) continue;
    for (std::size_t j = 0; j < i && !columns[i].same_as; ++j) {
      const bool is_first = !columns[j].is_constant && !columns[j].same_as;
      if (is_first && are_equal(values[j], values[i])) columns[i].same_as = j;
    }
  }
}

}  // namespace

Survey::Survey(std::size_t columns, std::size_t sample)
    : columns_(columns), sample_(std::max<std::size_t>(2, sample)), seen_(columns) {}

void Survey::take(Timestamp at, std::span<const double> values) {
  if (rows_ == 0) {
    first_ = at;
  } else {
    take_step(at, at - last_);
  }
  last_ = at;
  for (std::size_t i = 0; i < columns_; ++i) {
    if (!std::isnan(values[i])) take_value(seen_[i], at, values[i]);
  }
  if (rows_ % stride_ == 0 && kept_at_.size() >= sample_) thin_out();
  if (rows_ % stride_ == 0) {
    kept_.insert(kept_.end(), values.begin(),
                 values.begin() + static_cast<std::ptrdiff_t>(columns_));
    kept_at_.push_back(at);
  }
  ++rows_;
}

void Survey::take_step(Timestamp at, Duration step) {
  if ((rows_ - 1) % step_stride_ == 0) steps_.push_back({at, step});
  if (steps_.size() >= most_steps) {
    for (std::size_t i = 0; i < steps_.size() / 2; ++i) steps_[i] = steps_[2 * i];
    steps_.resize(steps_.size() / 2);
    step_stride_ *= 2;
  }
  long_steps_.push_back(step);
  if (long_steps_.size() < 2 * most_long_steps) return;
  std::ranges::nth_element(long_steps_, long_steps_.begin() + most_long_steps, std::greater<>());
  long_steps_.resize(most_long_steps);
}

void Survey::take_value(Seen& seen, Timestamp at, double value) {
  if (seen.known == 0) {
    seen.first_value = seen.least = seen.most = value;
    seen.first = at;
  }
  seen.changes = seen.changes || value != seen.first_value;
  seen.least = std::min(seen.least, value);
  seen.most = std::max(seen.most, value);
  seen.last = at;
  ++seen.known;
}

/// Every second row is enough from now on.
void Survey::thin_out() {
  const auto half = (kept_at_.size() + 1) / 2;
  for (std::size_t r = 0; r < half; ++r) {
    kept_at_[r] = kept_at_[2 * r];
    for (std::size_t i = 0; i < columns_; ++i) {
      kept_[r * columns_ + i] = kept_[2 * r * columns_ + i];
    }
  }
  kept_at_.resize(half);
  kept_.resize(half * columns_);
  stride_ *= 2;
}

std::vector<float> Survey::column_of(std::size_t column) const {
  std::vector<float> values(kept_at_.size());
  for (std::size_t r = 0; r < values.size(); ++r) values[r] = kept_[r * columns_ + column];
  return values;
}

void Survey::survey_times(SurveyFacts& facts) const {
  const auto third = (last_ - first_) / 3;
  const auto within = [this](Timestamp from, Timestamp to) {
    std::vector<Duration> lengths;
    lengths.reserve(steps_.size());
    for (const auto& step : steps_) {
      if (step.at >= from && step.at <= to) lengths.push_back(step.length);
    }
    return middle_of(std::move(lengths));
  };
  facts.period = within(first_, last_);
  facts.early_period = within(first_, first_ + third);
  facts.late_period = within(last_ - third, last_);
  const auto longest = std::max({facts.period, facts.early_period, facts.late_period});
  for (const auto step : long_steps_) {
    if (step <= gap_periods * longest) continue;
    ++facts.gaps;
    facts.longest_gap = std::max(facts.longest_gap, step);
  }
}

void Survey::survey_ends(const Seen& seen, const SurveyFacts& facts, ColumnFacts& column) const {
  const auto all = static_cast<double>((facts.to - facts.from).count());
  const auto late = static_cast<double>((seen.first - facts.from).count());
  const auto early = static_cast<double>((facts.to - seen.last).count());
  if (late > inside * all) column.joins = seen.first;
  if (early > inside * all) column.leaves = seen.last;
}

void Survey::survey_values(const Seen& seen, std::span<const float> values,
                           ColumnFacts& column) const {
  column.least = seen.least;
  column.most = seen.most;
  const auto sorted = sorted_values(values);
  if (!sorted.empty()) {
    column.middle = quantile_of(sorted, 0.5);
    column.spread = (quantile_of(sorted, 0.75) - quantile_of(sorted, 0.25)) / 1.349;
    // One that rests most of the time and moves now and then has no quartiles to go by.
    if (!(column.spread > 0)) column.spread = (seen.most - seen.least) / 8;
  }
  if (!column.is_constant) column.jump = jump_in(values, kept_at_);
}

SurveyFacts Survey::finish() const {
  SurveyFacts facts;
  facts.rows = rows_;
  facts.from = first_;
  facts.to = last_;
  survey_times(facts);
  facts.columns.resize(columns_);
  std::vector<std::vector<float>> columns;
  columns.reserve(columns_);
  for (std::size_t i = 0; i < columns_; ++i) {
    const Seen& seen = seen_[i];
    ColumnFacts& column = facts.columns[i];
    columns.push_back(column_of(i));
    column.known = rows_ == 0 ? 0 : static_cast<double>(seen.known) / static_cast<double>(rows_);
    column.is_constant = !seen.changes;
    if (seen.known == 0) continue;
    survey_ends(seen, facts, column);
    survey_values(seen, columns.back(), column);
  }
  find_twins(columns, facts.columns);
  const auto told = told_by_others(columns);
  for (std::size_t i = 0; i < columns_; ++i) facts.columns[i].told_by_others = told[i];
  return facts;
}

}  // namespace sosie::models
