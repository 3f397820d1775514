#include "detectors/residual/budget.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "fusion/calibration.h"
#include "fusion/episode.h"
#include "fusion/tail.h"

namespace sosie::residual {
namespace {

/// Of limits that `margin` has set, where there is a budget.
constexpr double largest_factor = 2;
/// Other weather than that of the learning, and cells that were repaired there, make later life
/// stranger than what was held out: on the plant's development seeds (1000 to 1003) by about this.
constexpr double prudence = 8;
constexpr double smallest_factor = 0.5;
constexpr int factor_steps = 32;

/// How far over its limit the furthest column is, row by row, where all limits are `factor` times
/// what they are: quick residuals smoothed as they are while looking, and slow ones.
std::vector<double> levels_at(double factor, const Model& model, const Trials& trials) {
  const auto& [fast, slow, band] = trials;
  const auto n = model.columns.size();
  std::vector<double> levels(fast.t2.size(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& column = model.columns[i];
    if (std::isinf(column.fast_limit)) continue;
    const double quick = std::max(factor * column.fast_limit, column.least);
    const double creep = std::max(factor * column.slow_limit, column.least);
    const double lately = std::max(factor * column.band_limit, column.least);
    double smooth = 0;
    for (std::size_t r = 0; r < levels.size(); ++r) {
      if (std::isnan(fast.residuals[r * n + i])) continue;
      smooth += 0.5 * (fast.residuals[r * n + i] - smooth);
      levels[r] = std::max({levels[r], std::abs(smooth) / quick,
                            std::abs(slow.residuals[r * n + i]) / creep,
                            std::abs(band.residuals[r * n + i]) / lately});
    }
  }
  return levels;
}

std::size_t episodes_in(std::span<const double> levels) {
  fusion::Episode episode({.on = 1, .off = 0.7, .hold = 10});
  std::size_t count = 0;
  for (const double level : levels) {
    const bool was_active = episode.is_active();
    count += episode.look(level) && !was_active ? 1U : 0U;
  }
  return count;
}

}  // namespace

void keep_to_budget(Model& model, const Trials& trials, const FitConfig& config) {
  double factor = largest_factor;
  model.held_out_episodes = episodes_in(levels_at(factor, model, trials));
  for (int step = 1; step <= factor_steps; ++step) {
    const double next = largest_factor * std::pow(smallest_factor / largest_factor,
                                                  static_cast<double>(step) / factor_steps);
    const auto levels = levels_at(next, model, trials);
    const auto tail = fusion::Tail::fit(levels);
    std::vector<double> surprises;
    surprises.reserve(levels.size());
    for (const double level : levels) surprises.push_back(tail.surprise(level));
    const auto limit =
        fusion::limit_for(surprises, config.rows_per_day, config.allowed_per_day / prudence);
    if (tail.surprise(1) < limit.on) break;
    factor = next;
    model.held_out_episodes = episodes_in(levels);
  }
  model.held_out_days = static_cast<double>(trials.fast.t2.size()) / config.rows_per_day;
  for (auto& column : model.columns) {
    column.fast_limit *= factor;
    column.slow_limit *= factor;
    column.band_limit *= factor;
  }
  model.misfit_limit /= factor;  // it is in limits
  model.slow_misfit_limit /= factor;
  model.band_misfit_limit /= factor;
}

}  // namespace sosie::residual
