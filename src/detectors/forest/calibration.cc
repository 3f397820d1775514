#include "detectors/forest/calibration.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sosie::forest {
namespace {

constexpr double least_slope = 1e-6;  ///< where all scores are alike

}  // namespace

Calibration::Calibration(std::vector<double> scores) : count_(scores.size()) {
  std::sort(scores.begin(), scores.end());
  median_ = scores[scores.size() / 2];
  lowest_.assign(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(scores.size() / 10));
  anchor_ = lowest_[lowest_.size() / 10];
  slope_ = std::max(least_slope, (lowest_.back() - anchor_) / std::numbers::ln10);
}

double Calibration::rarity(double score) const {
  const auto below = std::upper_bound(lowest_.begin(), lowest_.end(), std::max(score, anchor_));
  if (below == lowest_.end()) return 1;
  const double rank = static_cast<double>(below - lowest_.begin()) / static_cast<double>(count_);
  return score < anchor_ ? rank * std::exp((score - anchor_) / slope_) : rank;
}

double Calibration::confidence(double score, double prior) const {
  return prior / (prior + (1 - prior) * rarity(score));
}

void Calibration::put(ByteWriter& out) const {
  out.put(count_);
  out.put(median_);
  out.put(anchor_);
  out.put(slope_);
  out.put(static_cast<std::uint32_t>(lowest_.size()));
  for (const double score : lowest_) out.put(score);
}

Result<Calibration> Calibration::get(ByteReader& in) {
  Calibration read;
  read.count_ = in.get<std::uint64_t>();
  read.median_ = in.get<double>();
  read.anchor_ = in.get<double>();
  read.slope_ = in.get<double>();
  const auto size = in.get<std::uint32_t>();
  if (size > in.left() / sizeof(double)) return Error{Errc::corrupt, "calibration: cut short"};
  read.lowest_.resize(size);
  for (double& score : read.lowest_) score = in.get<double>();
  const bool sound = in.ok() && read.count_ >= least && size == read.count_ / 10 &&
                     read.slope_ >= least_slope && std::isfinite(read.slope_) &&
                     std::isfinite(read.anchor_) && std::isfinite(read.median_) &&
                     std::all_of(read.lowest_.begin(), read.lowest_.end(),
                                 [](double score) { return std::isfinite(score); }) &&
                     std::is_sorted(read.lowest_.begin(), read.lowest_.end());
  if (!sound) return Error{Errc::corrupt, "calibration: scores that cannot be"};
  return read;
}

}  // namespace sosie::forest
