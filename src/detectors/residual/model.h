#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "statistics/matrix.h"

namespace sosie::residual {

/// What every sensor says of every other: the inverse P of their ridged covariance, over u = (each
/// column now, each column's slow average), both centred and scaled.
///
/// With P, the ridge regressions of all columns on all others are done at once: the residual of the
/// entries A of u given all the rest is P_AA^-1 (P u)_A (the conditional mean of a normal vector;
/// Whittaker: Graphical Models in Applied Multivariate Statistics, 1990, 5.7). A column's own slow
/// average is left out with it, or a drift would explain itself.
struct Model {
  /// What one column's row of the model says.
  struct Column {
    std::string name;
    double center = 0;
    double scale = 1;
    double fast_limit = std::numeric_limits<double>::infinity();  ///< of |residual|, scaled units
    double slow_limit = std::numeric_limits<double>::infinity();  ///< of its slow average
    double band_limit =
        std::numeric_limits<double>::infinity();  ///< of what came in the last hours
    double sigma = 1;                             ///< the residual's ordinary size
    double least = 0;  ///< of a limit, in scaled units: less is the instrument's error
  };

  /// Columns that jump whenever a state is not as usual (a filter is washed once a day): that was
  /// so in training, and nobody is to be told. They are not looked at then.
  struct Habit {
    std::string state;  ///< the name of its column, which may be none of the model's
    double usual = 0;
    std::vector<std::uint32_t> columns;  ///< of the model
  };

  std::vector<Column> columns;
  std::vector<Habit> habits;
  Matrix precision;                   ///< P, 2 columns.size() wide
  double t2_limit = 0;                ///< of u' P u
  double slow_t2_limit = 0;           ///< of the same of slow averages of u
  double band_t2_limit = 0;           ///< of the same of what came in the last hours
  double misfit_limit = 1;            ///< of the `misfit` of residuals
  double slow_misfit_limit = 1;       ///< of that of their slow averages
  double band_misfit_limit = 1;       ///< of that of what came in the last hours
  std::size_t held_out_episodes = 0;  ///< what the limits give on what they were made from
  double held_out_days = 0;           ///< 0: no budget was set

  /// A block mean of a state this far off is not as usual.
  static constexpr double state_slack = 0.05;

  bool empty() const { return columns.empty(); }
  std::string save() const;
  static Result<Model> load(std::string_view bytes);
};

/// How far off the asset as a whole is: what a fifth of the columns exceed of |residual| / limit.
/// Columns without a limit do not count. A sensor that fails or a machine that trips moves it
/// little; weather that was never seen does. 0 of fewer than twenty columns. `scratch` is
/// overwritten.
double misfit(std::span<const double> residuals, std::span<const double> limits,
              std::vector<double>& scratch);

/// How much wider every band is while the asset as a whole is off: the larger of `least` and
/// `misfit` / `usual`. REQUIRES: `least` >= 1, `usual` > 0.
double band_widening(double least, double usual, std::span<const double> residuals,
                     std::span<const double> limits, std::vector<double>& scratch);

}  // namespace sosie::residual
