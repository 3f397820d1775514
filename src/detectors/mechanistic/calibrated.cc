#include "detectors/mechanistic/calibrated.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sosie::mechanistic {
namespace {

constexpr std::size_t least_looks = 200;
constexpr int reweightings = 6;
constexpr double far_sizes = 2;     // Huber's limit, in the residual's sizes
constexpr double clip_sizes = 20;   // of what joins the averages
constexpr double offset_sizes = 2;  // of what moves the offset
constexpr double highest_gain = 4;
constexpr double anything = 1e300;  // a size that clips nothing
constexpr double body = 0.8;        // the quantile that sizes are taken at

double quantile(std::vector<float> values, double p) {
  if (values.empty()) return 0;
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return static_cast<double>(*at);
}

double size_of(const std::vector<float>& values) {
  std::vector<float> magnitudes;
  magnitudes.reserve(values.size());
  for (const float value : values) {
    if (!std::isnan(value)) magnitudes.push_back(std::abs(value));
  }
  return quantile(std::move(magnitudes), body);
}

/// A course less its own slow mean of before.
std::vector<float> without_slow_mean(const std::vector<float>& course, double pace) {
  std::vector<float> left;
  left.reserve(course.size());
  double mean = std::nan("");
  for (const float value : course) {
    const auto now = static_cast<double>(value);
    if (std::isnan(mean)) mean = now;
    left.push_back(static_cast<float>(now - mean));
    if (!std::isnan(now)) mean += pace * (now - mean);
  }
  return left;
}

/// The slope of `y` over `x` through 0, by Huber's weights.
double slope_of(std::span<const float> y, std::span<const float> x) {
  double slope = 1;
  double far = std::numeric_limits<double>::infinity();
  std::vector<float> left(y.size());
  for (int pass = 0; pass < reweightings; ++pass) {
    double xy = 0;
    double xx = 0;
    for (std::size_t t = 0; t < y.size(); ++t) {
      const double a = x[t];
      const double b = y[t];
      if (std::isnan(a) || std::isnan(b)) continue;
      const double off = std::abs(b - slope * a);
      const double weight = off > far ? far / off : 1;
      xy += weight * a * b;
      xx += weight * a * a;
    }
    if (!(xx > 0)) return 0;
    slope = std::clamp(xy / xx, 0.0, highest_gain);
    for (std::size_t t = 0; t < y.size(); ++t) left[t] = static_cast<float>(y[t] - slope * x[t]);
    far = far_sizes * size_of(left);
  }
  return slope;
}

/// The course's track. `into`: none, or what is made of it.
struct Walk {
  std::vector<float> residual;
  std::vector<float> fast;
  std::vector<float> slow;
  double offset = 0;
};
Walk walk(const Course& course, std::size_t first, double gain, double scale, const Paces& paces) {
  Walk made;
  const std::size_t count = course.measured.size();
  made.residual.reserve(count - first);
  made.fast.reserve(count - first);
  made.slow.reserve(count - first);
  Track track;
  for (std::size_t t = 0; t < count; ++t) {
    const double leftover =
        static_cast<double>(course.measured[t]) - gain * static_cast<double>(course.said[t]);
    const bool is_known = !std::isnan(leftover);
    if (is_known && !track.has_begun()) track.begin(leftover);
    const double residual = leftover - track.offset();
    if (is_known) track.step(leftover, t < first ? anything : scale, paces);
    if (t < first) continue;
    made.residual.push_back(static_cast<float>(residual));
    made.fast.push_back(is_known ? static_cast<float>(std::abs(track.fast())) : std::nanf(""));
    made.slow.push_back(is_known ? static_cast<float>(std::abs(track.slow())) : std::nanf(""));
  }
  made.offset = track.offset();
  return made;
}

std::vector<float> known(const std::vector<float>& values) {
  std::vector<float> all;
  all.reserve(values.size());
  for (const float value : values) {
    if (!std::isnan(value)) all.push_back(value);
  }
  return all;
}

}  // namespace

void Track::step(double leftover, double most, const Paces& paces) {
  const double residual = leftover - offset_;
  const double clipped = std::clamp(residual, -clip_sizes * most, clip_sizes * most);
  fast_ += paces.fast * (clipped - fast_);
  slow_ += paces.slow * (clipped - slow_);
  offset_ += paces.adapt * std::clamp(residual, -offset_sizes * most, offset_sizes * most);
}

Fitted calibrate(const Course& course, std::size_t first, const Paces& paces) {
  Fitted fitted;
  if (course.measured.size() < first + least_looks) return fitted;
  const auto measured = without_slow_mean(course.measured, paces.adapt);
  const auto said = without_slow_mean(course.said, paces.adapt);
  const auto after = [&](const std::vector<float>& all) { return std::span(all).subspan(first); };
  const double gain = slope_of(after(measured), after(said));
  const auto rough = walk(course, first, gain, anything, paces);
  const double scale = size_of(rough.residual);
  const double own =
      size_of({measured.begin() + static_cast<std::ptrdiff_t>(first), measured.end()});
  if (!(scale > 0) || !(own > 0) || !(gain > 0)) return fitted;
  auto fine = walk(course, first, gain, scale, paces);
  auto fast = known(fine.fast);
  if (fast.size() < least_looks) return fitted;
  const double ratio = size_of(fine.residual) / own;
  fitted.column.gain = gain;
  fitted.column.scale = scale;
  fitted.column.skill = std::max(1 - ratio * ratio, 0.0);
  fitted.column.offset = fine.offset;
  fitted.column.usual = quantile(std::move(fast), 0.99);
  const auto course_said = known(course.said);
  const double low = quantile(course_said, 0.005);
  const double high = quantile(course_said, 0.995);
  fitted.column.middle = (low + high) / 2;
  fitted.column.reach = std::max((high - low) / 2, 1e-9);
  fitted.fast = std::move(fine.fast);
  fitted.slow = std::move(fine.slow);
  return fitted;
}

double limit_of(const std::vector<float>& magnitudes, std::size_t looks_a_part, double margin) {
  constexpr double ordinary_part = 0.95;
  constexpr double furthest = 2;
  std::vector<float> highest;
  highest.reserve(magnitudes.size() / looks_a_part + 1);
  for (std::size_t from = 0; from < magnitudes.size(); from += looks_a_part) {
    const auto part =
        std::span(magnitudes).subspan(from).first(std::min(looks_a_part, magnitudes.size() - from));
    float most = 0;
    for (const float value : part) most = std::max(most, std::isnan(value) ? 0.0F : value);
    highest.push_back(most);
  }
  const double most = quantile(highest, 1);
  return margin * std::min(most, furthest * quantile(std::move(highest), ordinary_part));
}

double widening(std::vector<double>& ratios) {
  constexpr std::size_t least_columns = 20;
  if (ratios.size() < least_columns) return 1;
  const auto at =
      ratios.begin() + static_cast<std::ptrdiff_t>(body * static_cast<double>(ratios.size() - 1));
  std::ranges::nth_element(ratios, at);
  return std::max(*at, 1.0);
}

}  // namespace sosie::mechanistic
