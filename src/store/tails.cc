#include "store/tails.h"

#include <algorithm>
#include <bit>

namespace sosie {
namespace {

/// Bit for bit, so that NaN is itself and -0 is not 0.
bool is_same(const Reading& a, const Reading& b) {
  return std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value) &&
         a.quality == b.quality && a.reason == b.reason;
}

}  // namespace

std::vector<Reading> Tails::copy(SeriesId series) const {
  const std::scoped_lock lock(mutex_);
  return of(series);
}

std::vector<std::vector<Reading>> Tails::copy_all() const {
  const std::scoped_lock lock(mutex_);
  return tails_;
}

const std::vector<Reading>& Tails::of(SeriesId series) const {
  static const std::vector<Reading> none;
  return series.index < tails_.size() ? tails_[series.index] : none;
}

void merge_readings(std::vector<Reading>& readings, std::span<const Reading> more,
                    std::vector<Reading>& news) {
  if (readings.empty() || (!more.empty() && readings.back().at < more.front().at)) {
    readings.insert(readings.end(), more.begin(), more.end());
    news.insert(news.end(), more.begin(), more.end());
    return;
  }
  std::vector<Reading> merged;
  merged.reserve(readings.size() + more.size());
  auto old = readings.begin();
  for (const auto& reading : more) {
    const auto here = std::lower_bound(old, readings.end(), reading.at,
                                       [](const Reading& r, Timestamp at) { return r.at < at; });
    merged.insert(merged.end(), old, here);
    old = here;
    const bool known = old != readings.end() && old->at == reading.at;
    if (!known || !is_same(*old, reading)) news.push_back(reading);
    if (known) ++old;
    merged.push_back(reading);
  }
  merged.insert(merged.end(), old, readings.end());
  readings = std::move(merged);
}

void sort_readings(std::vector<Reading>& readings) {
  const auto no_growth = [](const Reading& a, const Reading& b) { return a.at >= b.at; };
  if (std::ranges::adjacent_find(readings, no_growth) == readings.end()) return;
  std::ranges::stable_sort(readings, {}, &Reading::at);
  // unique keeps the first of its kind; the last is wanted, so it works from the other end.
  const auto kept = std::unique(readings.rbegin(), readings.rend(),
                                [](const Reading& a, const Reading& b) { return a.at == b.at; });
  readings.erase(readings.begin(), kept.base());
}

}  // namespace sosie
