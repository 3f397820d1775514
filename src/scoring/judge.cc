#include "scoring/judge.h"

#include <algorithm>
#include <cmath>

namespace sosie::scoring {
namespace {

constexpr std::size_t most_for_a_tail = 4000;
constexpr double variance_kept = 0.9;
constexpr std::size_t memory_size = 256;
constexpr float furthest_deviation =
    6;  ///< deviations: what is beyond does not bend the covariance
constexpr float most_deviations = 1e6F;  ///< deviations: what is beyond counts as that far
constexpr double least_noise_share = 0.05;
constexpr float least_silence = 30;  ///< rows
constexpr float times_silence = 3;

constexpr std::array<std::string_view, statistics> names{"off its long course",
                                                         "off its short course",
                                                         "level",
                                                         "rate",
                                                         "noise",
                                                         "stuck",
                                                         "missing",
                                                         "not what the others say",
                                                         "not what the others say, over 15",
                                                         "shape, of a quarter",
                                                         "shape, of half",
                                                         "shape",
                                                         "T2",
                                                         "T2 over 5",
                                                         "T2 over 15",
                                                         "T2 over 40",
                                                         "Q",
                                                         "Q over 5",
                                                         "Q over 15",
                                                         "Q over 40",
                                                         "not remembered, over 5",
                                                         "not remembered, over 40"};

constexpr std::size_t at(Statistic statistic) {
  return static_cast<std::size_t>(statistic);
}

float cell(std::span<const float> row, std::size_t columns, Feature feature, std::size_t column) {
  return row[static_cast<std::size_t>(feature) * columns + column];
}

Feature main_over(std::size_t window) {
  return static_cast<Feature>(static_cast<std::size_t>(Feature::main_1) + window);
}

/// The middle value; 0 of none. Reorders.
float median_of(std::vector<float>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Values of one feature of one column, where known.
std::vector<float> values_of(const FeatureRows& rows, std::span<const std::uint32_t> which,
                             std::size_t columns, Feature feature, std::size_t column) {
  std::vector<float> values;
  values.reserve(which.size());
  for (const auto r : which) {
    const float value = cell(rows.row(r), columns, feature, column);
    if (!std::isnan(value)) values.push_back(value);
  }
  return values;
}

double deviation_of(std::span<const float> values, float center) {
  double sum = 0;
  for (const float value : values) sum += (value - center) * (value - center);
  return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

/// Every n-th, so that no more than `most` are left.
std::vector<std::uint32_t> thinned(std::span<const std::uint32_t> which, std::size_t most) {
  const auto step = which.size() / most + 1;
  std::vector<std::uint32_t> some;
  some.reserve(which.size() / step + 1);
  for (std::size_t i = 0; i < which.size(); i += step) some.push_back(which[i]);
  return some;
}

}  // namespace

std::string_view to_text(Statistic statistic) {
  return names.at(at(statistic));
}

Judge::Judge(const FeatureRows& rows, std::span<const std::uint32_t> which,
             std::span<const Profile> profiles)
    : width_(profiles.size()), columns_(profiles.size()) {
  learn_columns(rows, which, profiles);
  learn_together(rows, which);
}

/// Where a column lies, how far it ordinarily is from there, and how much it trembles.
void Judge::learn_scale(const FeatureRows& rows, std::span<const std::uint32_t> which,
                        std::size_t c) {
  auto& column = columns_[c];
  auto values = values_of(rows, which, width_, Feature::main_1, c);
  column.center = median_of(values);
  const double deviation = deviation_of(values, column.center);
  for (auto& value : values) value = std::abs(value - column.center);
  double scale = 1.4826 * median_of(values);
  if (scale < 0.1 * deviation) scale = deviation;  // mostly one value: the middle says nothing
  column.one_over_scale = scale > 0 ? static_cast<float>(1 / scale) : 0.0F;
  auto noise = values_of(rows, which, width_, Feature::noise, c);
  double mean = 0;
  for (const float value : noise) mean += value / static_cast<double>(noise.size());
  column.usual_noise = median_of(noise);
  column.least_noise = static_cast<float>(least_noise_share * mean);
}

void Judge::learn_columns(const FeatureRows& rows, std::span<const std::uint32_t> which,
                          std::span<const Profile> profiles) {
  const auto some = thinned(which, most_for_a_tail);
  std::vector<double> sample;
  for (std::size_t c = 0; c < width_; ++c) {
    auto& column = columns_[c];
    column.is_judged = profiles[c].known > 0;
    column.may_rest = profiles[c].is_constant;
    column.has_level = !profiles[c].is_constant && !profiles[c].is_slow;
    if (!column.is_judged) continue;
    learn_scale(rows, some, c);
    if (profiles[c].known >= 0.5) {
      const auto absent = values_of(rows, which, width_, Feature::absent, c);
      column.may_be_silent = std::max(least_silence, times_silence * std::ranges::max(absent));
    }
    for (std::size_t s = 0; s < at(Statistic::residual_1); ++s) {
      sample.clear();
      for (const auto r : some) {
        const double value = magnitude(rows.row(r), c, static_cast<Statistic>(s));
        if (!std::isnan(value)) sample.push_back(value);
      }
      column.tails.at(s) = fusion::Tail::fit(sample);
    }
  }
}

void Judge::learn_together(const FeatureRows& rows, std::span<const std::uint32_t> which) {
  for (std::size_t c = 0; c < width_ && together_.size() < most_together; ++c) {
    if (columns_[c].is_judged && columns_[c].one_over_scale > 0) {
      together_.push_back(static_cast<std::uint32_t>(c));
    }
  }
  const auto n = together_.size();
  u_.assign(n, 0.0F);
  auto found = covariance(rows, which);
  redundancy_ = Redundancy(found);
  const bool has_gaps = std::ranges::any_of(which, [&](std::uint32_t r) {
    standardize(rows.row(r), 0);
    return !unknown_.empty();
  });
  if (has_gaps) {  // once more: a column that is held for 0 there has less to do with the others
    found = covariance(rows, which);
    redundancy_ = Redundancy(found);
  }
  pca_ = Pca(std::move(found), variance_kept);
  std::vector<float> states;
  for (const auto r : thinned(which, most_for_a_tail)) {
    standardize(rows.row(r), 0);
    for (const float value : u_) {
      states.push_back(std::clamp(value, -furthest_deviation, furthest_deviation));
    }
  }
  memory_ = StateMemory(states, n, memory_size);
  if (!redundancy_.is_empty()) learn_residuals(rows, which);
}

Matrix Judge::covariance(const FeatureRows& rows, std::span<const std::uint32_t> which) {
  const auto n = together_.size();
  Matrix covariance(n);
  for (const auto r : which) {
    standardize(rows.row(r), 0);
    for (auto& value : u_) value = std::clamp(value, -furthest_deviation, furthest_deviation);
    for (std::size_t i = 0; i < n; ++i) {
      double* const into = covariance.row(i);
      const double x = u_[i];
      for (std::size_t j = 0; j <= i; ++j) into[j] += x * u_[j];
    }
  }
  const double count = std::max<double>(1, static_cast<double>(which.size()));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) covariance.at(j, i) = covariance.at(i, j) /= count;
  }
  return covariance;
}

void Judge::learn_residuals(const FeatureRows& rows, std::span<const std::uint32_t> which) {
  const auto some = thinned(which, most_for_a_tail);
  for (std::size_t k = 0; k < residual_windows.size(); ++k) {
    std::vector<std::vector<double>> samples(together_.size());
    for (const auto r : some) {
      standardize(rows.row(r), residual_windows.at(k));
      const auto residuals = redundancy_.residuals(u_);
      for (std::size_t i = 0; i < samples.size(); ++i) samples[i].push_back(std::abs(residuals[i]));
    }
    for (std::size_t i = 0; i < samples.size(); ++i) {
      auto& tails = columns_[together_[i]].tails;
      tails.at(at(Statistic::residual_1) + k) = fusion::Tail::fit(std::move(samples[i]));
    }
  }
}

void Judge::look_at_residuals(std::span<const float> row, Found& found) {
  if (redundancy_.is_empty()) return;
  for (std::size_t k = 0; k < residual_windows.size(); ++k) {
    standardize(row, residual_windows.at(k));
    const auto residuals = redundancy_.residuals(u_);
    const auto s = at(Statistic::residual_1) + k;
    for (std::size_t i = 0; i < together_.size(); ++i) {
      const auto c = together_[i];
      const double surprise = columns_[c].tails.at(s).surprise(std::abs(residuals[i]));
      if (surprise <= found.value.at(s)) continue;
      found.value.at(s) = surprise;
      found.column.at(s) = c;
    }
  }
}

/// What a single column's statistic is told by; NaN: not known, or not asked of this column.
double Judge::magnitude(std::span<const float> row, std::size_t c, Statistic statistic) const {
  const auto& column = columns_[c];
  switch (statistic) {
    case Statistic::high_long:
      return std::abs(cell(row, width_, Feature::high_long, c));
    case Statistic::high_short:
      return std::abs(cell(row, width_, Feature::high_short, c));
    case Statistic::level:
      if (!column.has_level) return NAN;
      return std::abs(cell(row, width_, Feature::main_5, c) - column.center);
    case Statistic::change:
      return std::abs(cell(row, width_, Feature::change, c));
    case Statistic::noise: {
      if (column.least_noise <= 0) return NAN;
      const double noise = cell(row, width_, Feature::noise, c);
      return std::abs(
          std::log((noise + column.least_noise) / (column.usual_noise + column.least_noise)));
    }
    case Statistic::still:
      if (column.may_rest) return NAN;
      return cell(row, width_, Feature::still, c);
    default:
      return cell(row, width_, Feature::absent, c);
  }
}

void Judge::standardize(std::span<const float> row, std::size_t window) {
  standardize(row, main_over(window));
}

void Judge::standardize(std::span<const float> row, Feature feature) {
  unknown_.clear();
  for (std::size_t i = 0; i < together_.size(); ++i) {
    const auto& column = columns_[together_[i]];
    const float value = cell(row, width_, feature, together_[i]);
    const float off = (value - column.center) * column.one_over_scale;
    u_[i] = std::isnan(value) ? 0.0F : std::clamp(off, -most_deviations, most_deviations);
    if (std::isnan(value)) unknown_.push_back(static_cast<std::uint32_t>(i));
  }
  if (!redundancy_.is_empty()) redundancy_.fill(u_, unknown_);
}

/// In the metric of what the columns have to do with each other: c' P c.
double Judge::contrast(std::span<const float> row, std::size_t window, Feature other) {
  standardize(row, window);
  const auto before = u_;
  standardize(row, other);
  for (std::size_t i = 0; i < u_.size(); ++i) u_[i] -= before[i];
  if (redundancy_.is_empty()) return u_.empty() ? 0 : static_cast<double>(u_[0]) * u_[0];
  const auto residuals = redundancy_.residuals(u_);
  double sum = 0;
  for (std::size_t i = 0; i < u_.size(); ++i) sum += static_cast<double>(u_[i]) * residuals[i];
  return std::max(0.0, sum);
}

void Judge::look_for_broken(std::span<const float> row, Found& found) const {
  const auto see = [&](double share, std::size_t c) {
    if (share <= found.broken) return;
    found.broken = share;
    found.broken_column = static_cast<std::uint32_t>(c);
  };
  std::size_t there = 0;
  std::size_t silent = 0;
  for (std::size_t c = 0; c < width_; ++c) {
    if (columns_[c].may_be_silent <= 0) continue;
    const float absent = cell(row, width_, Feature::absent, c);
    (absent > 0 ? silent : there) += 1;
    see(absent / columns_[c].may_be_silent, c);
  }
  if (silent > there) found.broken = 0;  // it is the record that has a gap
  for (std::size_t c = 0; c < width_; ++c) {
    if (columns_[c].may_rest && std::abs(cell(row, width_, Feature::main_1, c)) > 0) see(1, c);
  }
}

void Judge::look(std::span<const float> row, Found& found) {
  found = {};
  look_for_broken(row, found);
  for (std::size_t c = 0; c < width_; ++c) {
    if (!columns_[c].is_judged) continue;
    for (std::size_t s = 0; s < at(Statistic::residual_1); ++s) {
      const double value = magnitude(row, c, static_cast<Statistic>(s));
      if (!(value > 0)) continue;
      const double surprise = columns_[c].tails[s].surprise(value);
      if (surprise <= found.value[s]) continue;
      found.value[s] = surprise;
      found.column[s] = static_cast<std::uint32_t>(c);
    }
  }
  found.contrast = contrast(row, 3, Feature::main_5);
  if (together_.empty()) return;
  look_at_residuals(row, found);
  for (std::size_t w = 0; w < main_rows.size(); ++w) {
    standardize(row, w);
    const auto distances = pca_.distances(u_);
    found.value[at(Statistic::t2) + w] = distances.t2;
    found.value[at(Statistic::q) + w] = distances.q;
  }
  for (std::size_t k = 0; k < memory_windows.size(); ++k) {
    standardize(row, memory_windows.at(k));
    found.value.at(at(Statistic::memory) + k) = memory_.distance(u_);
  }
}

double Judge::news(std::span<const float> row) {
  double most = 0;
  if (together_.empty()) return most;
  for (std::size_t w = 1; w < main_rows.size(); ++w) {
    most = std::max(most, contrast(row, w, Feature::fresh));
  }
  return most;
}

std::uint32_t Judge::culprit(std::span<const float> row, Statistic statistic) {
  const auto n = together_.size();
  if (n == 0) return 0;
  if (statistic < Statistic::t2) {
    standardize(row, residual_windows.at(at(statistic) - at(Statistic::residual_1)));
    return together_[redundancy_.culprit(u_)];
  }
  std::vector<double> parts(n);
  if (statistic >= Statistic::memory) {
    standardize(row, memory_windows.at(at(statistic) - at(Statistic::memory)));
    memory_.distance(u_);
    for (std::size_t i = 0; i < n; ++i) parts[i] = std::abs(u_[i] - memory_.expected()[i]);
  } else {
    const bool is_q = statistic >= Statistic::q;
    standardize(row, at(statistic) - at(is_q ? Statistic::q : Statistic::t2));
    pca_.distances(u_);
    std::vector<double> unused(n);
    pca_.contributions(u_, is_q ? unused : parts, is_q ? parts : unused);
  }
  return together_[static_cast<std::size_t>(std::ranges::max_element(parts) - parts.begin())];
}

}  // namespace sosie::scoring
