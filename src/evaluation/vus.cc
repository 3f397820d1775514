#include "evaluation/vus.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "evaluation/runs.h"

namespace sosie {
namespace {

constexpr std::uint32_t no_event = 0xFFFFFFFF;

/// Labels with soft edges, and which soft event a row belongs to.
struct SoftLabels {
  std::vector<double> label;
  std::vector<std::uint32_t> event;
  /// The mean of its rows' weights: where blocks are drawn, an event can lie in several of them.
  std::vector<double> event_weight;

  SoftLabels(std::span<const std::uint8_t> hard, std::size_t width, std::span<const double> weights)
      : label(hard.begin(), hard.end()), event(hard.size(), no_event) {
    for (const auto& run : runs_of(hard)) soften(run, width);
    std::vector<double> total;
    for (std::size_t i = 0; i < label.size(); ++i) {
      label[i] = std::min(label[i], 1.0);
      if (label[i] <= 0) continue;
      const bool goes_on = i > 0 && label[i - 1] > 0;
      if (!goes_on) {
        event_weight.push_back(0);
        total.push_back(0);
      }
      event_weight.back() += label[i] * (weights.empty() ? 1.0 : weights[i]);
      total.back() += label[i];
      event[i] = static_cast<std::uint32_t>(event_weight.size() - 1);
    }
    for (std::size_t e = 0; e < total.size(); ++e) event_weight[e] /= total[e];
  }

 private:
  void soften(Run run, std::size_t width) {
    for (std::size_t d = 1; d <= width / 2; ++d) {
      const double soft = std::sqrt(1 - static_cast<double>(d) / static_cast<double>(width));
      if (d <= run.begin) label[run.begin - d] += soft;
      if (run.end - 1 + d < label.size()) label[run.end - 1 + d] += soft;
    }
  }
};

/// Walks down the ranking.
struct Walk {
  double hits = 0;     ///< soft
  double flagged = 0;  ///< rows
  double met = 0;      ///< events, by weight
  std::vector<std::uint8_t> is_met;
};

double area(const Ranking& ranking, const SoftLabels& soft, double hard_total,
            std::span<const double> weights) {
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  double soft_total = 0;
  for (std::size_t i = 0; i < soft.label.size(); ++i) soft_total += soft.label[i] * weight(i);
  double events = 0;
  for (const double w : soft.event_weight) events += w;
  if (events <= 0) return 0;
  const double mean_total = (hard_total + soft_total) / 2;
  Walk walk;
  walk.is_met.resize(soft.event_weight.size());
  double sum = 0;
  double recall_before = 0;
  std::uint32_t at = 0;
  for (const auto end : ranking.tie_ends()) {
    for (; at < end; ++at) {
      const auto row = ranking.order()[at];
      walk.flagged += weight(row);
      walk.hits += soft.label[row] * weight(row);
      const auto event = soft.event[row];
      if (event == no_event || walk.is_met[event] != 0 || weight(row) <= 0) continue;
      walk.is_met[event] = 1;
      walk.met += soft.event_weight[event];
    }
    const double recall = std::min(walk.hits / mean_total, 1.0) * walk.met / events;
    const double precision = walk.flagged > 0 ? walk.hits / walk.flagged : 0.0;
    sum += (recall - recall_before) * precision;
    recall_before = recall;
  }
  return sum;
}

}  // namespace

std::optional<double> vus_pr(const Ranking& ranking, std::span<const std::uint8_t> labels,
                             const VusOptions& options, std::span<const double> weights) {
  double hard_total = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != 0) hard_total += weights.empty() ? 1.0 : weights[i];
  }
  if (hard_total <= 0 || options.widths == 0) return std::nullopt;
  double sum = 0;
  for (std::size_t k = 0; k < options.widths; ++k) {
    const auto width = options.widths == 1 ? 0 : options.most_rows * k / (options.widths - 1);
    sum += area(ranking, SoftLabels(labels, width, weights), hard_total, weights);
  }
  return sum / static_cast<double>(options.widths);
}

}  // namespace sosie
