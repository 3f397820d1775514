#include "scoring/suspects.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fusion/combine.h"

namespace sosie::scoring {
namespace {

constexpr double times_width = 10;
constexpr std::size_t longest_wild = 3;     ///< rows
constexpr std::size_t one_wild_in = 50;     ///< known values of a column
constexpr std::size_t least_known = 100;    ///< values: fewer have no middle nine tenths
constexpr std::size_t one_strange_in = 10;  ///< rows
constexpr std::size_t least_judged = 100;   ///< rows: fewer have no bulk
constexpr double spare_decades = 4;
constexpr std::uint32_t longest_pause = 5;  ///< rows, within what is one fault
constexpr std::size_t least_lasting = 10;  ///< rows of one: what is far out for less is a long tail

/// REQUIRES: `sorted` is not empty.
double quantile(std::span<const double> sorted, double p) {
  return sorted[static_cast<std::size_t>(std::lround(p * static_cast<double>(sorted.size() - 1)))];
}

struct Fence {
  double low = 0;
  double high = 0;

  bool has_out(double value) const { return value < low || value > high; }
};

/// Nothing is out where the middle nine tenths are one value.
Fence fence_of(std::vector<double> known) {
  std::ranges::sort(known);
  const double low = quantile(known, 0.05);
  const double high = quantile(known, 0.95);
  if (high <= low) return {known.front(), known.back()};
  return {low - times_width * (high - low), high + times_width * (high - low)};
}

void blank_column(Block& block, std::size_t c, Wild& wild) {
  std::vector<double> known;
  known.reserve(block.rows());
  for (std::size_t r = 0; r < block.rows(); ++r) {
    if (const double value = block.row(r)[c]; !std::isnan(value)) known.push_back(value);
  }
  if (known.size() < least_known) return;
  const auto most = known.size() / one_wild_in;
  const auto fence = fence_of(std::move(known));
  std::vector<std::size_t> out;
  std::size_t run = 0;
  for (std::size_t r = 0; r < block.rows(); ++r) {
    run = fence.has_out(block.row(r)[c]) ? run + 1 : 0;
    if (run > longest_wild) return;  // it stays there: something happened
    if (run > 0) out.push_back(r);
  }
  if (out.empty() || out.size() > most) return;
  if (wild.cells == 0 || out.front() < wild.first_row) wild.first_row = out.front();
  wild.cells += out.size();
  for (const auto r : out) block.cells[r * block.columns + c] = NAN;
}

/// How rare a magnitude is by the bulk of a sample: a Weibull tail through its median and its 90 %
/// quantile, which no fault in less than a tenth of the sample bends.
class Bulk {
 public:
  explicit Bulk(std::vector<double> sample) {
    std::ranges::sort(sample);
    const double middle = quantile(sample, 0.5);
    one_in_ten_ = quantile(sample, 0.9);
    if (middle > 0 && one_in_ten_ > middle) {
      shape_ = std::log(std::log(10.0) / std::log(2.0)) / std::log(one_in_ten_ / middle);
    }
  }
  /// -log10 of the chance; 0 where the sample has no bulk.
  double surprise(double magnitude) const {
    return shape_ > 0 && magnitude > 0 ? std::pow(magnitude / one_in_ten_, shape_) : 0;
  }

 private:
  double one_in_ten_ = 0;
  double shape_ = 0;
};

/// Those of the indices that lie close together in some number.
std::vector<std::uint32_t> lasting(std::span<const std::uint32_t> indices) {
  std::vector<std::uint32_t> all;
  for (std::size_t begin = 0; begin < indices.size();) {
    auto end = begin + 1;
    while (end < indices.size() && indices[end] - indices[end - 1] <= longest_pause) ++end;
    if (end - begin >= least_lasting) {
      all.insert(all.end(), indices.begin() + static_cast<std::ptrdiff_t>(begin),
                 indices.begin() + static_cast<std::ptrdiff_t>(end));
    }
    begin = end;
  }
  return all;
}

}  // namespace

Wild blank_wild(Block& block) {
  Wild wild;
  for (std::size_t c = 0; c < block.columns; ++c) blank_column(block, c, wild);
  return wild;
}

std::vector<std::uint32_t> far_out(std::span<const Judge::Found> found,
                                   std::span<const std::uint32_t> kept) {
  std::vector<std::uint32_t> strange;
  if (found.size() < least_judged) return strange;
  constexpr auto first = static_cast<std::size_t>(Statistic::t2);
  std::vector<Bulk> bulks;
  bulks.reserve(statistics - first);
  std::vector<double> sample(found.size());
  for (auto s = first; s < statistics; ++s) {
    std::ranges::transform(found, sample.begin(), [&](const auto& one) { return one.value.at(s); });
    bulks.emplace_back(sample);
  }
  const double limit = std::log10(static_cast<double>(found.size())) + spare_decades;
  std::array<double, statistics - first> surprises{};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t s = 0; s < bulks.size(); ++s) {
      surprises.at(s) = bulks[s].surprise(found[i].value.at(first + s));
    }
    if (fusion::mean_of_highest(surprises, agreeing) > limit) {
      strange.push_back(static_cast<std::uint32_t>(i));
    }
  }
  strange = lasting(strange);
  if (strange.size() * one_strange_in > found.size()) strange.clear();
  for (auto& i : strange) i = kept[i];
  return strange;
}

}  // namespace sosie::scoring
