#include "evaluation/budget.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "evaluation/runs.h"

namespace sosie {
namespace by_budget {
namespace {

constexpr double off_share = 0.9;
constexpr std::size_t hold_rows = 5;
constexpr std::size_t most_thresholds = 400;
constexpr double most_flagged = 0.1;

std::vector<Run> alarms_at(std::span<const double> scores, double threshold) {
  std::vector<Run> alarms;
  bool is_on = false;
  std::size_t quiet = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    quiet = scores[i] < off_share * threshold ? quiet + 1 : 0;
    if (scores[i] >= threshold && !is_on) {
      is_on = true;
      alarms.push_back({.begin = i, .end = i + 1});
    }
    if (is_on && quiet >= hold_rows) is_on = false;
    if (is_on) alarms.back().end = i + 1;
  }
  return alarms;
}

/// Of the rows that are not labelled.
double share_flagged(std::span<const Run> alarms, std::span<const std::uint8_t> labels) {
  double ordinary = 0;
  for (const auto label : labels) ordinary += label == 0 ? 1 : 0;
  double flagged = 0;
  for (const auto& alarm : alarms) {
    for (auto i = alarm.begin; i < alarm.end; ++i) flagged += labels[i] == 0 ? 1 : 0;
  }
  return ordinary > 0 ? flagged / ordinary : 0;
}

double share_met(std::span<const Run> events, std::span<const Run> alarms) {
  if (events.empty()) return 0;
  const auto met = std::ranges::count_if(events, [&](const Run& e) { return meets(alarms, e); });
  return static_cast<double>(met) / static_cast<double>(events.size());
}

}  // namespace
}  // namespace by_budget

AtBudget recall_at_budget(std::span<const double> best, std::span<const double> false_scores,
                          double days, double budget) {
  std::vector<double> falling(false_scores.begin(), false_scores.end());
  std::ranges::sort(falling, std::greater{});
  const auto allowed = static_cast<std::size_t>(std::max(0.0, budget * days));
  AtBudget at;
  // Above the first that is one too many; what is level with it goes with it.
  at.threshold = allowed < falling.size() ? falling[allowed] : -1;
  const auto is_kept = [&](double score) { return score >= 0 && score > at.threshold; };
  const auto kept = std::ranges::count_if(falling, is_kept);
  at.false_per_day = static_cast<double>(kept) / days;
  if (best.empty()) return at;
  const auto found = std::ranges::count_if(best, is_kept);
  at.recall = static_cast<double>(found) / static_cast<double>(best.size());
  return at;
}

AtBudget recall_at_budget_of_rows(std::span<const double> scores,
                                  std::span<const std::uint8_t> labels, double days,
                                  double budget) {
  using namespace by_budget;  // NOLINT(google-build-using-namespace): this file's own
  std::vector<double> thresholds(scores.begin(), scores.end());
  std::ranges::sort(thresholds, std::greater{});
  const auto repeated = std::ranges::unique(thresholds);
  thresholds.erase(repeated.begin(), repeated.end());
  const auto events = runs_of(labels);
  AtBudget best;
  best.threshold = thresholds.empty() ? 1 : thresholds.front() + 1;
  // Downwards from the highest, ever faster: most of what differs lies at the top.
  double place = 0;
  for (std::size_t i = 0; i < most_thresholds; ++i) {
    const auto at = static_cast<std::size_t>(place);
    if (at >= thresholds.size()) break;
    const auto alarms = alarms_at(scores, thresholds[at]);
    const auto wrong =
        std::ranges::count_if(alarms, [&](const Run& alarm) { return !meets(events, alarm); });
    const double per_day = static_cast<double>(wrong) / days;
    if (per_day > budget || share_flagged(alarms, labels) > most_flagged) break;
    best = {
        .threshold = thresholds[at], .recall = share_met(events, alarms), .false_per_day = per_day};
    place = std::max(place + 1, place * 1.05);
  }
  return best;
}

double share_alarmed(std::span<const double> scores, std::span<const std::uint8_t> labels,
                     double threshold) {
  return by_budget::share_met(runs_of(labels), by_budget::alarms_at(scores, threshold));
}

}  // namespace sosie
