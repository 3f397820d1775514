#include "store/tails.h"

#include <algorithm>
#include <bit>
#include <chrono>

namespace sosie {
namespace {

constexpr std::chrono::seconds patience(1);

/// Bit for bit, so that NaN is itself and -0 is not 0.
bool is_same(const Reading& a, const Reading& b) {
  return std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value) &&
         a.quality == b.quality && a.reason == b.reason;
}

}  // namespace

std::unique_lock<std::mutex> Tails::lock_at(std::uint64_t version) const {
  std::unique_lock lock(mutex_);
  // Not for ever: a commit may have failed after all, and what is here is good, only older.
  published_.wait_for(lock, patience, [&] { return version_ >= version; });
  return lock;
}

Tails::Copy Tails::copy(std::span<const SeriesId> series, std::uint64_t version) const {
  const auto lock = lock_at(version);
  Copy copy{version_, {}};
  copy.tails.reserve(series.size());
  for (const auto id : series) {
    auto& tail = copy.tails.emplace_back();
    tail.reserve(of(id).size());
    of(id).copy_to(id, tail);
  }
  return copy;
}

Tails::CopyOfAll Tails::copy_all(std::uint64_t version) const {
  const auto lock = lock_at(version);
  CopyOfAll copy{version_, {}, {}};
  std::size_t count = 0;
  for (const auto& tail : tails_) count += tail.size();
  copy.readings.reserve(count);
  copy.ends.reserve(tails_.size());
  for (std::uint32_t i = 0; i < tails_.size(); ++i) {
    tails_[i].copy_to({i}, copy.readings);
    copy.ends.push_back(copy.readings.size());
  }
  return copy;
}

std::span<const Reading> Tails::CopyOfAll::of(SeriesId series) const {
  if (series.index >= ends.size()) return {};
  const std::size_t begin = series.index == 0 ? 0 : ends[series.index - 1];
  return std::span(readings).subspan(begin, ends[series.index] - begin);
}

std::optional<Tails::Bounds> Tails::bounds() const {
  const std::scoped_lock lock(mutex_);
  std::optional<Bounds> all;
  for (const auto& tail : tails_) {
    if (tail.empty()) continue;
    if (!all) all = {tail.oldest(), tail.newest()};
    all = {std::min(all->oldest, tail.oldest()), std::max(all->newest, tail.newest())};
  }
  return all;
}

const Tail& Tails::of(SeriesId series) const {
  static const Tail none;
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
  std::vector<std::pair<Timestamp, std::size_t>> order;
  order.reserve(readings.size());
  for (const auto& reading : readings) order.emplace_back(reading.at, order.size());
  std::ranges::sort(order);
  std::vector<Reading> sorted;
  sorted.reserve(readings.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_last_word = i + 1 == order.size() || order[i + 1].first != order[i].first;
    if (is_last_word) sorted.push_back(readings[order[i].second]);
  }
  readings = std::move(sorted);
}

}  // namespace sosie
