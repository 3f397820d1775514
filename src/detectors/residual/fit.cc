#include "detectors/residual/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "detectors/residual/budget.h"
#include "detectors/residual/completion.h"
#include "detectors/residual/habits.h"
#include "detectors/residual/held_out.h"
#include "detectors/residual/limits.h"
#include "detectors/residual/table.h"
#include "statistics/sketch.h"

namespace sosie::residual {
namespace {

constexpr double least_known = 0.2;  ///< of the rows: a column that is rarer is not learned

/// The middle and the spread of a column: median, and deviation of what lies between the 1 % and
/// the 99 % quantile. A spread of 0: it does not move, or is hardly ever there.
struct Spread {
  double center = 0;
  double scale = 0;
};

Spread spread_of(const History& history, std::size_t column) {
  std::vector<double> values;
  values.reserve(history.rows());
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const float value = history.row(r)[column];
    if (!std::isnan(value)) values.push_back(static_cast<double>(value));
  }
  const double least = least_known * static_cast<double>(history.rows());
  if (values.size() < least_rows || static_cast<double>(values.size()) < least) return {};
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  const double low = values[static_cast<std::size_t>(0.01 * last)];
  const double high = values[static_cast<std::size_t>(0.99 * last)];
  const double center = values[values.size() / 2];
  double sum = 0;
  for (const double value : values) {
    const double off = std::clamp(value, low, high) - center;
    sum += off * off;
  }
  return {.center = center, .scale = std::sqrt(sum / static_cast<double>(values.size()))};
}

/// Whether a column has a new value often enough to be held against what the others say now: a
/// laboratory's daily value has not.
bool is_lively(const History& history, std::size_t column) {
  std::size_t changes = 0;
  std::size_t known = 0;
  float before = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const float value = history.row(r)[column];
    if (std::isnan(value)) continue;
    changes += known > 0 && value != before ? 1U : 0U;
    ++known;
    before = value;
  }
  return changes * 50 > known;
}

}  // namespace

Model fit(const History& history, std::span<const std::string> names,
          std::span<const std::uint8_t> judged, std::span<const double> least,
          const FitConfig& config) {
  Model model;
  if (history.rows() < least_rows) return model;
  std::vector<std::size_t> kept;
  std::vector<std::uint8_t> is_judged;
  for (std::size_t i = 0; i < history.columns; ++i) {
    const auto spread = spread_of(history, i);
    if (!(spread.scale > 1e-9 * std::abs(spread.center))) continue;
    kept.push_back(i);
    is_judged.push_back(judged[i] != 0 && is_lively(history, i) ? 1 : 0);
    model.columns.push_back({.name = names[i],
                             .center = spread.center,
                             .scale = spread.scale,
                             .least = least[i] / spread.scale});
  }
  if (kept.size() < 3) return Model{};
  auto table = scaled(history, kept, model);

  // First without limits, to see how large residuals are; then with wide ones, to repair what is
  // faulty in the history; then for good.
  const std::vector<double> no_limits(kept.size(), std::numeric_limits<double>::infinity());
  auto wide_limits = no_limits;
  const auto is_gappy = gappy_in(table);
  {
    auto filled = completed(table, is_gappy, model, config);
    centre_anew(is_gappy, table, filled, model);
    const auto known = known_in(table, is_gappy);
    const Moments raw(filled, config.block);
    const auto first = try_out(table, known, raw, model, config, no_limits);
    find_habits({history, names, judged, is_judged}, first, config.wake, model, table);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (is_judged[i] != 0) wide_limits[i] = 6 * sigma_of(sizes(first, kept.size(), i));
    }
    try_out(table, known_in(table, is_gappy), raw, model, config, wide_limits);
    renew_slow(table, config.memory_forget);
  }
  const auto known = known_in(table, is_gappy);
  if (std::ranges::find(is_gappy, 1) != is_gappy.end()) {
    table = completed(table, is_gappy, model, config);
    renew_slow(table, config.memory_forget);
  }
  const Moments moments(table, config.block);
  const Trials trials = try_all(table, known, moments, model, config);
  set_limits(model, trials, is_judged, config);
  if (config.allowed_per_day > 0) {
    // Quarters in a row, as what comes is not between days that were learned from either.
    FitConfig quarters = config;
    quarters.block = table.rows() / folds + 1;
    const Moments apart(table, quarters.block);
    Trials later = try_all(table, known, apart, model, quarters);
    widen(model, later);
    keep_to_budget(model, later, config);
  }
  model.precision = moments.precision(folds, config.ridge);
  return model;
}

}  // namespace sosie::residual
