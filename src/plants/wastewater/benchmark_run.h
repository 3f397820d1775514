#pragma once

#include <functional>
#include <optional>

#include "plants/wastewater/evaluation.h"
#include "plants/wastewater/influent_file.h"

namespace sosie::bsm1 {

inline constexpr double sample_d = 15 * minute_d;

/// How a plant is run on an influent.
struct Run {
  double days = 14;
  double evaluated_from_d = 0;                   ///< what is before counts for no average
  std::optional<double> celsius{};               ///< instead of what the influent says
  std::function<void(const Bsm1&)> at_sample{};  ///< called every 15 minutes, at the beginning too
};

/// Lives the run from the influent's beginning, which begins anew where it is shorter; `plant` is
/// then as it is at the run's end. Errors: as Bsm1's, with the influent's file and line.
Result<Summary> run(Bsm1& plant, const Influent& influent, const Run& options);

/// As the benchmark begins each of its runs: the constant influent until nothing moves, then 14
/// days of dry weather.
Result<void> begin_as_benchmark(Bsm1& plant);

}  // namespace sosie::bsm1
