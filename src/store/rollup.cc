#include "store/rollup.h"

#include <algorithm>
#include <array>

namespace sosie {
namespace {

constexpr std::array<std::string_view, resolution_count> names{"raw", "1m", "1h", "1d"};
constexpr std::array<Duration, resolution_count> widths{
    Duration(0), std::chrono::minutes(1), std::chrono::hours(1), std::chrono::hours(24)};

void add(Bucket& bucket, const Reading& reading) {
  if (reading.quality == Quality::bad) {
    ++bucket.bad;
    return;
  }
  if (bucket.count == 0) bucket.first = bucket.min = bucket.max = reading.value;
  bucket.min = std::min(bucket.min, reading.value);
  bucket.max = std::max(bucket.max, reading.value);
  bucket.last = reading.value;
  bucket.sum += reading.value;
  ++bucket.count;
}

void add(Bucket& bucket, const Bucket& later) {
  bucket.bad += later.bad;
  if (later.count == 0) return;
  if (bucket.count == 0) {
    bucket.first = later.first;
    bucket.min = later.min;
    bucket.max = later.max;
  }
  bucket.min = std::min(bucket.min, later.min);
  bucket.max = std::max(bucket.max, later.max);
  bucket.last = later.last;
  bucket.sum += later.sum;
  bucket.count += later.count;
}

template <class Item, class TimeOf>
void roll_up_items(std::span<const Item> items, Duration width, std::vector<Bucket>& buckets,
                   TimeOf time_of) {
  Timestamp end = buckets.empty() ? Timestamp::min() : buckets.back().start + width;
  for (const auto& item : items) {
    const Timestamp at = time_of(item);
    if (at >= end) {  // also the very first: nothing is before Timestamp::min()
      buckets.push_back({.start = floor_to(at, width)});
      end = buckets.back().start + width;
    }
    add(buckets.back(), item);
  }
}

}  // namespace

std::string_view to_text(Resolution resolution) {
  return names.at(static_cast<std::size_t>(resolution));
}

Duration width_of(Resolution resolution) {
  return widths.at(static_cast<std::size_t>(resolution));
}

Timestamp floor_to(Timestamp at, Duration width) {
  const auto since = at.time_since_epoch();
  auto whole = since - since % width;
  if (whole > since) whole -= width;
  return Timestamp(whole);
}

void roll_up(std::span<const Reading> readings, Duration width, std::vector<Bucket>& buckets) {
  roll_up_items(readings, width, buckets, [](const Reading& r) { return r.at; });
}

void roll_up(std::span<const Bucket> finer, Duration width, std::vector<Bucket>& buckets) {
  roll_up_items(finer, width, buckets, [](const Bucket& b) { return b.start; });
}

}  // namespace sosie
