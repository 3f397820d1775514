#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sosie {

/// What is found with no more false alarms than a budget.
struct AtBudget {
  double threshold = 0;
  double recall = 0;
  double false_per_day = 0;
};

/// The lowest threshold at which no more than `budget` false alarms a day are left.
/// `best`: of each label the highest score of an alarm that finds it, below 0: none does.
/// `false_scores`: of each false alarm. REQUIRES: days > 0.
AtBudget recall_at_budget(std::span<const double> best, std::span<const double> false_scores,
                          double days, double budget);

/// The same of rows: an alarm begins where a score reaches the threshold and ends where it has been
/// below nine tenths of it for five rows; no more than a tenth of the rows that are not labelled
/// may be under alarm, as one alarm without end would keep any budget. `labels`: 0 or 1 a row.
AtBudget recall_at_budget_of_rows(std::span<const double> scores,
                                  std::span<const std::uint8_t> labels, double days, double budget);

/// Which of `labels`' runs have an alarm at `threshold`, as above; 0 or 1 each.
double share_alarmed(std::span<const double> scores, std::span<const std::uint8_t> labels,
                     double threshold);

}  // namespace sosie
