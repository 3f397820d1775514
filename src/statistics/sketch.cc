#include "statistics/sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sosie {
namespace {

constexpr unsigned bins_per_octave_log2 = 5;
constexpr unsigned shift = 52U - bins_per_octave_log2;
constexpr double smallest = 1e-12;

}  // namespace

std::uint32_t Sketch::bin_of(double magnitude) {
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(magnitude) >> shift);
}

double Sketch::middle_of(std::uint32_t bin) {
  const auto low = std::bit_cast<double>(static_cast<std::uint64_t>(bin) << shift);
  const auto high = std::bit_cast<double>(static_cast<std::uint64_t>(bin + 1) << shift);
  return (low + high) / 2;
}

void Sketch::add(double magnitude) {
  ++count_;
  if (!(magnitude > smallest)) {
    ++zeros_;
    return;
  }
  const auto bin = bin_of(magnitude);
  if (counts_.empty()) first_ = bin;
  if (bin < first_) {
    counts_.insert(counts_.begin(), first_ - bin, 0);
    first_ = bin;
  }
  if (bin - first_ >= counts_.size()) counts_.resize(bin - first_ + 1, 0);
  ++counts_[bin - first_];
}

double Sketch::quantile(double p) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(count_)));
  std::uint64_t below = zeros_;
  if (rank <= below) return 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    if (rank <= below) return middle_of(first_ + static_cast<std::uint32_t>(i));
  }
  return middle_of(first_ + static_cast<std::uint32_t>(counts_.size()) - 1);
}

double Sketch::unlikely() const {
  const double far = quantile(0.999);
  const double by_tail = far + 3 * (far - quantile(0.99));
  if (count_ >= 10'000) return by_tail;
  const double n = std::max(static_cast<double>(count_), 20.0);
  const double tenth_last = quantile(1 - 10 / n);
  const double decades = 8 - std::log10(n);  // from ten of n to one in ten million
  const double by_body =
      tenth_last + 0.75 * decades * (tenth_last - quantile(std::max(1 - 100 / n, 0.5)));
  return std::max(by_tail, by_body);
}

void Sketch::clear() {
  *this = Sketch();
}

}  // namespace sosie
