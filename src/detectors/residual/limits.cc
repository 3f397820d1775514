#include "detectors/residual/limits.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "statistics/sketch.h"

namespace sosie::residual {
namespace {

constexpr double least_creep =
    0.15;  ///< scaled units: a creep smaller than that is no one's concern
constexpr double least_misfit = 0.05;     ///< below it, a fifth of the columns is not off at all
constexpr std::size_t least_blocks = 20;  ///< of fewer, nothing is known of the last twentieth
constexpr double ordinary_blocks =
    0.95;                              ///< of learning's, in which nothing is wrong with a column
constexpr double beyond_ordinary = 4;  ///< times what it stays below there: no more is ordinary
constexpr double excursions_to_bear = 1e5;  ///< about two years of a tremble of hours

double t2_limit(const Trial& trial) {
  Sketch t2;
  for (const double value : trial.t2) t2.add(std::max(value, 0.0));
  return std::max(t2.unlikely(), t2.quantile(1));
}

/// The misfit that one row in ten of learning exceeds.
double misfit_limit(const Model& model, const Trial& trial, double Model::Column::* limit) {
  const auto n = model.columns.size();
  std::vector<double> limits;
  limits.reserve(n);
  for (const auto& column : model.columns) limits.push_back(column.*limit);
  std::vector<double> scratch;
  Sketch seen;
  for (std::size_t r = 0; r < trial.t2.size(); ++r) {
    seen.add(misfit(std::span(trial.residuals).subspan(r * n, n), limits, scratch));
  }
  return std::max(seen.quantile(0.75), least_misfit);
}

/// How often a column's residual went from one side to the other: so many excursions did learning
/// see, however many rows it had.
double sides_changed(const Trial& trial, std::size_t n, std::size_t column) {
  double square = 0;
  double known = 0;
  for (std::size_t at = column; at < trial.residuals.size(); at += n) {
    if (std::isnan(trial.residuals[at])) continue;
    square += trial.residuals[at] * trial.residuals[at];
    ++known;
  }
  const double far = 0.5 * std::sqrt(square / std::max(known, 1.0));
  double changes = 0;
  double side = 0;
  for (std::size_t at = column; at < trial.residuals.size(); at += n) {
    const double value = trial.residuals[at];
    if (!(std::abs(value) >= far) || value * side > 0) continue;
    if (side != 0) ++changes;
    side = value > 0 ? 1 : -1;
  }
  return changes;
}

/// How much further than in learning a residual may go in a year or two: the largest of N normal
/// excursions is about sqrt(2 ln N) deviations (Leadbetter, Lindgren, Rootzen: Extremes, 1983). A
/// level that crept up and down three times in a week has hardly shown what it can do.
double reach_of(const Trial& trial, std::size_t n, std::size_t column) {
  const double seen = std::max(3.0, sides_changed(trial, n, column));
  return std::max(1.1, std::sqrt(std::log(excursions_to_bear) / std::log(seen)));
}

/// How far a column may be off. Faults that nobody labelled are a few hours of learning, in which a
/// residual goes to many times what it does else (a repair leaves some of that): a limit is no more
/// than a few times what it stays below in nearly all blocks. Weather that lasts is more blocks.
double furthest(const Trial& trial, std::size_t n, std::size_t column, std::size_t block) {
  std::vector<double> peaks;
  peaks.reserve(trial.t2.size() / block + 1);
  bool is_begun = false;
  for (std::size_t r = 0; r < trial.t2.size(); ++r) {
    if (r % block == 0) is_begun = false;
    const double size = std::abs(trial.residuals[r * n + column]);
    if (std::isnan(size)) continue;
    if (!is_begun) peaks.push_back(0);
    is_begun = true;
    peaks.back() = std::max(peaks.back(), size);
  }
  if (peaks.empty()) return 0;
  const double reach = reach_of(trial, n, column) * std::ranges::max(peaks);
  if (peaks.size() < least_blocks) return std::max(reach, sizes(trial, n, column).unlikely());
  const auto nearly_all =
      peaks.begin() +
      static_cast<std::ptrdiff_t>(ordinary_blocks * static_cast<double>(peaks.size() - 1));
  std::ranges::nth_element(peaks, nearly_all);
  return std::min(reach, beyond_ordinary * *nearly_all);
}

/// Of each column, from how far it went; `trials` are as they were, or seen through their widening.
void set_column_limits(Model& model, const Trials& trials, std::span<const std::uint8_t> is_judged,
                       const FitConfig& config) {
  const auto [margin, block] = std::pair(config.margin, config.block);
  const auto& [fast, slow, band] = trials;
  const auto n = model.columns.size();
  for (std::size_t i = 0; i < n; ++i) {
    auto& column = model.columns[i];
    column.sigma = sigma_of(sizes(fast, n, i));
    if (is_judged[i] == 0) continue;
    column.fast_limit = margin * std::max(furthest(fast, n, i, block), 5 * column.sigma);
    column.slow_limit = margin * std::max({furthest(slow, n, i, block), column.sigma, least_creep});
    column.band_limit = margin * std::max({furthest(band, n, i, block), column.sigma, least_creep});
  }
}

void set_misfit_limits(Model& model, const Trials& trials) {
  model.misfit_limit = misfit_limit(model, trials.fast, &Model::Column::fast_limit);
  model.slow_misfit_limit = misfit_limit(model, trials.slow, &Model::Column::slow_limit);
  model.band_misfit_limit = misfit_limit(model, trials.band, &Model::Column::band_limit);
}

void widen(const Model& model, double Model::Column::* limit, double t2_limit, double misfit_limit,
           Trial& trial) {
  const auto n = model.columns.size();
  std::vector<double> limits;
  limits.reserve(n);
  for (const auto& column : model.columns) limits.push_back(column.*limit);
  std::vector<double> scratch;
  for (std::size_t r = 0; r < trial.t2.size(); ++r) {
    const auto row = std::span(trial.residuals).subspan(r * n, n);
    const double excess = std::sqrt(std::max(1.0, trial.t2[r] / t2_limit));
    const double widening = band_widening(excess, misfit_limit, row, limits, scratch);
    for (double& residual : row) residual /= widening;
  }
}

}  // namespace

void widen(const Model& model, Trials& trials) {
  widen(model, &Model::Column::fast_limit, model.t2_limit, model.misfit_limit, trials.fast);
  widen(model, &Model::Column::slow_limit, model.slow_t2_limit, model.slow_misfit_limit,
        trials.slow);
  widen(model, &Model::Column::band_limit, model.band_t2_limit, model.band_misfit_limit,
        trials.band);
}

void set_limits(Model& model, const Trials& trials, std::span<const std::uint8_t> is_judged,
                const FitConfig& config) {
  model.t2_limit = config.margin * t2_limit(trials.fast);
  model.slow_t2_limit = config.margin * t2_limit(trials.slow);
  model.band_t2_limit = config.margin * t2_limit(trials.band);
  set_column_limits(model, trials, is_judged, config);
  set_misfit_limits(model, trials);
  Trials seen = trials;
  widen(model, seen);
  set_column_limits(model, seen, is_judged, config);
  set_misfit_limits(model, trials);
}

}  // namespace sosie::residual
