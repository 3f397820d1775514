#include <algorithm>

#include "engine/statistics.h"

namespace sosie {

void LatencyHistogram::add(double seconds) {
  const auto* const bucket = std::lower_bound(bounds_s.begin(), bounds_s.end(), seconds);
  auto& count = counts_.at(static_cast<std::size_t>(bucket - bounds_s.begin()));
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sum_s_.store(sum_s_.load(std::memory_order_relaxed) + seconds, std::memory_order_relaxed);
}

LatencyHistogram::Snapshot LatencyHistogram::snapshot() const {
  Snapshot taken;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    taken.counts.at(i) = counts_.at(i).load(std::memory_order_relaxed);
    taken.count += taken.counts.at(i);
  }
  taken.sum_s = sum_s_.load(std::memory_order_relaxed);
  return taken;
}

double LatencyHistogram::Snapshot::quantile(double q) const {
  if (count == 0) return 0;
  const double rank = q * static_cast<double>(count);
  double below = 0;
  for (std::size_t i = 0; i < bounds_s.size(); ++i) {
    const auto here = static_cast<double>(counts.at(i));
    if (below + here >= rank && here > 0) {
      const double low = i == 0 ? 0 : bounds_s.at(i - 1);
      return low + (bounds_s.at(i) - low) * (rank - below) / here;
    }
    below += here;
  }
  return bounds_s.back();  // above the last bound: all that is known is "at least this"
}

}  // namespace sosie
