#include "models/merit.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sosie::models {
namespace {

constexpr double outside_cost = 2 / 0.01;  ///< of the 99 % band's interval score

double interval_score(double value, const NormalProfile::Band& band) {
  const double below = std::max(0.0, band.low - value);
  const double above = std::max(0.0, value - band.high);
  return band.high - band.low + outside_cost * (below + above);
}

/// With a comma, as people write it.
std::string french(double number) {
  auto text = fmt::format("{:.2f}", number);
  std::ranges::replace(text, '.', ',');
  return text;
}

/// So many findings may begin in the trial before there are too many.
double allowed_episodes(const Trial& trial) {
  const auto active = static_cast<double>(trial.active.episodes);
  if (trial.budget_per_day > 0) return std::max(active, trial.budget_per_day * trial.days());
  return 1.25 * active;
}

bool keeps_budget(const Trial::Side& side, const Trial& trial) {
  return static_cast<double>(side.episodes) <= trial.budget_per_day * trial.days();
}

std::vector<Words> objections(const Trial& trial, const MeritRule& rule) {
  const auto& [active, shadow] = std::pair(trial.active, trial.shadow);
  std::vector<Words> reasons;
  if (shadow.confirmed < active.confirmed) {
    const auto missed = active.confirmed - shadow.confirmed;
    reasons.push_back(
        {fmt::format("misses {} of {} findings that people called right", missed, active.confirmed),
         fmt::format("manque {} des {} anomalies que des personnes ont confirmées", missed,
                     active.confirmed)});
  }
  if (static_cast<double>(shadow.episodes) > allowed_episodes(trial)) {
    reasons.push_back(
        {fmt::format("{} findings began, {} with the active one", shadow.episodes, active.episodes),
         fmt::format("{} anomalies annoncées, {} par le modèle actif", shadow.episodes,
                     active.episodes)});
  }
  if (trial.error_ratio >= rule.worse) {
    reasons.push_back(
        {fmt::format("foresees worse: error {:.2f} of the active one's", trial.error_ratio),
         fmt::format("prévoit moins bien : erreur de {} fois celle du modèle actif",
                     french(trial.error_ratio))});
  }
  if (shadow.sensors < active.sensors) {
    reasons.push_back(
        {fmt::format("knows {} sensors, the active one {}", shadow.sensors, active.sensors),
         fmt::format("connaît {} capteurs, le modèle actif {}", shadow.sensors, active.sensors)});
  }
  return reasons;
}

std::vector<Words> merits(const Trial& trial, const MeritRule& rule) {
  const auto& [active, shadow] = std::pair(trial.active, trial.shadow);
  std::vector<Words> reasons;
  if (trial.error_ratio > 0 && trial.error_ratio <= rule.better) {
    reasons.push_back(
        {fmt::format("foresees better: error {:.2f} of the active one's", trial.error_ratio),
         fmt::format("prévoit mieux : erreur de {} fois celle du modèle actif",
                     french(trial.error_ratio))});
  }
  if (shadow.wrong < active.wrong) {
    const auto spared = active.wrong - shadow.wrong;
    reasons.push_back(
        {fmt::format("does not repeat {} of {} findings that people called wrong", spared,
                     active.wrong),
         fmt::format("ne répète pas {} des {} anomalies que des personnes ont démenties", spared,
                     active.wrong)});
  }
  if (trial.budget_per_day > 0 && keeps_budget(shadow, trial) && !keeps_budget(active, trial)) {
    reasons.push_back({"keeps to the budget of false alarms, which the active one does not",
                       "respecte le budget de fausses alarmes, le modèle actif non"});
  }
  return reasons;
}

}  // namespace

void ErrorRatio::add(std::size_t column, double value, const NormalProfile::Band& active,
                     const NormalProfile::Band& shadow) {
  if (column >= sums_.size()) sums_.resize(column + 1);
  Sum& sum = sums_[column];
  sum.active += interval_score(value, active);
  sum.shadow += interval_score(value, shadow);
  ++sum.count;
}

double ErrorRatio::ratio(std::uint64_t least) const {
  double logs = 0;
  std::size_t count = 0;
  for (const Sum& sum : sums_) {
    if (sum.count < least || !(sum.active > 0) || !(sum.shadow > 0)) continue;
    logs += std::log(sum.shadow / sum.active);
    ++count;
  }
  return count == 0 ? 0 : std::exp(logs / static_cast<double>(count));
}

Judgement judge(const Trial& trial, const MeritRule& rule) {
  if (trial.to - trial.from < rule.period || trial.frames < rule.least_frames) return {};
  if (auto against = objections(trial, rule); !against.empty()) {
    return {Judgement::What::retire, std::move(against)};
  }
  if (auto reasons = merits(trial, rule); !reasons.empty()) {
    return {Judgement::What::promote, std::move(reasons)};
  }
  const Words same{
      fmt::format("no better: error {:.2f} of the active one's, {} findings beside {}",
                  trial.error_ratio, trial.shadow.episodes, trial.active.episodes),
      fmt::format("pas meilleur : erreur de {} fois celle du modèle actif, {} "
                  "anomalies contre {}",
                  french(trial.error_ratio), trial.shadow.episodes, trial.active.episodes)};
  return {Judgement::What::retire, {same}};
}

Words joined(std::span<const Words> reasons) {
  Words all;
  for (const auto& reason : reasons) {
    const bool is_first = all.en.empty();
    all.en += (is_first ? "" : "; ") + reason.en;
    all.fr += (is_first ? "" : " ; ") + reason.fr;
  }
  return all;
}

}  // namespace sosie::models
