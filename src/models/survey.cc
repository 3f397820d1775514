#include "models/survey.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/every_second.h"
#include "models/level_step.h"
#include "models/regression.h"

namespace sosie::models {
namespace {

constexpr std::size_t most_steps = 8192;
constexpr std::size_t most_long_steps = 4096;
constexpr Duration::rep gap_periods = 3;
constexpr double inside = 0.1;  ///< of all rows: so much later it has joined

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
    keep_every_second(steps_);
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
  keep_every_second(kept_at_);
  keep_every_second(kept_, columns_);
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

void Survey::survey_values(const Seen& seen, std::span<float> values, ColumnFacts& column) const {
  if (!column.is_constant) survey_step(values, column);
  if (column.jump) leave_out_before(column.jump->at, values);
  column.least = seen.least;
  column.most = seen.most;
  const auto sorted = sorted_values(values);
  if (sorted.empty()) return;
  if (column.jump) {
    column.least = static_cast<double>(sorted.front());
    column.most = static_cast<double>(sorted.back());
  }
  column.middle = quantile_of(sorted, 0.5);
  column.spread = (quantile_of(sorted, 0.75) - quantile_of(sorted, 0.25)) / 1.349;
  // One that rests most of the time and moves now and then has no quartiles to go by.
  if (!(column.spread > 0)) column.spread = (column.most - column.least) / 8;
}

void Survey::leave_out_before(Timestamp at, std::span<float> values) const {
  for (std::size_t i = 0; i < values.size() && kept_at_[i] < at; ++i) {
    values[i] = std::numeric_limits<float>::quiet_NaN();
  }
}

void Survey::survey_step(std::span<const float> values, ColumnFacts& column) const {
  std::vector<double> known;
  std::vector<Timestamp> at;
  known.reserve(values.size());
  at.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    known.push_back(static_cast<double>(values[i]));
    at.push_back(kept_at_[i]);
  }
  const auto step = lasting_step(known);
  if (!step) return;
  auto& found = step->is_unit ? column.jump : column.moved;
  found = {.at = at[step->at],
           .before = step->before,
           .after = step->after,
           .factor = step->factor,
           .offset = step->offset};
}

/// Rows of the sample have others between them, and which is the first one is not sure to one.
std::vector<ColumnFacts::Off> Survey::times_of(std::span<const OffRows> rows) const {
  std::vector<Duration> lengths;
  lengths.reserve(steps_.size());
  for (const auto& step : steps_) lengths.push_back(step.length);
  const auto doubt = 2 * static_cast<Duration::rep>(stride_) * middle_of(std::move(lengths));
  std::vector<ColumnFacts::Off> times;
  times.reserve(rows.size());
  for (const auto& off : rows) {
    times.push_back({kept_at_[off.from] - doubt, kept_at_[off.to - 1] + doubt});
  }
  return times;
}

Survey::Columns Survey::kept_columns() const {
  Columns columns;
  columns.reserve(columns_);
  for (std::size_t i = 0; i < columns_; ++i) columns.push_back(column_of(i));
  return columns;
}

SurveyFacts Survey::facts_of(Columns& columns) const {
  SurveyFacts facts;
  facts.rows = rows_;
  facts.from = first_;
  facts.to = last_;
  survey_times(facts);
  facts.columns.resize(columns_);
  for (std::size_t i = 0; i < columns_; ++i) facts.columns[i].is_constant = !seen_[i].changes;
  find_twins(columns, facts.columns);
  for (std::size_t i = 0; i < columns_; ++i) {
    const Seen& seen = seen_[i];
    ColumnFacts& column = facts.columns[i];
    column.known = rows_ == 0 ? 0 : static_cast<double>(seen.known) / static_cast<double>(rows_);
    if (seen.known == 0) continue;
    survey_ends(seen, facts, column);
    survey_values(seen, columns[i], column);
  }
  return facts;
}

SurveyFacts Survey::finish_alone() const {
  auto columns = kept_columns();
  return facts_of(columns);
}

SurveyFacts Survey::finish() const {
  auto columns = kept_columns();
  auto facts = facts_of(columns);
  const auto told = told_by_others(columns);
  const auto off = contradictions(columns);
  for (std::size_t i = 0; i < columns_; ++i) {
    facts.columns[i].told_by_others = told[i];
    facts.columns[i].off = times_of(off[i]);
  }
  return facts;
}

}  // namespace sosie::models
