#include "scoring/counters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sosie::scoring {
namespace {

constexpr std::size_t tenths = 10;
constexpr std::size_t least_counts = 100;  ///< values
constexpr double rounding = 1e-9;          ///< of a count: growth that differs by less is the same

/// The middle growth of a column that counts; 0 of any other.
double step_of(const Block& block, std::size_t c) {
  std::array<bool, tenths> grows{};
  std::vector<double> growth;
  growth.reserve(block.rows());
  double last = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t r = 0; r < block.rows(); ++r) {
    const double value = block.row(r)[c];
    if (std::isnan(value)) continue;
    if (value < last) return 0;
    if (value > last) grows.at(r * tenths / block.rows()) = true;
    if (!std::isnan(last)) growth.push_back(value - last);
    last = value;
  }
  const bool is_counting =
      growth.size() >= least_counts && std::ranges::all_of(grows, [](bool is) { return is; });
  if (!is_counting) return 0;
  const auto middle = growth.begin() + static_cast<std::ptrdiff_t>(growth.size() / 2);
  std::ranges::nth_element(growth, middle);
  // One that mostly rests has no step; what marks it as counting is that it is not "not at all".
  return std::max(*middle, std::numeric_limits<double>::min());
}

}  // namespace

Counters::Counters(const Block& block) {
  for (std::size_t c = 0; c < block.columns; ++c) {
    if (const double step = step_of(block, c); step > 0) {
      counting_.push_back({.column = c, .step = step});
    }
  }
}

bool Counters::has(std::size_t column) const {
  return std::ranges::any_of(counting_, [&](const auto& one) { return one.column == column; });
}

void Counters::replace(std::span<double> row) {
  for (auto& one : counting_) {
    const double count = row[one.column];
    double& growth = row[one.column] = std::numeric_limits<double>::quiet_NaN();
    if (one.rows > 0 && !std::isnan(count)) {
      const bool is_anew = count >= 0 && count < one.last / 2;
      growth = (is_anew ? count : count - one.last) / one.rows;
      if (std::abs(growth - one.step) <= rounding * std::abs(count)) growth = one.step;
    }
    if (!std::isnan(count)) {
      one.last = count;
      one.rows = 1;
    } else if (one.rows > 0) {
      one.rows += 1;
    }
  }
}

}  // namespace sosie::scoring
