#include "compliance/composite.h"

#include <algorithm>
#include <cstddef>

namespace sosie {
namespace {

constexpr int hours_a_span = 24;

std::chrono::local_days day_of(Timestamp at, const Zone& zone) {
  const auto local = at + zone.offset(at);
  return std::chrono::local_days{std::chrono::floor<std::chrono::days>(local).time_since_epoch()};
}

/// 24, and 23 or 25 where the clocks change.
double hours_of(std::chrono::local_days day, const Zone& zone) {
  const auto midnight = [&](std::chrono::local_days of) {
    return zone.to_utc(Timestamp{of.time_since_epoch()});
  };
  const Duration length = midnight(day + std::chrono::days(1)) - midnight(day);
  return std::chrono::duration<double, std::ratio<3600>>(length).count();
}

/// Calls `use(day, hours)` for each local day with enough hours.
template <class Use>
void for_each_day(std::span<const HourMean> hours, const Zone& zone, Use&& use) {
  std::size_t begin = 0;
  while (begin < hours.size()) {
    const auto day = day_of(hours[begin].from, zone);
    std::size_t end = begin;
    while (end < hours.size() && day_of(hours[end].from, zone) == day) ++end;
    const auto of_day = hours.subspan(begin, end - begin);
    if (of_day.size() >= composite_min_hours) use(day, of_day);
    begin = end;
  }
}

/// Calls `use(k, hours)` for the k-th 24 h from `from` on, where there are enough hours.
template <class Use>
void for_each_span(std::span<const HourMean> hours, Timestamp from, int min_hours, Use&& use) {
  const auto number_of = [&](const HourMean& hour) {
    return static_cast<int>((hour.from - from) / std::chrono::hours(hours_a_span));
  };
  std::size_t begin = 0;
  while (begin < hours.size()) {
    const int k = number_of(hours[begin]);
    std::size_t end = begin;
    while (end < hours.size() && number_of(hours[end]) == k) ++end;
    if (end - begin >= static_cast<std::size_t>(min_hours)) {
      use(k, hours.subspan(begin, end - begin));
    }
    begin = end;
  }
}

double mean_of(std::span<const HourMean> hours) {
  double sum = 0;
  for (const HourMean& hour : hours) sum += hour.mean;
  return sum / static_cast<double>(hours.size());
}

/// The part of `all` that falls into the hours of `hours`.
std::span<const HourMean> overlap(std::span<const HourMean> all, std::span<const HourMean> hours) {
  const auto first = std::ranges::lower_bound(all, hours.front().from, {}, &HourMean::from);
  const auto last = std::ranges::upper_bound(all, hours.back().from, {}, &HourMean::from);
  return {first, last};
}

}  // namespace

std::optional<double> flow_weighted_mean(std::span<const HourMean> concentration,
                                         std::span<const HourMean> flow) {
  if (concentration.empty()) return std::nullopt;
  const auto flows = overlap(flow, concentration);
  const double usual = flows.empty() ? 1 : std::max(mean_of(flows), 0.0);
  double load = 0;
  double volume = 0;
  for (const HourMean& hour : concentration) {
    const auto found = std::ranges::lower_bound(flows, hour.from, {}, &HourMean::from);
    const bool is_known = found != flows.end() && found->from == hour.from;
    // A flow meter may read a little below zero when nothing flows: that is no water.
    const double weight = is_known ? std::max(found->mean, 0.0) : usual;
    load += hour.mean * weight;
    volume += weight;
  }
  return volume > 0 ? load / volume : mean_of(concentration);
}

std::vector<Composite> daily_composites(std::span<const HourMean> concentration,
                                        std::span<const HourMean> flow, const Zone& zone) {
  std::vector<Composite> days;
  for_each_day(concentration, zone, [&](auto day, std::span<const HourMean> hours) {
    if (const auto mean = flow_weighted_mean(hours, flow)) days.push_back({day, *mean});
  });
  return days;
}

std::vector<Composite> span_composites(std::span<const HourMean> concentration,
                                       std::span<const HourMean> flow, Timestamp from,
                                       const Zone& zone, int min_hours) {
  std::vector<Composite> spans;
  for_each_span(concentration, from, min_hours, [&](int k, std::span<const HourMean> hours) {
    if (const auto mean = flow_weighted_mean(hours, flow)) {
      spans.push_back({day_of(from, zone) + std::chrono::days(k), *mean});
    }
  });
  return spans;
}

std::vector<Composite> span_volumes(std::span<const HourMean> flow_m3_per_h, Timestamp from,
                                    const Zone& zone, int min_hours) {
  std::vector<Composite> spans;
  for_each_span(flow_m3_per_h, from, min_hours, [&](int k, std::span<const HourMean> hours) {
    spans.push_back({day_of(from, zone) + std::chrono::days(k), mean_of(hours) * hours_a_span});
  });
  return spans;
}

std::vector<Composite> daily_volumes(std::span<const HourMean> flow_m3_per_h, const Zone& zone) {
  std::vector<Composite> days;
  for_each_day(flow_m3_per_h, zone, [&](auto day, std::span<const HourMean> hours) {
    days.push_back({day, mean_of(hours) * hours_of(day, zone)});
  });
  return days;
}

}  // namespace sosie
