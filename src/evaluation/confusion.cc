#include "evaluation/confusion.h"

#include <algorithm>

namespace sosie {
namespace by_kind {
namespace {

constexpr std::size_t none = Confusion::causes;  ///< the row of false findings
constexpr std::size_t missed = kind_count;       ///< the column

std::optional<double> f1_of(const Confusion& confusion, std::size_t kind, std::size_t rows,
                            std::size_t columns) {
  const auto& counts = confusion.counts;
  double claimed = 0;
  double there = 0;
  for (std::size_t row = 0; row < rows; ++row) claimed += counts.at(row).at(kind);
  for (std::size_t column = 0; column < columns; ++column) there += counts.at(kind).at(column);
  if (claimed + there <= 0) return std::nullopt;
  return 2 * counts.at(kind).at(kind) / (claimed + there);
}

std::optional<double> mean_f1(const Confusion& confusion, std::size_t rows, std::size_t columns) {
  double sum = 0;
  double kinds = 0;
  for (std::size_t kind = 0; kind < Confusion::causes; ++kind) {
    const auto& row = confusion.counts.at(kind);
    double there = 0;
    for (std::size_t column = 0; column < columns; ++column) there += row.at(column);
    if (there <= 0) continue;
    sum += f1_of(confusion, kind, rows, columns).value_or(0);
    kinds += 1;
  }
  if (kinds == 0) return std::nullopt;
  return sum / kinds;
}

std::optional<double> ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}

/// Of one drawing; in the order of ScoreIntervals.
using Drawn = std::array<std::optional<double>, 7>;

/// The value in whose reach half of the weight lies.
std::optional<double> weighted_median(std::vector<std::pair<double, double>> values) {
  double sum = 0;
  for (const auto& [value, weight] : values) sum += weight;
  if (sum <= 0) return std::nullopt;
  std::ranges::sort(values);
  double passed = 0;
  for (const auto& [value, weight] : values) {
    passed += weight;
    if (passed >= sum / 2) return value;
  }
  return values.back().first;
}

Drawn figures_of(const Score& score, std::span<const double> label_weights,
                 std::span<const double> finding_weights, double days) {
  double labels = 0;
  double found = 0;
  std::vector<std::pair<double, double>> delays;
  for (std::size_t i = 0; i < score.label_outcomes.size(); ++i) {
    const auto& outcome = score.label_outcomes[i];
    const double weight = label_weights.empty() ? 1 : label_weights[i];
    labels += weight;
    if (!outcome.found) continue;
    found += weight;
    delays.emplace_back(outcome.delay_s, weight);
  }
  double findings = 0;
  double right = 0;
  for (std::size_t i = 0; i < score.finding_outcomes.size(); ++i) {
    const double weight = finding_weights.empty() ? 1 : finding_weights[i];
    findings += weight;
    right += score.finding_outcomes[i].is_true ? weight : 0;
  }
  const auto confusion = confusion_of(score, label_weights, finding_weights);
  const auto recall = ratio(found, labels);
  const auto precision = ratio(right, findings);
  std::optional<double> f1;
  if (recall && precision) {
    f1 = *recall + *precision > 0 ? 2 * *recall * *precision / (*recall + *precision) : 0.0;
  }
  return {recall,
          precision,
          f1,
          ratio(findings - right, days),
          weighted_median(std::move(delays)),
          confusion.macro_f1(),
          confusion.strict_macro_f1()};
}

}  // namespace
}  // namespace by_kind

std::optional<double> Confusion::f1(Kind kind) const {
  if (kind == Kind::unknown) return std::nullopt;
  return by_kind::f1_of(*this, static_cast<std::size_t>(kind), causes, kind_count);
}

std::optional<double> Confusion::macro_f1() const {
  return by_kind::mean_f1(*this, causes, kind_count);
}

std::optional<double> Confusion::strict_macro_f1() const {
  return by_kind::mean_f1(*this, kind_count, kind_count + 1);
}

Confusion confusion_of(const Score& score, std::span<const double> label_weights,
                       std::span<const double> finding_weights) {
  Confusion confusion;
  for (std::size_t i = 0; i < score.label_outcomes.size(); ++i) {
    const auto& outcome = score.label_outcomes[i];
    if (outcome.kind == Kind::unknown) continue;
    const auto said = outcome.found ? static_cast<std::size_t>(outcome.said) : by_kind::missed;
    confusion.counts.at(static_cast<std::size_t>(outcome.kind)).at(said) +=
        label_weights.empty() ? 1 : label_weights[i];
  }
  for (std::size_t i = 0; i < score.finding_outcomes.size(); ++i) {
    const auto& outcome = score.finding_outcomes[i];
    if (outcome.is_true) continue;
    confusion.counts.at(by_kind::none).at(static_cast<std::size_t>(outcome.kind)) +=
        finding_weights.empty() ? 1 : finding_weights[i];
  }
  return confusion;
}

ScoreIntervals intervals_of(const Score& score, const BootstrapOptions& options) {
  using namespace by_kind;  // NOLINT(google-build-using-namespace): this file's own
  // The record's rows are its slices; each label and finding belongs to the slice it begins in.
  constexpr std::size_t slices = 4000;
  const auto span = std::max<Duration>(Duration(1), score.to - score.from);
  const auto slice_of = [&](Timestamp at) {
    const double part =
        static_cast<double>((at - score.from).count()) / static_cast<double>(span.count());
    return static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * (slices - 1));
  };
  const double days = std::chrono::duration<double>(span).count() / 86'400;
  const Drawn values = figures_of(score, {}, {}, days);
  std::array<std::vector<double>, std::tuple_size_v<Drawn>> draws;
  std::vector<double> label_weights(score.label_outcomes.size());
  std::vector<double> finding_weights(score.finding_outcomes.size());
  bootstrap(slices, options, [&](std::span<const double> weights) {
    for (std::size_t i = 0; i < label_weights.size(); ++i) {
      label_weights[i] = weights[slice_of(score.label_outcomes[i].start)];
    }
    for (std::size_t i = 0; i < finding_weights.size(); ++i) {
      finding_weights[i] = weights[slice_of(score.finding_outcomes[i].detected)];
    }
    const Drawn drawn = figures_of(score, label_weights, finding_weights, days);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if (drawn.at(i)) draws.at(i).push_back(*drawn.at(i));
    }
  });
  const auto of = [&](std::size_t i) -> std::optional<Estimate> {
    if (!values.at(i)) return std::nullopt;
    return estimate(*values.at(i), draws.at(i));
  };
  return {.recall = of(0),
          .precision = of(1),
          .f1 = of(2),
          .false_per_day = of(3),
          .median_delay_s = of(4),
          .macro_f1 = of(5),
          .strict_macro_f1 = of(6)};
}

}  // namespace sosie
