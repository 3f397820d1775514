#include "evaluation/affiliation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sosie {
namespace {

/// A stretch of the row axis, where row i lies from i to i + 1.
struct Stretch {
  double begin = 0;
  double end = 0;
  double length() const { return end - begin; }
};

constexpr double cell = 0.5;

/// Calls `use(middle, length)` for the half rows of `s`.
template <class F>
void for_cells(Stretch s, F&& use) {
  const auto cells = static_cast<std::size_t>(std::ceil(s.length() / cell));
  for (std::size_t i = 0; i < cells; ++i) {
    const double at = s.begin + cell * static_cast<double>(i);
    const double end = std::min(at + cell, s.end);
    use((at + end) / 2, end - at);
  }
}

double distance(double at, Stretch to) {
  return std::max({0.0, to.begin - at, at - to.end});
}

/// Flagged stretches within the zone.
std::vector<Stretch> within(std::span<const Run> flagged, Stretch zone) {
  std::vector<Stretch> parts;
  auto next = std::ranges::partition_point(
      flagged, [&](const Run& run) { return static_cast<double>(run.end) <= zone.begin; });
  for (; next != flagged.end() && static_cast<double>(next->begin) < zone.end; ++next) {
    parts.push_back({std::max(zone.begin, static_cast<double>(next->begin)),
                     std::min(zone.end, static_cast<double>(next->end))});
  }
  return parts;
}

/// The mean, over flagged places, of the chance that a random place of the zone is no nearer.
double precision_in(Stretch zone, Stretch event, std::span<const Stretch> flagged) {
  double sum = 0;
  double length = 0;
  const double left = event.begin - zone.begin;
  const double right = zone.end - event.end;
  for (const auto& part : flagged) {
    for_cells(part, [&](double at, double size) {
      const double d = distance(at, event);
      const double nearer =
          d <= 0 ? 0 : (event.length() + std::min(d, left) + std::min(d, right)) / zone.length();
      sum += size * (1 - nearer);
      length += size;
    });
  }
  return sum / length;
}

/// The mean, over places of the event, of the chance that a random place of the zone is no nearer
/// than the nearest flagged one.
double recall_in(Stretch zone, Stretch event, std::span<const Stretch> flagged) {
  if (flagged.empty()) return 0;
  double sum = 0;
  std::size_t next = 0;  // the first that ends behind the place
  for_cells(event, [&](double at, double size) {
    while (next < flagged.size() && flagged[next].end < at) ++next;
    double d = std::numeric_limits<double>::infinity();
    if (next < flagged.size()) d = distance(at, flagged[next]);
    if (next > 0) d = std::min(d, distance(at, flagged[next - 1]));
    const double nearer =
        (std::min(d, at - zone.begin) + std::min(d, zone.end - at)) / zone.length();
    sum += size * (1 - nearer);
  });
  return sum / event.length();
}

double zone_weight(std::span<const double> weights, std::size_t i) {
  return weights.empty() ? 1.0 : weights[i];
}

}  // namespace

std::optional<double> Affiliation::mean_precision(std::span<const double> weights) const {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < precision.size(); ++i) {
    if (!precision[i]) continue;
    sum += zone_weight(weights, i) * *precision[i];
    total += zone_weight(weights, i);
  }
  if (total <= 0) return std::nullopt;
  return sum / total;
}

std::optional<double> Affiliation::mean_recall(std::span<const double> weights) const {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < recall.size(); ++i) {
    sum += zone_weight(weights, i) * recall[i];
    total += zone_weight(weights, i);
  }
  if (total <= 0) return std::nullopt;
  return sum / total;
}

Affiliation affiliation(std::span<const Run> events, std::span<const Run> flagged,
                        std::size_t rows) {
  Affiliation result;
  result.precision.reserve(events.size());
  result.recall.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Stretch event{static_cast<double>(events[i].begin), static_cast<double>(events[i].end)};
    const Stretch zone{i == 0 ? 0.0 : (static_cast<double>(events[i - 1].end) + event.begin) / 2,
                       i + 1 == events.size()
                           ? static_cast<double>(rows)
                           : (event.end + static_cast<double>(events[i + 1].begin)) / 2};
    const auto parts = within(flagged, zone);
    result.precision.push_back(parts.empty() ? std::nullopt
                                             : std::optional(precision_in(zone, event, parts)));
    result.recall.push_back(recall_in(zone, event, parts));
  }
  return result;
}

}  // namespace sosie
